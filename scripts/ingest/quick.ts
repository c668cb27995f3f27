import { Bytes, hashOf } from './bytes';
import type { Collected } from './collect';
import type { Page } from './lines';
import { Digits } from './number';
import type { Times } from './times';

/**
 * How a format writes the one kind of line that nearly all of a file are: a metric's name, a time, a value, and tags to
 * the end. Names and tags recur, time and value are read.
 */
export interface Form {
  /** Bytes before the name. */
  readonly nameAt: number;
  /** The byte behind the name. */
  readonly nameEnd: number;
  /** Bytes from the end of the name to the time. */
  readonly toTime: number;
  readonly times: Times;
}

/** What the lines of one metric with one spelling of tags have in common. */
interface Shape {
  /** Up to the time. */
  readonly head: Bytes;
  /** From behind the value, with the end of the line. */
  readonly tail: Bytes;
  /** Null beyond the cap. */
  readonly series: Collected | null;
  /** The one that followed it the last time: k6 writes all metrics of a request one after another. */
  next: Shape | null;
}

/** Where samples go. */
export interface Taker {
  /** @param series null of one beyond the cap. */
  take(series: Collected | null, timeMs: number, value: number): void;
}

const NEWLINE = 10;
const COMMA = 44;
/** Spellings that are remembered: k6's CSV has one set of tags in any order, and several of these may be in use for long. */
const MOST_SHAPES = 50_000;
/** Different shapes of one hash; further ones are not remembered, so that no file can make each of its lines a search. */
const MOST_OF_ONE_HASH = 8;

/**
 * Reads the lines whose names and tags were seen before, without making text of them.
 *
 * Nothing is taken that was not compared byte by byte with a line that the format's parser took, but for the digits of
 * time and value.
 */
export class QuickReader {
  private readonly shapes = new Map<number, Shape[]>();
  private count = 0;
  private last: Shape | null = null;
  private readonly digits = new Digits();
  /** Lines that were taken. */
  lines = 0;

  constructor(
    private readonly form: Form,
    private readonly taker: Taker,
  ) {}

  /**
   * Takes whole lines up to the first that it does not know.
   *
   * @returns where that begins, or `to`.
   */
  read(page: Page, from: number, to: number): number {
    const { bytes, view } = page;
    const { times } = this.form;
    let at = from;
    while (at < to) {
      // Verified before the value is read only as far as it tells where the time is.
      const expected = this.last === null ? null : this.last.next;
      const isExpected = expected?.head.isAt(view, at, to) === true;
      const timeAt = isExpected ? at + expected.head.length : this.timeAt(bytes, at, to);
      if (timeAt === -1) return at;
      const valueAt = times.read(page, timeAt, to);
      if (valueAt === -1) return at;
      const valueEnd = this.digits.readNumber(bytes, valueAt);
      if (valueEnd === -1 || bytes[valueEnd] !== COMMA) return at;
      let shape = expected;
      if (!isExpected || !expected.tail.isAt(view, valueEnd, to)) {
        shape = this.find(page, at, timeAt, valueEnd, to);
        if (shape === null) return at;
        if (this.last !== null) this.last.next = shape;
      }
      this.last = shape as Shape;
      this.taker.take(this.last.series, times.ms, this.digits.value);
      this.lines += 1;
      at = valueEnd + this.last.tail.length;
    }
    return at;
  }

  /** Remembers what a line of the form, from which a sample was taken, has in common with others. */
  learn(page: Page, from: number, to: number, series: Collected | null): void {
    const { bytes, view } = page;
    const timeAt = this.timeAt(bytes, from, to);
    const valueAt = timeAt === -1 ? -1 : this.form.times.read(page, timeAt, to);
    const valueEnd = valueAt === -1 ? -1 : bytes.indexOf(COMMA, valueAt);
    if (valueEnd === -1 || valueEnd >= to) return;
    const head = new Bytes();
    const tail = new Bytes();
    if (!head.remember(view, from, timeAt) || !tail.remember(view, valueEnd, to)) return;
    if (this.count >= MOST_SHAPES) {
      this.shapes.clear();
      this.count = 0;
    }
    // Known, and yet not read: its value or time was unusual.
    if (this.find(page, from, timeAt, valueEnd, to) !== null) return;
    const hash = this.hashOf(view, from, timeAt, valueEnd, to);
    const same = this.shapes.get(hash) ?? [];
    if (same.length >= MOST_OF_ONE_HASH) return;
    same.push({ head, tail, series, next: null });
    this.shapes.set(hash, same);
    this.count += 1;
  }

  private find({ bytes, view }: Page, at: number, timeAt: number, valueEnd: number, to: number): Shape | null {
    const end = bytes.indexOf(NEWLINE, valueEnd) + 1;
    const same = this.shapes.get(this.hashOf(view, at, timeAt, valueEnd, end));
    if (same === undefined) return null;
    for (const shape of same) {
      if (shape.head.length === timeAt - at && shape.head.isAt(view, at, to) && shape.tail.isAt(view, valueEnd, end)) {
        return shape;
      }
    }
    return null;
  }

  private hashOf(view: DataView, at: number, timeAt: number, valueEnd: number, end: number): number {
    return hashOf(view, valueEnd, end, hashOf(view, at + this.form.nameAt, timeAt - this.form.toTime, 0));
  }

  private timeAt(bytes: Buffer, at: number, to: number): number {
    const nameEnd = bytes.indexOf(this.form.nameEnd, at + this.form.nameAt);
    if (nameEnd === -1 || nameEnd + this.form.toTime >= to) return -1;
    return nameEnd + this.form.toTime;
  }
}
