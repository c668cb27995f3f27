import { isUtf8 } from 'node:buffer';
import { BUILT_IN } from '../../scripts/ingest/metrics';
import { withoutEmpty } from '../../scripts/ingest/sample';
import { Slowest, slowRoleOf, subjectIn } from '../../scripts/ingest/slowest';
import { Histogram } from '../../scripts/result/histogram';
import type { Bucket, MetricType, Result, Series } from '../../scripts/result/result';

/** What the ingest must make of the bytes of a file of k6's JSON: everything but what the file is called and how it was read. */
export type Plain = Omit<Result, 'schema' | 'version' | 'histogram' | 'source'> & {
  readonly source: Omit<Result['source'], 'file' | 'format' | 'bytes'>;
};

/** As for the ingest. */
export interface PlainOptions {
  readonly tagSetCap: number;
  readonly keepsSeconds: boolean;
}

interface Sample {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly timeMs: number;
  readonly value: number;
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;
const PARTS = ['blocked', 'connecting', 'tls_handshaking', 'sending', 'waiting', 'receiving'].map(
  (part) => `http_req_${part}`,
);
const MOST = Number.MAX_VALUE;

/**
 * Reads k6's JSON the plain way, to hold the quick one against: every line is split off, made text and given to JSON.parse;
 * every sample is kept until the end.
 */
export function plainIngest(file: Buffer, { tagSetCap, keepsSeconds }: PlainOptions): Plain {
  const rejected: { reason: string; count: number; firstLine: number }[] = [];
  const metrics = new Map<string, Result['metrics'][string]>();
  const assumed = new Set<string>();
  const series = new Map<string, Sample[]>();
  const trends = new Set<string>();
  const overflow = new Set<string>();
  const slowest = new Slowest();
  let [lines, samples, overflowSamples, stepBackMs, latestMs, started] = [0, 0, 0, 0, Number.NEGATIVE_INFINITY, false];
  let originMs: number | null = null;
  const reject = (reason: string) => {
    const known = rejected.find((one) => one.reason === reason);
    if (known === undefined) rejected.push({ reason, count: 1, firstLine: lines });
    else known.count += 1;
    return false;
  };
  const typeOf = (metric: string): MetricType => {
    const known = metrics.get(metric);
    if (known !== undefined) return known.type;
    const builtIn = Object.hasOwn(BUILT_IN, metric) ? BUILT_IN[metric] : undefined;
    metrics.set(metric, builtIn ?? { type: 'trend', contains: 'default' });
    if (builtIn === undefined) assumed.add(metric);
    return builtIn?.type ?? 'trend';
  };

  /** @returns false of what is not to be read. */
  const line = (bytes: Buffer, isLast: boolean): boolean => {
    if (bytes.length > 1_000_000) return reject('longer than 1 MB');
    if (!isLast && !isUtf8(bytes)) return reject('not UTF-8');
    const text = bytes.toString('utf8');
    if (text === '' || text === '\r') return true;
    started ||= text.replace(/^\uFEFF/, '').startsWith('{');
    if (!started) return reject('before the first line of a form that k6 writes');
    let record: { metric?: unknown; type?: unknown; data?: Record<string, unknown> | null } | null;
    try {
      record = JSON.parse(text);
    } catch {
      return reject('not JSON');
    }
    const { metric, type, data } = record ?? {};
    if (typeof metric !== 'string' || typeof data !== 'object' || data === null) {
      return reject('neither a metric nor a sample of k6');
    }
    if (type === 'Metric' && ['counter', 'gauge', 'rate', 'trend'].includes(data.type as string)) {
      const contains = data.contains === 'time' || data.contains === 'data' ? data.contains : 'default';
      metrics.set(metric, { type: data.type as MetricType, contains });
      assumed.delete(metric);
      return true;
    }
    if (type !== 'Point') return reject('neither a metric nor a sample of k6');
    if (typeof data.value !== 'number' || !Number.isFinite(data.value)) {
      return reject('a value that is not a finite number');
    }
    const [, second, fraction = '0', zone] = TIME.exec(typeof data.time === 'string' ? data.time : '') ?? [];
    const timeMs = Date.parse(`${second}${zone}`) + Number(`0.${fraction}`) * 1000;
    if (Number.isNaN(timeMs)) return reject('a time that cannot be read');
    const tags = withoutEmpty(data.tags ?? {});
    if (tags === null) return reject('tags that are not an object of texts');
    samples += 1;
    const key = metric + JSON.stringify(tags);
    let kept = series.get(key);
    if (kept === undefined && series.size >= tagSetCap) {
      overflow.add(key);
      overflowSamples += 1;
      return true;
    }
    if (kept === undefined) {
      if (typeOf(metric) === 'trend') trends.add(key);
      kept = [];
      series.set(key, kept);
    }
    kept.push({ metric, tags, timeMs, value: data.value });
    originMs ??= Math.floor(timeMs);
    if (latestMs - timeMs > 2000) stepBackMs = Math.max(stepBackMs, Math.round(latestMs - timeMs));
    latestMs = Math.max(latestMs, timeMs);
    const role = slowRoleOf(metric, tags);
    const subject = metric === 'fiml_slow' ? subjectIn(data.metadata) : null;
    if (role !== null) slowest.add(role, data.value, timeMs, tags, subject);
    return true;
  };

  let [from, truncated] = [0, false];
  while (from < file.length) {
    const at = file.indexOf(10, from);
    const isLast = at === -1;
    lines += 1;
    if (!line(file.subarray(from, isLast ? file.length : at), isLast) && isLast) truncated = true;
    from = isLast ? file.length : at + 1;
  }
  const startMs = originMs ?? 0;
  const all = [...series.values()].flat().map(({ timeMs }) => timeMs);
  const isLong = !keepsSeconds && all.length > 0 && Math.max(...all) - Math.min(...all) >= 600_000;
  const slow = slowest.finish();
  return {
    source: {
      lines,
      samples,
      rejected,
      truncated,
      clockStepBackMs: stepBackMs,
      ...(assumed.size > 0 ? { assumedTrends: [...assumed].sort() } : {}),
      overflow: { tagSets: overflow.size, samples: overflowSamples, cap: tagSetCap },
    },
    startMs,
    endMs: Math.max(startMs, latestMs),
    bucketMs: isLong ? 10_000 : 1000,
    series: [...series].map(([key, of]) =>
      toSeries(of, metrics.get((of[0] as Sample).metric)?.type, trends.has(key), startMs, isLong),
    ),
    metrics: Object.fromEntries(metrics),
    ...(slow === undefined ? {} : { slowest: slow }),
  };
}

function toSeries(samples: Sample[], type: MetricType | undefined, isTrend: boolean, startMs: number, isLong: boolean) {
  const [{ metric, tags }] = samples as [Sample];
  const fine = new Map<number, Sample[]>();
  for (const sample of samples) {
    const at = Math.floor((sample.timeMs - startMs) / 1000);
    fine.set(at, [...(fine.get(at) ?? []), sample]);
  }
  const values = samples.map(({ value }) => value);
  const times = samples.map(({ timeMs }) => timeMs);
  const lastMs = Math.max(...times);
  const series: Series = {
    metric,
    tags,
    count: samples.length,
    sum: sumOf(values),
    // Not Math.min: to that, -0 is less than 0.
    min: values.reduce((least, value) => (value < least ? value : least)),
    max: values.reduce((most, value) => (value > most ? value : most)),
    last: (samples.filter(({ timeMs }) => timeMs === lastMs).at(-1) as Sample).value,
    nonZero: values.filter((value) => value !== 0).length,
    firstMs: Math.min(...times),
    lastMs,
  };
  if (type === 'trend') series.histogram = isTrend ? histogramOf(samples) : [];
  if (!PARTS.includes(metric)) {
    const buckets = isLong ? coarse(fine) : fine;
    series.buckets = [...buckets].sort(([a], [b]) => a - b).map(([i, of]) => toBucket(i, of, type, isTrend));
  }
  return series;
}

function coarse(fine: ReadonlyMap<number, Sample[]>): Map<number, Sample[]> {
  const joined = new Map<number, Sample[]>();
  for (const [at, of] of fine) {
    joined.set(Math.floor(at / 10), [...(joined.get(Math.floor(at / 10)) ?? []), ...of]);
  }
  return joined;
}

function toBucket(i: number, samples: Sample[], type: MetricType | undefined, isTrend: boolean): Bucket {
  const values = samples.map(({ value }) => value);
  const bucket: Bucket = {
    i,
    count: samples.length,
    sum: sumOf(values),
    nonZero: values.filter((value) => value !== 0).length,
  };
  if (type === 'trend' && isTrend) bucket.histogram = histogramOf(samples);
  return bucket;
}

function histogramOf(samples: readonly Sample[]): number[] {
  const histogram = new Histogram();
  for (const { value } of samples) histogram.add(value);
  return histogram.toSparse();
}

const sumOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => Math.max(-MOST, Math.min(MOST, sum + value)), 0);
