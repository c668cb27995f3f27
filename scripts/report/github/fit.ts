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
 * Puts a head and folded chapters together to a text that is no larger than its place. Where it would be, the largest
 * chapters are cut at the end of a table's row or a list's item, or left out: one of a thousand rows must not cost all the
 * others. Which these are is said at the end.
 */
export function fitted(head: string, chapters: readonly Chapter[], room: Room): string {
  const { sizeOf } = room;
  const everything = head + chapters.map(folded).join('');
  if (sizeOf(everything) <= room.most) return everything;
  const most = room.most - NOTICE;
  if (most <= 0) return '';
  const start = cut(head, most, sizeOf);
  let free = most - sizeOf(start);
  const whole = new Set<Chapter>();
  for (const chapter of [...chapters].sort((one, other) => sizeOf(one.body) - sizeOf(other.body))) {
    const size = sizeOf(folded(chapter));
    if (size > free) break;
    whole.add(chapter);
    free -= size;
  }
  const missing = chapters.filter((chapter) => !whole.has(chapter)).map(({ title }) => title);
  const texts = chapters.map((chapter) => {
    if (whole.has(chapter)) return folded(chapter);
    const body = cut(chapter.body, free - sizeOf(folded({ ...chapter, body: '' })), sizeOf);
    if (body === '') return '';
    const text = folded({ ...chapter, body });
    free -= sizeOf(text);
    return text;
  });
  return `${start}${texts.join('')}\n${notice(missing, room.inWords)}\n`;
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
