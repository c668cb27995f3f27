import { Histogram } from '../result/histogram';
import type { Bucket, MetricType, Series } from '../result/result';
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
  histogram: Histogram | null;
}

/** The samples of one metric under one set of tags. */
export class Collected {
  private readonly total: Part;
  private parts = new Map<number, Part>();
  private readonly bucketed: boolean;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private firstMs = Number.POSITIVE_INFINITY;
  private lastMs = Number.NEGATIVE_INFINITY;
  private last = 0;
  readonly slowRole: SlowRole;

  constructor(
    readonly metric: string,
    readonly tags: Tags,
    private readonly withHistogram: boolean,
  ) {
    this.slowRole = slowRoleOf(metric, tags);
    this.bucketed = !WITHOUT_BUCKETS.includes(metric);
    this.total = this.newPart(withHistogram && !this.bucketed);
  }

  add(index: number, timeMs: number, value: number): void {
    count(this.total, value);
    if (this.bucketed) {
      let part = this.parts.get(index);
      if (part === undefined) {
        part = this.newPart(this.withHistogram);
        this.parts.set(index, part);
      }
      count(part, value);
    }
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
    const coarse = new Map<number, Part>();
    for (const [index, part] of this.parts) {
      const at = Math.floor(index / (COARSE_MS / FINE_MS));
      const into = coarse.get(at);
      if (into === undefined) {
        coarse.set(at, part);
        continue;
      }
      into.count += part.count;
      into.sum += part.sum;
      into.nonZero += part.nonZero;
      if (part.histogram !== null) into.histogram?.addAll(part.histogram);
    }
    this.parts = coarse;
  }

  toSeries(type: MetricType): Series {
    const { count, sum, nonZero } = this.total;
    const series: Series = {
      metric: this.metric,
      tags: this.tags,
      count,
      sum,
      min: this.min,
      max: this.max,
      last: this.last,
      nonZero,
      firstMs: this.firstMs,
      lastMs: this.lastMs,
    };
    if (type === 'trend') series.histogram = this.wholeHistogram().toSparse();
    if (this.bucketed) {
      series.buckets = [...this.parts].sort(([a], [b]) => a - b).map(([i, part]) => toBucket(i, part, type));
    }
    return series;
  }

  /** Made from the buckets' when there are any, so that a sample is put into one histogram, not two. */
  private wholeHistogram(): Histogram {
    const whole = this.total.histogram ?? new Histogram();
    for (const { histogram } of this.parts.values()) if (histogram !== null) whole.addAll(histogram);
    return whole;
  }

  private newPart(withHistogram: boolean): Part {
    return { count: 0, sum: 0, nonZero: 0, histogram: withHistogram ? new Histogram() : null };
  }
}

function count(part: Part, value: number): void {
  part.count += 1;
  // Sums of the hugest values would reach infinity, which JSON cannot hold.
  part.sum = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, part.sum + value));
  if (value !== 0) part.nonZero += 1;
  part.histogram?.add(value);
}

function toBucket(i: number, { count, sum, nonZero, histogram }: Part, type: MetricType): Bucket {
  const bucket: Bucket = { i, count, sum, nonZero };
  if (type === 'trend' && histogram !== null) bucket.histogram = histogram.toSparse();
  return bucket;
}
