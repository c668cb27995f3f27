import { nameText } from '../../text/printable';
import { html, markdown } from '../escape';

/** A part of a text that is shown folded. */
export interface Chapter {
  /** As it came. */
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/** How much a place takes. */
export interface Room {
  readonly most: number;
  /** What a text counts for there: bytes, or characters. */
  readonly sizeOf: (text: string) => number;
  /** The limit in words. */
  readonly inWords: string;
}

/** So much is kept free for the words about what was left out. */
const NOTICE = 4000;
/** Of the chapters that did not fit so many are named. */
const MOST_NAMED = 6;

/**
 * Puts a head and folded chapters together to a text that is no larger than its place. What does not fit is cut from its
 * end, at the end of a table's row or a list's item, or left out; which chapters these are is said at the end.
 */
export function fitted(head: string, chapters: readonly Chapter[], room: Room): string {
  const { sizeOf } = room;
  const whole = head + chapters.map(folded).join('');
  if (sizeOf(whole) <= room.most) return whole;
  const most = room.most - NOTICE;
  let text = cut(head, most, sizeOf);
  const missing: string[] = [];
  for (const { title, body } of chapters) {
    const free = most - sizeOf(text);
    if (sizeOf(folded({ title, body })) <= free) {
      text += folded({ title, body });
      continue;
    }
    const rest = cut(body, free - sizeOf(folded({ title, body: '' })), sizeOf);
    if (rest !== '') text += folded({ title, body: rest });
    missing.push(title);
  }
  return most <= 0 ? '' : `${text}\n${notice(missing, room.inWords)}\n`;
}

const folded = ({ title, body }: Chapter): string =>
  `\n<details>\n<summary>${html(nameText(title))}</summary>\n\n${body}\n\n</details>\n`;

function notice(missing: readonly string[], limit: string): string {
  const named = missing.slice(0, MOST_NAMED).map((title) => markdown(nameText(title)));
  const others = missing.length - named.length;
  const which = [...named, ...(others === 0 ? [] : [`${others} more`])].join(', ');
  return `Cut, since GitHub takes ${limit} here${which === '' ? '' : `; not, or not all, of: ${which}`}. The files of the run have everything.`;
}

/**
 * As much of a Markdown text, from its beginning, as fits: it ends with a row or an item, and in no block of code. Empty
 * when not even the first one fits.
 */
function cut(text: string, most: number, sizeOf: Room['sizeOf']): string {
  if (sizeOf(text) <= most) return text;
  const lines = text.split('\n');
  let kept = '';
  let size = 0;
  let inCode = false;
  for (const [at, line] of lines.entries()) {
    size += sizeOf(`${line}\n`);
    if (size > most) break;
    if (line.startsWith('```')) inCode = !inCode;
    const endsHere = /^(?:\| |- )/.test(line) && !/^\|[-: ]+\|/.test(lines[at + 1] ?? '');
    if (endsHere && !inCode) kept = lines.slice(0, at + 1).join('\n');
  }
  return kept === '' ? '' : `${kept}\n`;
}
