import type { Bucket, MetricType, Series } from '../result/result';
import { quickBucketOf } from './bucket-index';
import { Counts } from './counts';
import type { Tags } from './sample';
import { type SlowRole, slowRoleOf } from './slowest';

export const FINE_MS = 1000;
export const COARSE_MS = 10_000;
/** Runs of at least this length are kept in coarse buckets. */
export const COARSE_FROM_MS = 600_000;

/** k6's parts of `http_req_duration`: nobody reads them over time, and they are most of a file's series. */
const WITHOUT_BUCKETS: readonly string[] = [
  'http_req_blocked',
  'http_req_connecting',
  'http_req_tls_handshaking',
  'http_req_sending',
  'http_req_waiting',
  'http_req_receiving',
];

interface Part {
  count: number;
  sum: number;
  nonZero: number;
  /** Null while it is the open one, and of what is no Trend. */
  histogram: number[] | null;
}

/** The samples of one metric under one set of tags. */
export class Collected {
  private parts = new Map<number, Part>();
  /** The part that samples go to now, whose histogram is in `counts`. */
  private open: Part | null = null;
  private openIndex = 0;
  private readonly counts: Counts | null;
  private readonly bucketed: boolean;
  /** In the order of the samples: the same values added in another give another last digit. */
  private sum = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private firstMs = Number.POSITIVE_INFINITY;
  private lastMs = Number.NEGATIVE_INFINITY;
  private last = 0;
  readonly slowRole: SlowRole;

  constructor(
    readonly metric: string,
    readonly tags: Tags,
    withHistogram: boolean,
  ) {
    this.slowRole = slowRoleOf(metric, tags);
    this.bucketed = !WITHOUT_BUCKETS.includes(metric);
    this.counts = withHistogram ? new Counts() : null;
  }

  add(index: number, timeMs: number, value: number): void {
    const part = this.open !== null && (index === this.openIndex || !this.bucketed) ? this.open : this.openAt(index);
    part.count += 1;
    part.sum = plus(part.sum, value);
    if (value !== 0) part.nonZero += 1;
    this.counts?.add(quickBucketOf(value), 1);
    this.sum = plus(this.sum, value);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (timeMs < this.firstMs) this.firstMs = timeMs;
    if (timeMs >= this.lastMs) {
      this.lastMs = timeMs;
      this.last = value;
    }
  }

  /** Joins the fine buckets to coarse ones. */
  coarsen(): void {
    this.close();
    const coarse = new Map<number, Part>();
    const counts = new Counts();
    for (const [index, part] of this.parts) {
      const at = Math.floor(index / (COARSE_MS / FINE_MS));
      const into = coarse.get(at);
      if (into === undefined) {
        coarse.set(at, part);
        continue;
      }
      into.count += part.count;
      into.sum = plus(into.sum, part.sum);
      into.nonZero += part.nonZero;
      if (into.histogram === null || part.histogram === null) continue;
      counts.addSparse(into.histogram);
      counts.addSparse(part.histogram);
      into.histogram = counts.take();
    }
    this.parts = coarse;
  }

  private openAt(index: number): Part {
    this.close();
    let part = this.parts.get(index);
    if (part === undefined) {
      part = { count: 0, sum: 0, nonZero: 0, histogram: null };
      this.parts.set(index, part);
    }
    if (part.histogram !== null) this.counts?.addSparse(part.histogram);
    part.histogram = null;
    this.open = part;
    this.openIndex = index;
    return part;
  }

  private close(): void {
    if (this.open !== null && this.counts !== null) this.open.histogram = this.counts.take();
    this.open = null;
  }

  toSeries(type: MetricType): Series {
    this.close();
    const parts = [...this.parts].sort(([a], [b]) => a - b);
    const series: Series = {
      metric: this.metric,
      tags: this.tags,
      count: parts.reduce((total, [, { count }]) => total + count, 0),
      sum: this.sum,
      min: this.min,
      max: this.max,
      last: this.last,
      nonZero: parts.reduce((total, [, { nonZero }]) => total + nonZero, 0),
      firstMs: this.firstMs,
      lastMs: this.lastMs,
    };
    if (type === 'trend') series.histogram = wholeHistogram(parts);
    if (this.bucketed) series.buckets = parts.map(([i, part]) => toBucket(i, part, type));
    return series;
  }
}

function wholeHistogram(parts: readonly [number, Part][]): number[] {
  const whole = new Counts();
  for (const [, { histogram }] of parts) if (histogram !== null) whole.addSparse(histogram);
  return whole.take();
}

/** Sums of the hugest values would reach infinity, which JSON cannot hold. */
function plus(sum: number, value: number): number {
  const next = sum + value;
  return next > Number.MAX_VALUE ? Number.MAX_VALUE : next < -Number.MAX_VALUE ? -Number.MAX_VALUE : next;
}

function toBucket(i: number, { count, sum, nonZero, histogram }: Part, type: MetricType): Bucket {
  const bucket: Bucket = { i, count, sum, nonZero };
  if (type === 'trend' && histogram !== null) bucket.histogram = histogram;
  return bucket;
}
