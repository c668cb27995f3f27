import { Bytes } from './bytes';
import type { Page } from './lines';
import { Digits } from './number';

/** What is longer is no time. */
const LONGEST_TIME = 64;
/** Up to the point behind the seconds. */
const SECOND_BYTES = '2026-11-24T10:00:00.'.length;
const POINT = 46;

/** Reads the times of lines. Many lines in a row have the same, to the byte. */
export class Times {
  /** Of the last time that was read, epoch ms. */
  ms = Number.NaN;
  /** The last time, and what is between it and the value. */
  private readonly last = new Bytes();
  private isKnown = false;
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

  /** @returns where the value begins; -1 when there is no time. */
  read(page: Page, from: number, to: number): number {
    if (this.isKnown && this.last.isAt(page.view, from, to)) return from + this.last.length;
    const valueAt = this.readNew(page, from, to);
    this.isKnown = valueAt !== -1 && this.last.remember(page.view, from, valueAt);
    return valueAt;
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
  private readonly second = new Bytes();
  /** What follows the fraction, up to the value. */
  private readonly zone = new Bytes();
  private secondMs = 0;
  private hasSecond = false;
  private readonly digits = new Digits();

  protected override readNew(page: Page, from: number, to: number): number {
    const { bytes, view } = page;
    if (this.hasSecond && this.second.isAt(view, from, to)) {
      const zoneAt = this.digits.readFraction(bytes, from + SECOND_BYTES);
      if (zoneAt !== -1 && this.zone.isAt(view, zoneAt, to)) {
        this.ms = this.secondMs + this.digits.value * 1000;
        return zoneAt + this.zone.length;
      }
    }
    const valueAt = super.readNew(page, from, to);
    this.hasSecond = valueAt !== -1 && this.rememberSecond(page, from, valueAt);
    return valueAt;
  }

  private rememberSecond({ bytes, view }: Page, from: number, valueAt: number): boolean {
    if (bytes[from + SECOND_BYTES - 1] !== POINT) return false;
    const zoneAt = this.digits.readFraction(bytes, from + SECOND_BYTES);
    if (zoneAt === -1) return false;
    const zone = bytes.toString('latin1', zoneAt, bytes.indexOf('"', zoneAt));
    this.secondMs = this.parse(bytes.toString('latin1', from, from + SECOND_BYTES - 1) + zone);
    return this.second.remember(view, from, from + SECOND_BYTES) && this.zone.remember(view, zoneAt, valueAt);
  }
}
