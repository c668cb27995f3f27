import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Target } from '../../thresholds';
import { type Merged, quantile } from '../result/query';
import type { Series } from '../result/result';
import { wilsonInterval } from '../statistics';

/** One-sided: the side that could still break the limit is the only one that matters. */
const CONFIDENCE = 0.95;

export const QUANTILES: Readonly<Partial<Record<Target['statistic'], number>>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

/**
 * The 95 % bound of a target's statistic on the side of its limit: with `<` the value may still be this high, with `>` this
 * low. It takes the samples for independent; those of one server are not quite, so it is shown beside the value and
 * decides nothing.
 *
 * @param samples observations that stand behind the value; for a gauge more than its samples.
 * @returns null when these samples give no finite bound.
 */
export function confidenceBound(
  target: Pick<Target, 'statistic' | 'operator'>,
  merged: Merged,
  series: readonly Series[],
  value: number,
  samples: number,
): number | null {
  const q = QUANTILES[target.statistic];
  if (q !== undefined) return quantileBound(merged, q, target.operator);
  if (target.statistic === 'mean') return meanBound(series, target.operator);
  // A gauge may stand for anything; only of a share is it known how far it can be off.
  return value >= 0 && value <= 1 ? wilsonBound(value, samples, target.operator) : null;
}

/**
 * The ranks, counted from 1, of the order statistics that bound a quantile, free of any assumption on the distribution.
 *
 * Upper (`<`): the smallest rank u with P(Bin(n, q) < u) ≥ 1 − tail; lower (`>`): the largest rank l with P(Bin(n, q) ≥ l) ≥
 * 1 − tail. Source: David and Nagaraja, Order Statistics, 7.1. Beyond 1 to n where even the extreme sample proves nothing.
 */
export const quantileRank = (n: number, q: number, tail: number): Readonly<Record<'<' | '>', number>> => ({
  '<': binomialQuantile(1 - tail, n, q) + 1,
  '>': binomialQuantile(tail, n, q),
});

function quantileBound(merged: Merged, q: number, operator: '<' | '>'): number | null {
  const n = merged.count;
  const rank = quantileRank(n, q, 1 - CONFIDENCE)[operator];
  if (!(rank >= 1 && rank <= n)) return null;
  return n === 1 ? merged.max : quantile(merged, (rank - 1) / (n - 1));
}

/** @param share observed, from 0 to 1. @returns null without samples. */
export function wilsonBound(share: number, n: number, operator: '<' | '>'): number | null {
  if (!(n > 0)) return null;
  const [low, high] = wilsonInterval(share, n, 1 - CONFIDENCE);
  return operator === '<' ? high : low;
}

/**
 * Bound of a mean from the spread of its time buckets: requests of one second share what the server was doing then, so
 * the bucket and not the request is the unit. The variance is that of a ratio (sum over count), with Student's t.
 */
function meanBound(series: readonly Series[], operator: '<' | '>'): number | null {
  const buckets = new Map<number, { sum: number; count: number }>();
  for (const { buckets: parts = [] } of series) {
    for (const { i, sum, count } of parts) {
      const bucket = buckets.get(i) ?? { sum: 0, count: 0 };
      buckets.set(i, { sum: bucket.sum + sum, count: bucket.count + count });
    }
  }
  const m = buckets.size;
  if (m < 2) return null;
  let sum = 0;
  let count = 0;
  for (const bucket of buckets.values()) {
    sum += bucket.sum;
    count += bucket.count;
  }
  const mean = sum / count;
  let squares = 0;
  for (const bucket of buckets.values()) squares += (bucket.sum - mean * bucket.count) ** 2;
  const standardError = Math.sqrt(((m / (m - 1)) * squares) / count ** 2);
  const reach = tQuantile(CONFIDENCE, m - 1) * standardError;
  return operator === '<' ? mean + reach : mean - reach;
}
