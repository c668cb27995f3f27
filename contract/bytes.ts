import { NO_DATA_SOURCES } from './sources';

/*
 * What the healthy paths of the generator share. Decoding an answer costs more than sending its request; looking at the bytes
 * that decide, a tenth. Each call of a function costs a virtual user a microsecond and more, so that nothing is looked at twice,
 * and what was looked at closely is remembered where it comes again.
 *
 * They count on no key coming twice in one object, which no serializer writes. An answer in a form that is not known here is
 * decoded, which is slower and never wrong.
 */

export const ENVELOPE = '{"content":[{"type":"text","text":"';
const AFTER_TEXT = ',"isError":false}';
/** With which a tool's answer ends when its text is an object, and it is no error. */
export const TAIL = `}"}]${AFTER_TEXT}`;
/** Above it JavaScript and Python write numbers differently. */
const LARGEST = 1e15;
/** More than a server has providers; each virtual user has a memory of its own. */
const MOST_KNOWN = 12;

/** Parts of answers that were looked at closely and found to be right: who said a price comes again and again. */
export interface Known {
  /** To be looked into, not asked by a call. */
  texts: Record<string, true>;
  count: number;
}

export const nothingKnown = (): Known => ({ texts: {}, count: 0 });

export function learn(known: Known, text: string): void {
  // Forgotten when there are too many: what changes from answer to answer never comes again.
  if (known.count === MOST_KNOWN) {
    known.texts = {};
    known.count = 0;
  }
  known.count += 1;
  known.texts[text] = true;
}

/** Whether a tool's envelope ends as a success, and its text with it: within the text every quote is escaped. */
export const endsAsSuccess = (body: string): boolean =>
  body.endsWith(TAIL) && body.indexOf(',"', ENVELOPE.length) === body.length - AFTER_TEXT.length;

/** A number above zero as Python and JavaScript both write it; any other form is better decoded. */
export function isPositive(text: string): boolean {
  // By a sign, not by a call of Number.
  const value = +text;
  return value > 0 && value < LARGEST && (text === `${value}.0` || text === `${value}`);
}

/** A source, written without escapes, that is none of those by which the server says that it has no data. */
export const isProvider = (name: string): boolean =>
  name !== '' && !name.includes('"') && !name.includes('\\') && !NO_DATA_SOURCES.includes(name);
