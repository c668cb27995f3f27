import type { OverTime, Selector, Statistic } from '../../thresholds';
import { Histogram } from './histogram';
import type { Result, Series } from './result';

/** Several series as if they had been one. */
export interface Merged {
  readonly count: number;
  readonly sum: number;
  /** 0 when there are no samples. */
  readonly min: number;
  readonly max: number;
  /** Value of the newest sample. */
  readonly last: number;
  readonly nonZero: number;
  /** Null unless all are Trends. */
  readonly histogram: Histogram | null;
  /** Times of the first and the last sample, epoch ms; 0 when there are no samples. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * The series of a metric that carry the selector's tags. An empty value selects what lacks the tag.
 *
 * Requests without an answer are series of their own (`status` "0", or an `error_code`): k6 gives them a duration of 0,
 * so whoever asks for latency selects them away with `answered`.
 */
export function selectSeries(
  result: Result,
  metric: string,
  selector: Selector = {},
  { phase }: { phase?: string } = {},
): Series[] {
  const wanted = Object.entries(phase === undefined ? selector : { ...selector, phase });
  return result.series.filter(
    (series) =>
      series.metric === metric &&
      wanted.every(([tag, value]) => {
        const actual = series.tags[tag] ?? '';
        return typeof value === 'string' ? value === actual : value.includes(actual);
      }),
  );
}

/**
 * Whether a series' requests got an answer. k6 writes status 0 and an error code below 1400 when there was none; from
 * there on the code is 1000 + the HTTP status of an answer.
 */
export function answered(series: Pick<Series, 'tags'>): boolean {
  const { status, error_code: code } = series.tags;
  return status !== '0' && (code === undefined || Number(code) >= 1400);
}

export function mergeSeries(series: readonly Series[]): Merged {
  const filled = series.filter(({ count }) => count > 0);
  let histogram: Histogram | null = filled.length === 0 ? null : new Histogram();
  const merged = { count: 0, sum: 0, min: 0, max: 0, last: 0, nonZero: 0, firstMs: 0, lastMs: 0 };
  for (const one of filled) {
    const first = merged.count === 0;
    merged.min = first ? one.min : Math.min(merged.min, one.min);
    merged.max = first ? one.max : Math.max(merged.max, one.max);
    merged.firstMs = first ? one.firstMs : Math.min(merged.firstMs, one.firstMs);
    if (first || one.lastMs >= merged.lastMs) {
      merged.last = one.last;
      merged.lastMs = one.lastMs;
    }
    merged.count += one.count;
    merged.sum += one.sum;
    merged.nonZero += one.nonZero;
    if (one.histogram === undefined) histogram = null;
    else histogram?.addAll(Histogram.fromSparse(one.histogram));
  }
  return { ...merged, histogram };
}

/** A target's statistic; null when nothing was measured, or a percentile is asked of what is no Trend. */
export function statistic(merged: Merged, name: Exclude<Statistic, OverTime>): number | null {
  if (merged.count === 0) return null;
  switch (name) {
    case 'p50':
      return quantile(merged, 0.5);
    case 'p95':
      return quantile(merged, 0.95);
    case 'p99':
      return quantile(merged, 0.99);
    case 'mean':
      return merged.sum / merged.count;
    case 'rate':
      return merged.nonZero / merged.count;
    case 'value':
      return merged.last;
  }
}

/** A quantile of a Trend, never outside what was measured: a bucket's middle may lie beyond the true extremes. */
export function quantile(merged: Merged, q: number): number | null {
  const value = merged.histogram?.quantile(q) ?? null;
  return value === null ? null : Math.min(merged.max, Math.max(merged.min, value));
}

/** Number of samples. */
export function countIn(result: Result, metric: string, selector: Selector = {}): number {
  return selectSeries(result, metric, selector).reduce((count, series) => count + series.count, 0);
}

/** Sum of the values: what a Counter has counted. */
export function sumIn(result: Result, metric: string, selector: Selector = {}): number {
  return selectSeries(result, metric, selector).reduce((sum, series) => sum + series.sum, 0);
}

/** Time from the first to the last sample, ms. */
export function windowMs(merged: Pick<Merged, 'firstMs' | 'lastMs'>): number {
  return merged.lastMs - merged.firstMs;
}
