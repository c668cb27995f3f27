/** Largest relative error of a quantile of same-sign values: 0.5 %. */
export const ALPHA = 0.005;

/** Ratio of neighbouring bucket bounds; the exact bound would be (1 + α) / (1 − α): the rest is room for rounding. */
const GROWTH = 1.0098;
const LN_GROWTH = Math.log(GROWTH);
/** Magnitudes below this count as zero: a millionth of a nanosecond in k6's milliseconds. */
const SMALLEST = 1e-9;
/** Makes the index of the smallest magnitude 1, so that 0 is zero and −i mirrors i: indices ascend with the values. */
const OFFSET = 1 - Math.floor(Math.log(SMALLEST) / LN_GROWTH);

/**
 * Counts of values in logarithmic buckets. Merging adds counts and is exact: a histogram of many runs is the one that
 * all their samples together would have made, which no percentile of percentiles is.
 */
export class Histogram {
  private readonly counts = new Map<number, number>();
  private total = 0;
  /** What {@link sorted} found; null since something was added. Several quantiles are asked of most histograms. */
  private ascending: readonly [number, number][] | null = null;

  get count(): number {
    return this.total;
  }

  /** Counts a finite value, of either sign. */
  add(value: number): void {
    this.addAt(bucketOf(value), 1);
  }

  addAll(other: Histogram): void {
    for (const [index, count] of other.counts) this.addAt(index, count);
  }

  /** Adds what {@link toSparse} made of another. */
  addSparse(sparse: readonly number[]): void {
    for (let at = 0; at + 1 < sparse.length; at += 2) this.addAt(sparse[at] as number, sparse[at + 1] as number);
  }

  /**
   * The quantile as R-7 (k6, numpy) defines it, interpolated between the order statistics at q·(n − 1).
   *
   * @param q from 0 to 1.
   * @returns null when empty. Within 0.5 % where the neighbouring values have one sign.
   */
  quantile(q: number): number | null {
    if (this.total === 0) return null;
    const position = q * (this.total - 1);
    const low = Math.floor(position);
    const high = Math.min(low + 1, this.total - 1);
    let seen = 0;
    let atLow: number | null = null;
    for (const [index, count] of this.sorted()) {
      seen += count;
      if (atLow === null && low < seen) atLow = middleOf(index);
      if (atLow !== null && high < seen) return between(atLow, middleOf(index), position - low);
    }
    return atLow;
  }

  /** Share of the values above a threshold; a bucket that holds the threshold counts by its middle. */
  shareAbove(threshold: number): number | null {
    if (this.total === 0) return null;
    let above = 0;
    for (const [index, count] of this.counts) if (middleOf(index) > threshold) above += count;
    return above / this.total;
  }

  /** `[index, count, index, count, …]`, indices ascending. */
  toSparse(): number[] {
    return this.sorted().flat();
  }

  static fromSparse(sparse: readonly number[]): Histogram {
    const histogram = new Histogram();
    histogram.addSparse(sparse);
    return histogram;
  }

  private addAt(index: number, count: number): void {
    this.counts.set(index, (this.counts.get(index) ?? 0) + count);
    this.total += count;
    this.ascending = null;
  }

  private sorted(): readonly [number, number][] {
    this.ascending ??= [...this.counts].sort(([a], [b]) => a - b);
    return this.ascending;
  }
}

export function mergeHistograms(histograms: Iterable<Histogram>): Histogram {
  const merged = new Histogram();
  for (const histogram of histograms) merged.addAll(histogram);
  return merged;
}

/** The exact R-7 quantile of values in ascending order; null when there are none. */
export function exactQuantile(ascending: ArrayLike<number>, q: number): number | null {
  const position = q * (ascending.length - 1);
  const low = ascending[Math.floor(position)];
  const high = ascending[Math.ceil(position)];
  if (low === undefined || high === undefined) return null;
  return between(low, high, position - Math.floor(position));
}

/** Two products of one sign: the usual low + share · (high − low) loses everything between magnitudes far apart. */
function between(low: number, high: number, share: number): number {
  return low * (1 - share) + high * share;
}

/** The index of the bucket that counts a finite value. */
export function bucketOf(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < SMALLEST) return 0;
  const index = Math.floor(Math.log(magnitude) / LN_GROWTH) + OFFSET;
  return value < 0 ? -index : index;
}

/** Where a bucket of positive values begins, but for rounding. */
export const lowerBoundOf = (index: number): number => Math.exp((index - OFFSET) * LN_GROWTH);

/**
 * The value at a share of a bucket's width, on the logarithmic scale, from the bound nearer to minus infinity.
 *
 * @param index as in a sparse histogram.
 * @param share from 0 to 1.
 */
export function withinBucket(index: number, share: number): number {
  if (index === 0) return 0;
  const along = index > 0 ? share : 1 - share;
  const value = Math.min(Number.MAX_VALUE, Math.exp((Math.abs(index) - OFFSET + along) * LN_GROWTH));
  return index < 0 ? -value : value;
}

/** The value with the same relative distance to both bounds of a bucket. */
function middleOf(index: number): number {
  if (index === 0) return 0;
  const lower = lowerBoundOf(Math.abs(index));
  const value = Math.min(Number.MAX_VALUE, (lower / (1 + GROWTH)) * 2 * GROWTH);
  return index < 0 ? -value : value;
}
