import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import { mean, median } from '../statistics';

const BATCHES = 12;
/** Gate of the trend's test; drift must also amount to something. */
const ALPHA = 0.01;
const SMALLEST_GROWTH = 0.05;

export interface Trend {
  /** Kendall's S and its normal deviate, with the continuity correction. */
  readonly s: number;
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
  /** Theil and Sen's slope per step. */
  readonly slope: number;
}

/** Mann and Kendall's test for a trend with Theil and Sen's slope; ties are taken account of. */
export function trend(values: readonly number[]): Trend {
  const n = values.length;
  const slopes: number[] = [];
  let s = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const rise = (values[j] as number) - (values[i] as number);
      s += Math.sign(rise);
      slopes.push(rise / (j - i));
    }
  }
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  const spread = (count: number) => count * (count - 1) * (2 * count + 5);
  const variance = (spread(n) - [...ties.values()].reduce((sum, count) => sum + spread(count), 0)) / 18;
  const z = variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return { s, z, p: 2 * normalCdf(-Math.abs(z), 0, 1), slope: slopes.length === 0 ? 0 : median(slopes) };
}

/**
 * How much a run grew from its start to its end, where that is more than chance: 12 equal batches, their means put to
 * Mann and Kendall's test. On single buckets, which resemble their neighbours, the test would see trends that are none.
 *
 * @param level one figure per bucket, in order, positive.
 * @returns relative growth over the run, such as 0.08; null when there is none to speak of, or too little to tell.
 */
export function drift(level: readonly number[]): number | null {
  if (level.length < 2 * BATCHES) return null;
  const size = level.length / BATCHES;
  const means = Array.from({ length: BATCHES }, (_, at) =>
    mean(level.slice(Math.round(at * size), Math.round((at + 1) * size))),
  );
  const { p, slope } = trend(means);
  const middle = [...means].sort((a, b) => a - b)[BATCHES / 2] as number;
  const growth = (slope * (BATCHES - 1)) / middle;
  return p < ALPHA && Math.abs(growth) >= SMALLEST_GROWTH ? growth : null;
}
