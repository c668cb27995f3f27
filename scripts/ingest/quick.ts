import { type Bytes, Texts } from './bytes';
import { type Collected, Sample } from './collect';
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

/** Where samples go. */
export interface Taker {
  /** @param series null of one beyond the cap. */
  take(series: Collected | null, sample: Sample): void;
}

/** What the lines of one series have in common. */
class Shape {
  /** The one that followed it the last time: k6 writes all metrics of a request one after another. */
  next: Shape | null = null;
  /** Whether the series' tags came in other spellings than the tail's: k6's CSV has them in any order. */
  hasSpellings = false;

  constructor(
    /** Up to the time. */
    readonly head: Bytes,
    /** From behind the value, with the end of the line. */
    readonly tail: Bytes,
    /** Null beyond the cap. */
    readonly series: Collected | null,
    /** Sets the series' spellings apart from others'. */
    readonly salt: number,
  ) {}
}

const NEWLINE = 10;
const COMMA = 44;
/** More would fill the memory. A set of tags has several spellings in k6's CSV, and all metrics share them. */
const MOST_TEXTS = 20_000;
const WORD = 8;
/** Spellings of which is known what they end with. */
const SPELLINGS = 1 << 14;
const GOLDEN = 0x9e3779b1;

/**
 * Reads the lines whose names and tags were seen before, without making text of them.
 *
 * Nothing is taken that was not compared byte by byte with a line that the format's parser took, but for the digits of
 * time and value.
 */
export class QuickReader {
  /** Apart, since most tails follow most heads: what is compared then stays in the processor's nearest memory. */
  private heads = new Texts();
  private tails = new Texts();
  private readonly shapes = new Map<number, Shape>();
  /** By the series; beyond the cap by the head, since there is nothing else to tell them apart by. */
  private readonly bySeries = new Map<Collected | Bytes, Shape>();
  /** The tail that lines of a series had lately, by what they end with. */
  private readonly spellings: (Bytes | null)[] = Array.from({ length: SPELLINGS }, () => null);
  private tailLength = 0;
  private last: Shape | null = null;
  private readonly digits = new Digits();
  private readonly sample = new Sample();
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
    const sample = this.sample;
    const { times } = this.form;
    times.forget();
    let at = from;
    while (at < to) {
      const expected = this.last === null ? null : this.last.next;
      const isExpected = expected?.head.isAt(view, at, to) === true;
      const timeAt = isExpected ? at + expected.head.length : this.timeAt(bytes, at, to);
      if (timeAt === -1) return at;
      const valueAt = times.read(page, timeAt, to);
      if (valueAt === -1) return at;
      const valueEnd = this.digits.readNumber(bytes, valueAt);
      if (valueEnd === -1 || bytes[valueEnd] !== COMMA) return at;
      let shape = isExpected && this.endsAs(expected, view, valueEnd, to) ? expected : null;
      let tailLength = shape === null ? 0 : shape.tail.length;
      if (shape === null) {
        shape = this.find(page, at, timeAt, valueEnd);
        if (shape === null) return at;
        tailLength = this.tailLength;
      }
      if (this.last !== null) this.last.next = shape;
      this.last = shape;
      sample.timeMs = times.ms;
      sample.value = this.digits.value;
      this.taker.take(shape.series, sample);
      this.lines += 1;
      at = valueEnd + tailLength;
    }
    return at;
  }

  /** Remembers what a line of the form, from which a sample was taken, has in common with others. */
  learn(page: Page, from: number, to: number, series: Collected | null): void {
    const { bytes, view } = page;
    const { times } = this.form;
    times.forget();
    const timeAt = this.timeAt(bytes, from, to);
    const valueAt = timeAt === -1 ? -1 : times.read(page, timeAt, to);
    const valueEnd = valueAt === -1 ? -1 : bytes.indexOf(COMMA, valueAt);
    if (valueEnd === -1 || valueEnd >= to) return;
    // What is beyond the cap is no reason to forget what is not, nor to leave no room for it.
    if (series === null && this.tails.count >= MOST_TEXTS / 2) return;
    if (this.heads.count >= MOST_TEXTS || this.tails.count >= MOST_TEXTS) {
      // New ones: what is at hand still is what it was.
      [this.heads, this.tails] = [new Texts(), new Texts()];
      this.shapes.clear();
      this.bySeries.clear();
    }
    const head = this.heads.remember(view, from, timeAt);
    const tail = this.tails.remember(view, valueEnd, to);
    // Known when it was the value or the time that was unusual.
    if (head === null || tail === null || this.shapes.has(keyOf(head, tail))) return;
    const known = this.bySeries.get(series ?? head);
    if (known?.head === head) {
      known.hasSpellings = true;
      this.shapes.set(keyOf(head, tail), known);
      return;
    }
    const shape = new Shape(head, tail, series, Math.imul(this.shapes.size, GOLDEN));
    this.shapes.set(keyOf(head, tail), shape);
    this.bySeries.set(series ?? head, shape);
  }

  private endsAs(shape: Shape, view: DataView, valueEnd: number, to: number): boolean {
    const { tail } = shape;
    if (!shape.hasSpellings) return tail.isAt(view, valueEnd, to);
    const end = valueEnd + tail.length;
    if (end > to || tail.length < WORD) return false;
    const spelling = this.spellings[spellingSlot(shape, view, end)] as Bytes | null;
    return spelling !== null && spelling.length === tail.length && spelling.isAt(view, valueEnd, to);
  }

  private find({ bytes, view }: Page, at: number, timeAt: number, valueEnd: number): Shape | null {
    const head = this.heads.find(view, at, timeAt);
    if (head === null) return null;
    const tail = this.tails.find(view, valueEnd, bytes.indexOf(NEWLINE, valueEnd) + 1);
    const shape = tail === null ? undefined : this.shapes.get(keyOf(head, tail));
    if (tail === null || shape === undefined) return null;
    if (shape.hasSpellings && tail.length >= WORD) {
      this.spellings[spellingSlot(shape, view, valueEnd + tail.length)] = tail;
    }
    this.tailLength = tail.length;
    return shape;
  }

  private timeAt(bytes: Buffer, at: number, to: number): number {
    const nameEnd = bytes.indexOf(this.form.nameEnd, at + this.form.nameAt);
    if (nameEnd === -1 || nameEnd + this.form.toTime >= to) return -1;
    return nameEnd + this.form.toTime;
  }
}

const keyOf = (head: Bytes, tail: Bytes): number => head.order * MOST_TEXTS + tail.order;

/** Where a spelling of a series' tags is looked for, by the last eight bytes of a line. */
const spellingSlot = ({ salt }: Shape, view: DataView, end: number): number =>
  (Math.imul(view.getInt32(end - WORD, true) ^ view.getInt32(end - WORD / 2, true), GOLDEN) ^ salt) >>> 18;
