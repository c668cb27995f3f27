/** Samples are written within a few buckets of each other: what is older than these is looked up, not looked for. */
const NEAR = 8;
const FIRST_PARTS = 4;

/** The numbers of a part, from its slot on: index, count, sum, samples that are not zero. */
export type Numbers = readonly [number, number, number, number];
const INDEX = 0;
export const COUNT = 1;
export const SUM = 2;
export const NON_ZERO = 3;
export const STRIDE = 4;

/**
 * Count and sum of each time bucket of a series, in the order in which they were begun.
 *
 * In one array of numbers: as an object each they are hundreds of thousands, and cost a fifth of the time of reading, most of
 * it the garbage collector's.
 */
export class Parts {
  /** {@link STRIDE} numbers a part. */
  numbers = new Float64Array(FIRST_PARTS * STRIDE);
  /** Behind the last part's numbers. */
  end = 0;
  private newest = Number.NEGATIVE_INFINITY;
  /** Slots by index, once one was asked for that is not among the last. */
  private slots: Map<number, number> | null = null;

  /** @returns the slot of a bucket's part, which is begun when there is none. */
  slotOf(index: number): number {
    const known = index > this.newest ? undefined : this.find(index);
    if (known !== undefined) return known;
    const slot = this.end;
    this.end += STRIDE;
    if (this.end > this.numbers.length) {
      const longer = new Float64Array(2 * this.numbers.length);
      longer.set(this.numbers);
      this.numbers = longer;
    }
    this.numbers[slot + INDEX] = index;
    this.newest = Math.max(this.newest, index);
    this.slots?.set(index, slot);
    return slot;
  }

  private find(index: number): number | undefined {
    if (this.slots !== null) return this.slots.get(index);
    const { numbers, end } = this;
    const near = Math.max(0, end - NEAR * STRIDE);
    for (let slot = end - STRIDE; slot >= near; slot -= STRIDE) if (numbers[slot + INDEX] === index) return slot;
    if (near === 0) return undefined;
    this.slots = new Map();
    for (let slot = 0; slot < end; slot += STRIDE) this.slots.set(numbers[slot + INDEX] as number, slot);
    return this.slots.get(index);
  }
}
