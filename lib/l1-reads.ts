import type { LatencyBucket } from './scrape';

/** A read beyond the histogram's last bound, ms: nobody knows how long it took, and no limit may hold by it. */
export const BEYOND_MS = 60_000;

/**
 * How long the reads between two looks at a histogram took, ms. Of each read only its bucket is known: those of a bucket
 * are spread evenly over it, as Prometheus' `histogram_quantile` does, so that a percentile is right to the bucket that it
 * lies in. Whether it is below one of the buckets' own bounds, such as 100 ms, is exact.
 *
 * @returns null when the counters went back: then it is another process, of which nothing is known from before.
 */
export function readsBetween(before: readonly LatencyBucket[], after: readonly LatencyBucket[]): number[] | null {
  const earlier = new Map(before.map(({ leS, count }) => [leS, count]));
  const readsMs: number[] = [];
  let below = 0;
  let fromMs = 0;
  for (const { leS, count } of after) {
    const upTo = count - (earlier.get(leS) ?? 0);
    const own = upTo - below;
    if (own < 0) return null;
    const toMs = leS * 1000;
    for (let i = 0; i < own; i++) {
      readsMs.push(Number.isFinite(toMs) ? fromMs + ((toMs - fromMs) * (i + 0.5)) / own : BEYOND_MS);
    }
    below = upTo;
    fromMs = toMs;
  }
  return readsMs;
}
