import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Evidence } from '../../scripts/result/evidence';
import { Histogram } from '../../scripts/result/histogram';
import type { Bucket, Result, Series } from '../../scripts/result/result';
import { TARGETS } from '../../thresholds';
import { evidenceOf, given, STARTED_MS, summaryOf } from './evidence';
import { normals } from './pairs';

/** A run that is larger in one way than the suite's own: by its operations, or by its length. */
export interface LargeRun {
  readonly operations: number;
  /** Of its steady phase. */
  readonly steadyMs: number;
  readonly requestsPerS: number;
  /** Name of an operation; left out: `operation-17`. */
  readonly nameOf?: (at: number) => string;
}

const BEGAN_MS = STARTED_MS + 1000;
const WARMUP_MS = 10_000;
const RAMPDOWN_MS = 2000;
const FAILED_SHARE = 0.002;
const CACHES = ['hot', 'cold', 'hot'];
const LAYERS = ['data', 'inner', 'http'];
/** What its series feed. */
const JUDGED = [
  'p95-cached',
  'error-rate',
  'p99-api',
  'mean-api',
  'p95-cold',
  'endurance-p50',
  'endurance-p95',
  'endurance-error-rate',
  'endurance-memory',
];

/** What such a run leaves behind, drawn from a seed. It has buckets as ingest makes them of a run of that length. */
export function largeRun({
  operations,
  steadyMs,
  requestsPerS,
  nameOf = (at) => `operation-${at}`,
}: LargeRun): Evidence {
  const targets = TARGETS.filter(({ id }) => JUDGED.includes(id));
  const { run, result } = evidenceOf([], targets);
  const durationMs = WARMUP_MS + steadyMs + RAMPDOWN_MS;
  const bucketMs = durationMs >= 600_000 ? 10_000 : 1000;
  const phases = [
    { phase: 'warmup', startMs: 0, endMs: WARMUP_MS },
    { phase: 'steady', startMs: WARMUP_MS, endMs: WARMUP_MS + steadyMs },
    { phase: 'rampdown', startMs: WARMUP_MS + steadyMs, endMs: durationMs },
  ].map((one) => ({ ...one, offered: ((one.endMs - one.startMs) / 1000) * requestsPerS }));
  const collected = new Collected(bucketMs);
  const normal = normals(operations);
  const random = xoroshiro128plus(operations);
  const count = Math.floor((durationMs / 1000) * requestsPerS);
  for (let one = 0; one < count; one++) {
    const atMs = (one * 1000) / requestsPerS;
    const phase = given(phases.find(({ endMs }) => atMs < endMs)).phase;
    const at = one % operations;
    const tags = { name: nameOf(at), op: 'price', cache: CACHES[at % CACHES.length] ?? '', phase };
    const failed = uniformFloat64(random) < FAILED_SHARE;
    collected.add('http_reqs', { ...tags, status: '200' }, atMs, 1);
    collected.add('http_req_duration', { ...tags, status: '200' }, atMs, (8 + (at % 40)) * Math.exp(0.4 * normal()));
    collected.add('fiml_failed', tags, atMs, failed ? 1 : 0);
    if (failed) {
      collected.add('fiml_failures', { ...tags, layer: LAYERS[at % 3] ?? '', reason: 'provider time-out' }, atMs, 1);
    }
    collected.add('iterations', { scenario: 'traffic', phase }, atMs, 1);
  }
  for (let atMs = 0; atMs < durationMs; atMs += 2000) {
    const { phase } = given(phases.find(({ endMs }) => atMs < endMs));
    const bytes = 90e6 + 2e6 * uniformFloat64(random);
    collected.add('fiml_server_rss_bytes', { phase }, atMs, bytes);
    collected.add('fiml_observations', { phase, series: 'memory' }, atMs, 1);
    collected.add('vus', {}, atMs, 5);
  }
  const full: Result = {
    ...given(result),
    startMs: BEGAN_MS,
    endMs: BEGAN_MS + durationMs,
    bucketMs,
    metrics: collected.metrics(),
    series: collected.series(),
  };
  return {
    run: {
      ...run,
      id: '2026-11-24T10-00-00-load-endurance',
      profile: 'endurance',
      plan: {
        ...given(run.plan),
        phases,
        durationMs,
        expectedIterations: { traffic: count },
        vuCeiling: { traffic: 100 },
      },
      k6: { ...run.k6, endedAtMs: BEGAN_MS + durationMs + 100 },
      generator: {
        cpuLimit: 2,
        samples: Array.from({ length: durationMs / 1000 }, (_, second) => ({
          atMs: BEGAN_MS + (second + 0.5) * 1000,
          share: 0.2,
          waiting: 0.05,
        })),
      },
    },
    result: full,
    resultProblem: null,
    ...summaryOf(full, targets),
  };
}

const TYPES: Readonly<Record<string, Result['metrics'][string]['type']>> = {
  http_req_duration: 'trend',
  fiml_failed: 'rate',
  fiml_server_rss_bytes: 'gauge',
  vus: 'gauge',
};
const typeOf = (metric: string) => TYPES[metric] ?? 'counter';

interface Part extends Omit<Bucket, 'histogram'> {
  readonly histogram: Histogram;
}

/** Samples by series and time bucket. */
class Collected {
  private readonly found = new Map<
    string,
    { series: Omit<Series, 'histogram' | 'buckets'>; parts: Map<number, Part> }
  >();

  constructor(private readonly bucketMs: number) {}

  add(metric: string, tags: Series['tags'], atMs: number, value: number): void {
    const key = JSON.stringify([metric, tags]);
    const timeMs = BEGAN_MS + atMs;
    const zero = { count: 0, sum: 0, nonZero: 0 };
    const known = this.found.get(key) ?? {
      series: { metric, tags, ...zero, min: value, max: value, last: value, firstMs: timeMs, lastMs: timeMs },
      parts: new Map<number, Part>(),
    };
    this.found.set(key, known);
    const i = Math.floor(atMs / this.bucketMs);
    const part = known.parts.get(i) ?? { i, ...zero, histogram: new Histogram() };
    known.parts.set(i, part);
    for (const one of [known.series, part]) {
      one.count += 1;
      one.sum += value;
      one.nonZero += value === 0 ? 0 : 1;
    }
    if (typeOf(metric) === 'trend') part.histogram.add(value);
    Object.assign(known.series, {
      min: Math.min(known.series.min, value),
      max: Math.max(known.series.max, value),
      last: value,
      lastMs: timeMs,
    });
  }

  series(): Series[] {
    return [...this.found.values()].map(({ series, parts }) => {
      const isTrend = typeOf(series.metric) === 'trend';
      const whole = new Histogram();
      const buckets = [...parts.values()].map(({ histogram, ...bucket }) => {
        whole.addAll(histogram);
        return isTrend ? { ...bucket, histogram: histogram.toSparse() } : bucket;
      });
      return isTrend ? { ...series, buckets, histogram: whole.toSparse() } : { ...series, buckets };
    });
  }

  metrics(): Result['metrics'] {
    const names = new Set([...this.found.values()].map(({ series }) => series.metric));
    return Object.fromEntries(
      [...names].map((name) => [
        name,
        { type: typeOf(name), contains: typeOf(name) === 'trend' ? ('time' as const) : ('default' as const) },
      ]),
    );
  }
}
