import { type Bytes, Texts } from './bytes';
import type { Page } from './lines';
import { Digits } from './number';

/** What is longer is no time. */
const LONGEST_TIME = 64;
/** Up to the point behind the seconds. */
const SECOND_BYTES = '2026-11-24T10:00:00.'.length;
const POINT = 46;
const QUOTE = 34;

const WORD = 8;

/** Reads the times of lines. Many lines in a row have the same, to the byte. */
export class Times {
  /** Of the last time that was read, epoch ms. */
  ms = Number.NaN;
  /** Where the last time is, and how long, with what is between it and the value; none while the length is 0. */
  private lastAt = 0;
  private lastLength = 0;
  private readonly toValue: Buffer;

  /**
   * @param toValue what follows a time, up to the value.
   * @param parse epoch ms, or NaN.
   */
  constructor(
    toValue: string,
    protected readonly parse: (text: string) => number,
  ) {
    this.toValue = Buffer.from(toValue);
  }

  /** To be called before another page is read from, or the same anew. */
  forget(): void {
    this.lastLength = 0;
  }

  /** @returns where the value begins; -1 when there is no time. */
  read(page: Page, from: number, to: number): number {
    if (this.isLastAt(page.view, from, to)) return from + this.lastLength;
    const valueAt = this.readNew(page, from, to);
    this.lastAt = from;
    this.lastLength = valueAt === -1 ? 0 : valueAt - from;
    return valueAt;
  }

  /** Compared where it is rather than with a copy, which costs more than reading one in nine times anew does. */
  private isLastAt(view: DataView, from: number, to: number): boolean {
    const lastAt = this.lastAt;
    const lastLength = this.lastLength;
    if (lastLength < WORD || from + lastLength > to) return false;
    const last = lastLength - WORD;
    for (let at = 0; at < last; at += WORD) {
      if (view.getFloat64(lastAt + at, true) !== view.getFloat64(from + at, true)) return false;
    }
    return view.getFloat64(lastAt + last, true) === view.getFloat64(from + last, true);
  }

  protected readNew({ bytes }: Page, from: number, to: number): number {
    const length = bytes.subarray(from, Math.min(to, from + LONGEST_TIME)).indexOf(this.toValue);
    if (length === -1) return -1;
    const ms = this.parse(bytes.toString('latin1', from, from + length));
    if (Number.isNaN(ms)) return -1;
    this.ms = ms;
    return from + length + this.toValue.length;
  }
}

/** Reads times of RFC 3339, whose text up to the second thousands of samples share. */
export class RfcTimes extends Times {
  private second: Bytes | null = null;
  /** What follows the fraction, up to the value. */
  private zone: Bytes | null = null;
  private secondMs = 0;
  private readonly digits = new Digits();

  protected override readNew(page: Page, from: number, to: number): number {
    const { bytes, view } = page;
    if (this.second?.isAt(view, from, to) === true) {
      const zoneAt = this.digits.readFraction(bytes, from + SECOND_BYTES);
      if (zoneAt !== -1 && this.zone?.isAt(view, zoneAt, to) === true) {
        this.ms = this.secondMs + this.digits.value * 1000;
        return zoneAt + this.zone.length;
      }
    }
    const valueAt = super.readNew(page, from, to);
    if (valueAt !== -1) this.rememberSecond(page, from, valueAt);
    return valueAt;
  }

  private rememberSecond({ bytes, view }: Page, from: number, valueAt: number): void {
    const zoneAt = bytes[from + SECOND_BYTES - 1] === POINT ? this.digits.readFraction(bytes, from + SECOND_BYTES) : -1;
    if (zoneAt === -1) return;
    const zone = bytes.toString('latin1', zoneAt, bytes.indexOf(QUOTE, zoneAt));
    this.secondMs = this.parse(bytes.toString('latin1', from, from + SECOND_BYTES - 1) + zone);
    const texts = new Texts();
    this.second = texts.remember(view, from, from + SECOND_BYTES);
    this.zone = texts.remember(view, zoneAt, valueAt);
  }
}
