import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Target } from '../../thresholds';
import { type Merged, quantile } from '../result/query';
import type { Series } from '../result/result';

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
 * Bound of a quantile by order statistics, free of any assumption on the distribution.
 *
 * Upper: the smallest rank u with P(Bin(n, q) < u) ≥ 95 %; lower: the largest rank l with P(Bin(n, q) ≥ l) ≥ 95 %. Source:
 * David and Nagaraja, Order Statistics, 7.1. There is none when even the extreme sample proves nothing.
 */
function quantileBound(merged: Merged, q: number, operator: '<' | '>'): number | null {
  const n = merged.count;
  const rank = operator === '<' ? binomialQuantile(CONFIDENCE, n, q) + 1 : binomialQuantile(1 - CONFIDENCE, n, q);
  if (!(rank >= 1 && rank <= n)) return null;
  return n === 1 ? merged.max : quantile(merged, (rank - 1) / (n - 1));
}

/**
 * Wilson's score bound of a share (E. B. Wilson, JASA 22, 1927).
 *
 * @param share observed, from 0 to 1.
 */
export function wilsonBound(share: number, n: number, operator: '<' | '>'): number | null {
  if (!(n > 0)) return null;
  const z = normalQuantile(CONFIDENCE, 0, 1);
  const centre = share + (z * z) / (2 * n);
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const bound = (operator === '<' ? centre + spread : centre - spread) / (1 + (z * z) / n);
  return Math.min(1, Math.max(0, bound));
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
