import type { Page } from './lines';

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** Any fifteen digits are a double exactly, and so are these powers; one division of the two is then rounded as JSON.parse rounds. */
const MOST_DIGITS = 15;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);

/** As many fit into the integers that a processor multiplies in a third of the time. */
const MOST_OF_INTEGER = 9;

/** Of what {@link SixDecimals} reads quickly, which has a comma behind it. */
const DECIMALS = 6;
const COMMA = 44;

/**
 * Reads numbers from their digits. The loop over them stands wherever it is needed: to call it, and to hand back both where it ended
 * and what it read, costs more than a few digits do.
 */
export class Digits {
  /** Of the last one that was read. */
  value = 0;

  /**
   * Reads a number as JSON writes it, without an exponent and of at most fifteen digits.
   *
   * @returns where it ends; -1 of anything else, which is for a real parser.
   */
  readNumber({ bytes }: Page, from: number): number {
    const isNegative = bytes[from] === MINUS;
    const start = isNegative ? from + 1 : from;
    let at = start;
    let digit = (bytes[at] as number) - ZERO;
    let all = 0;
    while (digit >= 0 && digit <= 9) {
      all = (Math.imul(all, 10) + digit) | 0;
      digit = (bytes[++at] as number) - ZERO;
    }
    const whole = at - start;
    if (whole === 0 || (whole > 1 && bytes[start] === ZERO)) return -1;
    let decimals = 0;
    if (digit === POINT - ZERO) {
      const point = at;
      digit = (bytes[++at] as number) - ZERO;
      while (digit >= 0 && digit <= 9) {
        all = (Math.imul(all, 10) + digit) | 0;
        digit = (bytes[++at] as number) - ZERO;
      }
      decimals = at - point - 1;
      if (decimals === 0) return -1;
    }
    const digits = whole + decimals;
    if (digits > MOST_DIGITS) return -1;
    const value = (digits > MOST_OF_INTEGER ? allDigits(bytes, start, at) : all) / (POWERS[decimals] as number);
    this.value = isNegative ? -value : value;
    return at;
  }

  /**
   * Reads digits as what they are behind a decimal point.
   *
   * @returns where they end; -1 when there are none or more than fifteen.
   */
  readFraction(bytes: Uint8Array, from: number): number {
    let at = from;
    let digit = (bytes[at] as number) - ZERO;
    let all = 0;
    while (digit >= 0 && digit <= 9) {
      all = (Math.imul(all, 10) + digit) | 0;
      digit = (bytes[++at] as number) - ZERO;
    }
    const digits = at - from;
    if (digits === 0 || digits > MOST_DIGITS) return -1;
    this.value = (digits > MOST_OF_INTEGER ? allDigits(bytes, from, at) : all) / (POWERS[digits] as number);
    return at;
  }
}

/** Of two digits, as the integer that their characters are together, the number; of any other two characters -1. */
const PAIRS = new Int8Array(1 << 16).fill(-1);
for (let pair = 0; pair < 100; pair++) PAIRS[((ZERO + (pair % 10)) << 8) | (ZERO + Math.floor(pair / 10))] = pair;

/**
 * Reads numbers of six decimals, as k6 writes all in CSV, two of them at a time: one by one they cost a twentieth of the time of
 * reading. Any other number is read as {@link Digits} does, but that of these also what begins with a point or with more zeros than
 * one is taken, as CSV's real parser does.
 */
export class SixDecimals extends Digits {
  override readNumber(page: Page, from: number): number {
    const { bytes, view } = page;
    let at = from;
    let digit = (bytes[at] as number) - ZERO;
    let whole = 0;
    while (digit >= 0 && digit <= 9) {
      whole = (Math.imul(whole, 10) + digit) | 0;
      digit = (bytes[++at] as number) - ZERO;
    }
    const end = at + 1 + DECIMALS;
    if (digit !== POINT - ZERO || at - from > MOST_OF_INTEGER || end >= bytes.length) {
      return super.readNumber(page, from);
    }
    const first = PAIRS[view.getUint16(at + 1, true)] as number;
    const second = PAIRS[view.getUint16(at + 3, true)] as number;
    const third = PAIRS[view.getUint16(at + 5, true)] as number;
    if ((first | second | third) < 0 || bytes[end] !== COMMA) return super.readNumber(page, from);
    this.value = (whole * 1e6 + first * 1e4 + second * 100 + third) / 1e6;
    return end;
  }
}

/** The digits of a number as if there were no point among them. */
function allDigits(bytes: Uint8Array, from: number, to: number): number {
  let all = 0;
  for (let at = from; at < to; at++) if (bytes[at] !== POINT) all = all * 10 + (bytes[at] as number) - ZERO;
  return all;
}
