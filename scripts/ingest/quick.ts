import { type Bytes, Texts } from './bytes';
import { type Collected, Sample } from './collect';
import type { Page } from './lines';
import type { Digits } from './number';
import { Spellings } from './spellings';
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
  /** How values are written. */
  readonly digits: Digits;
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
  /** Null while the series' tags came in one spelling only. */
  spellings: Spellings | null = null;

  constructor(
    /** Up to the time. */
    readonly head: Bytes,
    /** From behind the value, with the end of the line. */
    readonly tail: Bytes,
    /** Null beyond the cap. */
    readonly series: Collected | null,
  ) {}
}

const NEWLINE = 10;
const COMMA = 44;
/** More would fill the memory. A set of tags has several spellings in k6's CSV, and all metrics share them. */
const MOST_TEXTS = 20_000;
const WORD = 8;

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
  /** Of what was found last. */
  private tailLength = 0;
  private last: Shape | null = null;
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
    const { times, digits } = this.form;
    times.forget();
    let [at, last, taken] = [from, this.last, 0];
    while (at < to) {
      const expected = last === null ? null : last.next;
      const isExpected = expected?.head.isAt(view, at, to) === true;
      const timeAt = isExpected ? at + expected.head.length : this.timeAt(bytes, at, to);
      if (timeAt === -1) break;
      const valueAt = times.read(page, timeAt, to);
      if (valueAt === -1) break;
      const valueEnd = digits.readNumber(page, valueAt);
      if (valueEnd === -1 || bytes[valueEnd] !== COMMA) break;
      let shape = expected;
      let tailLength: number;
      if (isExpected && endsAs(expected, view, valueEnd, to)) tailLength = expected.tail.length;
      else {
        const head = isExpected ? expected.head : this.heads.find(view, at, timeAt);
        shape = head === null ? null : this.find(page, head, valueEnd);
        if (shape === null) break;
        tailLength = this.tailLength;
        if (last !== null) last.next = shape;
      }
      last = shape as Shape;
      sample.timeMs = times.ms;
      sample.value = digits.value;
      this.taker.take(last.series, sample);
      taken += 1;
      at = valueEnd + tailLength;
    }
    this.last = last;
    this.lines += taken;
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
    const texts = Math.max(this.heads.count, this.tails.count);
    // What is beyond the cap is no reason to forget what is not, nor to leave no room for it.
    if (series === null && texts >= MOST_TEXTS / 2) return;
    if (texts >= MOST_TEXTS) {
      [this.heads, this.tails] = [new Texts(), new Texts()];
      this.shapes.clear();
      this.bySeries.clear();
      // With all that follow it: their texts are no longer those that lines are found by.
      this.last = null;
    }
    const head = this.heads.remember(view, from, timeAt);
    const tail = this.tails.remember(view, valueEnd, to);
    // Known when it was the value or the time that was unusual.
    if (head === null || tail === null || this.shapes.has(keyOf(head, tail))) return;
    const known = this.bySeries.get(series ?? head);
    if (known?.head === head) {
      known.spellings ??= new Spellings();
      this.shapes.set(keyOf(head, tail), known);
      return;
    }
    const shape = new Shape(head, tail, series);
    this.shapes.set(keyOf(head, tail), shape);
    this.bySeries.set(series ?? head, shape);
  }

  private find({ bytes, view }: Page, head: Bytes, valueEnd: number): Shape | null {
    const tail = this.tails.find(view, valueEnd, bytes.indexOf(NEWLINE, valueEnd) + 1);
    const shape = tail === null ? undefined : this.shapes.get(keyOf(head, tail));
    if (tail === null || shape === undefined) return null;
    if (tail.length >= WORD) shape.spellings?.put(tail, view, valueEnd + tail.length);
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

/** Whether a line ends as one of the series, in a spelling as long as the first and had lately. */
function endsAs({ tail, spellings }: Shape, view: DataView, valueEnd: number, to: number): boolean {
  if (spellings === null) return tail.isAt(view, valueEnd, to);
  const end = valueEnd + tail.length;
  if (end > to || tail.length < WORD) return false;
  const spelling = spellings.at(view, end);
  return spelling !== null && spelling.length === tail.length && spelling.isAt(view, valueEnd, to);
}
