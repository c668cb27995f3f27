const FIRST_LENGTH = 64;
/** A ratio of values of 10^8, which no one metric has; further indices are rare, and counted in a map. */
const LONGEST = 2048;

/** Where a histogram is put together: one that grew by itself would hold room for more, half of the memory of a long run. */
const taken: number[] = Array.from({ length: 2 * LONGEST + 2 }, () => 0);

/**
 * Counts by histogram index, for as long as samples come in.
 *
 * Those of one series lie close together: in an array over them counting is one addition, a third of what a map takes.
 */
export class Counts {
  private window = new Uint32Array(0);
  /** Index that the window begins with. */
  private first = 1;
  /** Where in the window the counts are: a second's few are taken out of it without looking at all of it. */
  private low = LONGEST;
  private high = -1;
  /** Zeros are many, and far from everything else. */
  private zeros = 0;
  private far: Map<number, number> | null = null;

  add(index: number, count: number): void {
    const at = index - this.first;
    const { window } = this;
    if (at >= 0 && at < window.length) {
      window[at] = (window[at] as number) + count;
      if (at < this.low) this.low = at;
      if (at > this.high) this.high = at;
    } else if (index === 0) this.zeros += count;
    else if (this.widenTo(index)) this.add(index, count);
    else {
      this.far ??= new Map();
      this.far.set(index, (this.far.get(index) ?? 0) + count);
    }
  }

  addSparse(sparse: readonly number[]): void {
    for (let at = 0; at < sparse.length; at += 2) this.add(sparse[at] as number, sparse[at + 1] as number);
  }

  /** What was counted, as a sparse histogram; the counts are then zero. */
  take(): number[] {
    if (this.far !== null || (this.zeros > 0 && this.first <= 0)) return this.takeAll();
    let length = 0;
    if (this.zeros > 0) {
      taken[length++] = 0;
      taken[length++] = this.zeros;
      this.zeros = 0;
    }
    const { window, first, high } = this;
    for (let at = this.low; at <= high; at++) {
      const count = window[at] as number;
      if (count === 0) continue;
      taken[length++] = first + at;
      taken[length++] = count;
      window[at] = 0;
    }
    this.low = LONGEST;
    this.high = -1;
    return taken.slice(0, length);
  }

  /** Whatever there is, in whatever order: the window may have widened to what was counted elsewhere. */
  private takeAll(): number[] {
    const all = this.far ?? new Map<number, number>();
    this.far = null;
    if (this.zeros > 0) all.set(0, this.zeros);
    this.zeros = 0;
    const flat = this.take();
    for (let at = 0; at < flat.length; at += 2) {
      const index = flat[at] as number;
      all.set(index, (all.get(index) ?? 0) + (flat[at + 1] as number));
    }
    return [...all].sort(([a], [b]) => a - b).flat();
  }

  /** @returns whether the window now has the index. */
  private widenTo(index: number): boolean {
    const { length } = this.window;
    const from = length === 0 ? index - FIRST_LENGTH / 2 : Math.min(this.first, index);
    const to = length === 0 ? from + FIRST_LENGTH : Math.max(this.first + length, index + 1);
    if (to - from > LONGEST) return false;
    // Doubled at least, towards the new index, so that growing is rare.
    const wider = Math.min(LONGEST, Math.max(to - from, 2 * length));
    const first = length > 0 && index < this.first ? to - wider : from;
    const moved = length === 0 ? 0 : this.first - first;
    const window = new Uint32Array(wider);
    window.set(this.window, moved);
    this.low += moved;
    this.high += this.high === -1 ? 0 : moved;
    this.first = first;
    this.window = window;
    return true;
  }
}
