import { NO_DATA_SOURCES } from './sources';

/*
 * What the healthy paths of the generator share. Decoding an answer costs more than sending its request; looking at the bytes
 * that decide, a tenth. Each call of a function costs a virtual user a microsecond and more, so that what was looked at
 * closely is remembered and compared, and nothing is looked at twice.
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
/** Twenty are hot at a time, and each virtual user has a memory of its own. */
const SYMBOLS_KNOWN = 24;

/** Parts of answers that were looked at closely and found to be right: a price that is kept comes again and again. */
export class Known {
  /** To be looked into, not asked by a call. Forgotten when there are too many: those of cold symbols never come again. */
  bySymbol: Record<string, string> = {};
  private learnt = 0;
  private last = '';

  learn(symbol: string, part: string): void {
    this.learnt += 1;
    if (this.learnt > SYMBOLS_KNOWN) {
      this.bySymbol = {};
      this.learnt = 1;
    }
    // One text for all that are alike.
    if (part !== this.last) this.last = part;
    this.bySymbol[symbol] = this.last;
  }
}

/** Whether a tool's envelope ends as a success, and its text with it: within the text every quote is escaped. */
export const endsAsSuccess = (body: string): boolean =>
  body.endsWith(TAIL) && body.indexOf(',"', ENVELOPE.length) === body.length - AFTER_TEXT.length;

/** A number above zero as Python and JavaScript both write it; any other form is better decoded. */
export function isPositive(text: string): boolean {
  const value = Number(text);
  return value > 0 && value < LARGEST && (text === `${value}.0` || text === `${value}`);
}

/** A source, written without escapes, that is none of those by which the server says that it has no data. */
export const isProvider = (name: string): boolean =>
  name !== '' && !name.includes('"') && !name.includes('\\') && !NO_DATA_SOURCES.includes(name);
