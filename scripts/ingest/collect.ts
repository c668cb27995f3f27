import type { Bucket, MetricType, Series } from '../result/result';
import { quickBucketOf } from './bucket-index';
import { Counts } from './counts';
import { COUNT, NON_ZERO, type Numbers, Parts, STRIDE, SUM } from './parts';
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

const NONE = -1;

/**
 * One sample, used anew for the next. Numbers that are no integers become objects of their own each time that they are
 * handed to a function, unless it is compiled into its caller: a tenth of the time of reading.
 */
export class Sample {
  timeMs = Number.NaN;
  value = Number.NaN;
  /** Time bucket. */
  bucket = 0;
}

/** The samples of one metric under one set of tags. */
export class Collected {
  private parts = new Parts();
  /** Of each part that is not open; of Trends only. */
  private histograms: number[][] = [];
  /** Slot of the part that samples go to now, whose numbers are the next and whose histogram is in `counts`. */
  private open = NONE;
  private openIndex = 0;
  private openCount = 0;
  private openSum = 0;
  private openNonZero = 0;
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

  add({ timeMs, value, bucket }: Sample): void {
    const at = this.bucketed ? bucket : 0;
    if (at !== this.openIndex || this.open === NONE) this.openAt(at);
    this.openCount += 1;
    this.openSum = plus(this.openSum, value);
    if (value !== 0) this.openNonZero += 1;
    if (this.counts !== null) this.counts.add(quickBucketOf(value), 1);
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
    if (!this.bucketed) return;
    this.close();
    const { parts, histograms } = this;
    this.parts = new Parts();
    this.histograms = [];
    const { numbers: fine } = parts;
    for (let slot = 0; slot < parts.end; slot += STRIDE) {
      const index = Math.floor((fine[slot] as number) / (COARSE_MS / FINE_MS));
      if (index !== this.openIndex || this.open === NONE) this.openAt(index);
      this.openCount += fine[slot + COUNT] as number;
      this.openSum = plus(this.openSum, fine[slot + SUM] as number);
      this.openNonZero += fine[slot + NON_ZERO] as number;
      this.counts?.addSparse(histograms[slot / STRIDE] as number[]);
    }
  }

  toSeries(type: MetricType): Series {
    this.close();
    const buckets = this.buckets(type);
    const series: Series = {
      metric: this.metric,
      tags: this.tags,
      count: buckets.reduce((total, { count }) => total + count, 0),
      sum: this.sum,
      min: this.min,
      max: this.max,
      last: this.last,
      nonZero: buckets.reduce((total, { nonZero }) => total + nonZero, 0),
      firstMs: this.firstMs,
      lastMs: this.lastMs,
    };
    if (type === 'trend') series.histogram = this.wholeHistogram();
    if (this.bucketed) series.buckets = buckets;
    return series;
  }

  private openAt(index: number): void {
    this.close();
    this.open = this.parts.slotOf(index);
    this.openIndex = index;
    const { numbers } = this.parts;
    this.openCount = numbers[this.open + COUNT] as number;
    this.openSum = numbers[this.open + SUM] as number;
    this.openNonZero = numbers[this.open + NON_ZERO] as number;
    const before = this.histograms[this.open / STRIDE];
    if (before !== undefined) this.counts?.addSparse(before);
  }

  private close(): void {
    if (this.open === NONE) return;
    const { numbers } = this.parts;
    numbers[this.open + COUNT] = this.openCount;
    numbers[this.open + SUM] = this.openSum;
    numbers[this.open + NON_ZERO] = this.openNonZero;
    if (this.counts !== null) this.histograms[this.open / STRIDE] = this.counts.take();
    this.open = NONE;
  }

  private wholeHistogram(): number[] {
    const whole = new Counts();
    for (const histogram of this.histograms) whole.addSparse(histogram);
    return whole.take();
  }

  private buckets(type: MetricType): Bucket[] {
    const { end, numbers } = this.parts;
    return Array.from({ length: end / STRIDE }, (_, order) => {
      const [i, count, sum, nonZero] = numbers.subarray(order * STRIDE) as unknown as Numbers;
      const bucket: Bucket = { i, count, sum, nonZero };
      const histogram = this.histograms[order];
      if (type === 'trend' && histogram !== undefined) bucket.histogram = histogram;
      return bucket;
    }).sort((a, b) => a.i - b.i);
  }
}

/** Sums of the hugest values would reach infinity, which JSON cannot hold. */
function plus(sum: number, value: number): number {
  const next = sum + value;
  return next > Number.MAX_VALUE ? Number.MAX_VALUE : next < -Number.MAX_VALUE ? -Number.MAX_VALUE : next;
}
