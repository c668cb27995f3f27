const FIRST_LENGTH = 64;
/** A ratio of values of 10^8, which no one metric has; further indices are rare, and counted in a map. */
const LONGEST = 2048;

/**
 * Counts by histogram index, for as long as samples come in.
 *
 * Those of one series lie close together: in an array over them counting is one addition, a third of what a map takes.
 */
export class Counts {
  private window = new Uint32Array(0);
  /** Index that the window begins with. */
  private first = 0;
  /** Zeros are many, and far from everything else. */
  private zeros = 0;
  private far: Map<number, number> | null = null;

  add(index: number, count: number): void {
    const at = index - this.first;
    if (at >= 0 && at < this.window.length) this.window[at] = (this.window[at] as number) + count;
    else if (index === 0) this.zeros += count;
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
    const below: number[] = [];
    const above: number[] = [];
    for (const [index, count] of this.outside()) {
      const at = index - this.first;
      // The window may have widened to it since.
      if (at >= 0 && at < this.window.length) this.window[at] = (this.window[at] as number) + count;
      else (at < 0 ? below : above).push(index, count);
    }
    const sparse = below;
    for (let at = 0; at < this.window.length; at++) {
      const count = this.window[at] as number;
      if (count > 0) sparse.push(this.first + at, count);
    }
    for (const number of above) sparse.push(number);
    this.window.fill(0);
    this.zeros = 0;
    this.far = null;
    return sparse;
  }

  /** What is not in the window, indices ascending. */
  private outside(): readonly [number, number][] {
    const zeros: [number, number][] = this.zeros > 0 ? [[0, this.zeros]] : [];
    return this.far === null ? zeros : [...zeros, ...this.far].sort(([a], [b]) => a - b);
  }

  /** @returns whether the window now has the index. */
  private widenTo(index: number): boolean {
    const { length } = this.window;
    const from = length === 0 ? index - FIRST_LENGTH / 2 : Math.min(this.first, index);
    const to = length === 0 ? from + FIRST_LENGTH : Math.max(this.first + length, index + 1);
    if (to - from > LONGEST) return false;
    // Doubled at least, towards the new index, so that growing is rare.
    const wider = Math.min(LONGEST, Math.max(to - from, 2 * length));
    const first = index < this.first && length > 0 ? to - wider : from;
    const window = new Uint32Array(wider);
    window.set(this.window, length === 0 ? 0 : this.first - first);
    this.first = first;
    this.window = window;
    return true;
  }
}
