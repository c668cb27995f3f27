import { withinBucket } from '../result/histogram';
import type { Bucket, Series } from '../result/result';

/** How often each time bucket is taken; all ones for the run as it was. */
export type Weights = ArrayLike<number>;

/** The samples of several series together, bucket by bucket in time, ready to be summed again and again with weights. */
export class TimeLine {
  /** Mean of each time bucket, in order. */
  readonly level: readonly number[];
  readonly count: number;
  private readonly counts: readonly number[];
  private readonly sums: readonly number[];
  private readonly nonZeros: readonly number[];
  /** Histogram buckets that occur, ascending; rows hold their places in it. */
  private readonly indices: readonly number[];
  private readonly rows: readonly { readonly places: Int32Array; readonly counts: Float64Array }[];

  /** @param from first time bucket that counts. */
  constructor(series: readonly Series[], from = Number.NEGATIVE_INFINITY) {
    const slots = new Map<number, Bucket[]>();
    for (const { buckets = [] } of series) {
      for (const bucket of buckets) {
        if (bucket.i < from || bucket.count === 0) continue;
        const slot = slots.get(bucket.i);
        if (slot === undefined) slots.set(bucket.i, [bucket]);
        else slot.push(bucket);
      }
    }
    const ordered = [...slots].sort(([a], [b]) => a - b).map(([, buckets]) => buckets);
    this.counts = ordered.map((buckets) => total(buckets, 'count'));
    this.sums = ordered.map((buckets) => total(buckets, 'sum'));
    this.nonZeros = ordered.map((buckets) => total(buckets, 'nonZero'));
    this.count = this.counts.reduce((sum, count) => sum + count, 0);
    this.level = this.sums.map((sum, at) => sum / (this.counts[at] as number));
    const merged = ordered.map(mergedHistogram);
    this.indices = [...new Set(merged.flatMap((row) => [...row.keys()]))].sort((a, b) => a - b);
    const placeOf = new Map(this.indices.map((index, place) => [index, place]));
    this.rows = merged.map((row) => ({
      places: Int32Array.from(row.keys(), (index) => placeOf.get(index) as number),
      counts: Float64Array.from(row.values()),
    }));
  }

  mean(weights: Weights): number | null {
    const count = weighted(this.counts, weights);
    return count === 0 ? null : weighted(this.sums, weights) / count;
  }

  /** Share of the samples that are not zero: failures of a Rate. */
  share(weights: Weights): number | null {
    const count = weighted(this.counts, weights);
    return count === 0 ? null : weighted(this.nonZeros, weights) / count;
  }

  /**
   * Quantiles that move smoothly with the counts: the rank's place within its histogram bucket. A bucket's middle moves in
   * steps of 1 %, which would hide or double the differences that comparisons are about.
   *
   * @param qs from 0 to 1, ascending.
   */
  quantiles(weights: Weights, qs: readonly number[]): (number | null)[] {
    const { indices } = this;
    const scratch = new Float64Array(indices.length);
    let sum = 0;
    for (let at = 0; at < this.rows.length; at++) {
      const weight = weights[at] as number;
      if (weight === 0) continue;
      const { places, counts } = this.rows[at] as (typeof this.rows)[number];
      for (let entry = 0; entry < places.length; entry++) {
        const place = places[entry] as number;
        const count = weight * (counts[entry] as number);
        scratch[place] = (scratch[place] as number) + count;
        sum += count;
      }
    }
    let place = 0;
    let seen = 0;
    return qs.map((q) => {
      const rank = q * sum;
      while (place < indices.length && seen + (scratch[place] as number) < rank) seen += scratch[place++] as number;
      const count = scratch[place] ?? 0;
      return count === 0 ? null : withinBucket(indices[place] as number, (rank - seen) / count);
    });
  }
}

const total = (buckets: readonly Bucket[], what: 'count' | 'sum' | 'nonZero'): number =>
  buckets.reduce((sum, bucket) => sum + bucket[what], 0);

function mergedHistogram(buckets: readonly Bucket[]): Map<number, number> {
  const merged = new Map<number, number>();
  for (const { histogram = [] } of buckets) {
    for (let at = 0; at + 1 < histogram.length; at += 2) {
      const index = histogram[at] as number;
      merged.set(index, (merged.get(index) ?? 0) + (histogram[at + 1] as number));
    }
  }
  return merged;
}

/** A loop, as it runs for every draw of every measure. */
function weighted(values: readonly number[], weights: Weights): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] as number) * (weights[at] as number);
  return sum;
}
