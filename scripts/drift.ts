import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { DRIFT_BATCHES } from '../thresholds';
import { median } from './statistics';

/**
 * Batches that a series is cut into before it is put to the test. Neighbouring values resemble each other, and the test
 * would take their likeness for a trend: of AR(1) series with φ = 0.5 that have none it finds one in 13 % by single values
 * and in 2.8 % by the medians of 12 batches, at a nominal 2.5 % (`bench/drift.ts`).
 */
export const BATCHES = DRIFT_BATCHES;
/** Two-sided p below which a trend is more than chance. */
export const ALPHA = 0.01;
/** Growth below this is no drift, however sure it is. */
export const SMALLEST_GROWTH = 0.05;
const CONFIDENCE = 0.95;

export interface Trend {
  /** Kendall's S and its normal deviate, with the continuity correction. */
  readonly s: number;
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
  /** Theil and Sen's slope per step, with its 95 % interval by ranks. */
  readonly slope: number;
  readonly slopeInterval: readonly [low: number, high: number];
}

/**
 * Mann and Kendall's test for a trend (H. B. Mann, Econometrica 13, 1945), ties taken account of, with Theil and Sen's slope
 * and its interval by ranks (P. K. Sen, JASA 63, 1968): the median of the slopes between all pairs, and those as far from
 * it in rank as Kendall's S may be from 0.
 */
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
  const sd = Math.sqrt((spread(n) - [...ties.values()].reduce((sum, count) => sum + spread(count), 0)) / 18);
  const z = sd === 0 ? 0 : (s - Math.sign(s)) / sd;
  const p = 2 * normalCdf(-Math.abs(z), 0, 1);
  if (slopes.length === 0) return { s, z, p, slope: 0, slopeInterval: [0, 0] };
  slopes.sort((a, b) => a - b);
  const reach = normalQuantile(1 - (1 - CONFIDENCE) / 2, 0, 1) * sd;
  const low = Math.max(0, Math.round((slopes.length - reach) / 2) - 1);
  const high = Math.min(slopes.length - 1, Math.round((slopes.length + reach) / 2));
  return { s, z, p, slope: median(slopes), slopeInterval: [slopes[low] as number, slopes[high] as number] };
}

/** Where the line through some batches begins and ends, with Theil and Sen's slope: half a batch before the first, and after the last. */
export function lineEnds(batches: readonly number[]): [from: number, to: number] {
  const { slope } = trend(batches);
  const from = median(batches.map((value, at) => value - slope * (at + 0.5)));
  return [from, from + slope * batches.length];
}

/** The median of each of so many parts of equal length. @returns null when there are fewer values than parts. */
export function batchMedians(values: readonly number[], batches = BATCHES): number[] | null {
  if (values.length < batches) return null;
  const size = values.length / batches;
  return Array.from({ length: batches }, (_, at) =>
    median(values.slice(Math.round(at * size), Math.round((at + 1) * size))),
  );
}

/** How much something grew over the time of its batches, and how likely chance alone would make as clear a trend. */
export interface Growth {
  /** Of the level at the beginning, such as 0.08. */
  readonly share: number;
  /** 95 %. */
  readonly interval: readonly [low: number, high: number];
  /** Two-sided. */
  readonly p: number;
}

/**
 * Relative growth from the beginning of the first batch to the end of the last: Theil and Sen's slope times the duration.
 *
 * On the logarithmic scale, where a slope is a share of whatever level it starts from. A line through the values themselves
 * would begin below zero for what grows faster and faster. Mann and Kendall's test is the same on both.
 *
 * @param batches positive, in turn.
 */
export function relativeGrowth(batches: readonly number[]): Growth {
  const { p, slope, slopeInterval } = trend(batches.map(Math.log));
  const share = (perBatch: number) => Math.expm1(perBatch * batches.length);
  return { share: share(slope), interval: [share(slopeInterval[0]), share(slopeInterval[1])], p };
}

/** Growth that is neither chance nor too little to matter. */
export const isDrift = ({ share, p }: Pick<Growth, 'share' | 'p'>, smallest = SMALLEST_GROWTH): boolean =>
  p < ALPHA && share >= smallest;
