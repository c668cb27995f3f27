import type { Evidence } from '../../scripts/result/evidence';
import { Histogram } from '../../scripts/result/histogram';
import type { Bucket, MetricType, Result, Series } from '../../scripts/result/result';
import type { Run } from '../../scripts/result/run';
import type { Summary } from '../../scripts/result/summary';
import { type Selector, seriesKeys, TARGETS, type Target, targetsFor } from '../../thresholds';

type Tags = Readonly<Record<string, string>>;

/** Samples of one series as plain numbers: the time in epoch ms, then the value. */
export interface Plain {
  readonly metric: string;
  readonly tags: Tags;
  readonly points: readonly (readonly [atMs: number, value: number])[];
}

/** When k6 was started; its load begins after a second of setup. */
export const STARTED_MS = Date.parse('2026-11-24T10:00:00Z');
export const LOAD_MS = STARTED_MS + 1000;
export const PHASES = [
  { phase: 'warmup', startMs: 0, endMs: 5000 },
  { phase: 'steady', startMs: 5000, endMs: 65_000 },
  { phase: 'rampdown', startMs: 65_000, endMs: 66_000 },
] as const;
export const STEADY_MS = 60_000;
const DURATION_MS = 66_000;
const ENDED_MS = LOAD_MS + DURATION_MS + 1000;
const SERVER_STARTED_S = STARTED_MS / 1000 - 60;
const BUCKET_MS = 1000;

const TYPES: Readonly<Record<string, MetricType>> = {
  http_req_duration: 'trend',
  iteration_duration: 'trend',
  fiml_dsl_duration: 'trend',
  fiml_fault_look_duration: 'trend',
  fiml_narrative_duration: 'trend',
  fiml_session_duration: 'trend',
  http_req_failed: 'rate',
  fiml_failed: 'rate',
  fiml_up: 'rate',
  fiml_task_completed: 'rate',
  fiml_provider_ok: 'rate',
  vus: 'gauge',
  vus_max: 'gauge',
  fiml_segment: 'gauge',
  fiml_segment_clock_offset_ms: 'gauge',
  fiml_segment_clock_error_ms: 'gauge',
  fiml_cache_hit_rate: 'gauge',
  fiml_server_start_time: 'gauge',
  fiml_server_cpu_share: 'gauge',
  fiml_server_rss_bytes: 'gauge',
};
const typeOf = (metric: string): MetricType => TYPES[metric] ?? 'counter';

/** A healthy run in numbers. Times are those of answered requests in the steady phase, in ms. */
export interface Numbers {
  readonly hotMs: readonly number[];
  readonly coldMs: readonly number[];
  readonly analysisMs: readonly number[];
  /** Of FK-DSL queries that are answered at once. */
  readonly dslMs: readonly number[];
  /** Which tasks completed; each is polled once. */
  readonly tasks: readonly boolean[];
  readonly taskMs: readonly number[];
  /** Which probes found the server up; each that did asked twice. */
  readonly probes: readonly boolean[];
  readonly providerOk: readonly boolean[];
  readonly hits: number;
  readonly misses: number;
  readonly vus: readonly number[];
  readonly dropped: number;
  readonly serverCores: number;
}

/** `count` times around one, the same each time: from 0.8 to 1.2 of it. */
export const around = (ms: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => ms * (0.8 + (0.4 * ((i * 7) % 11)) / 10));

export const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

const HEALTHY: Numbers = {
  hotMs: around(20, 700),
  coldMs: around(300, 160),
  analysisMs: around(800, 160),
  dslMs: around(400, 30),
  tasks: times(60, true),
  taskMs: around(500, 60),
  probes: times(660, true),
  providerOk: times(320, true),
  hits: 900,
  misses: 100,
  vus: times(60, 9),
  dropped: 0,
  serverCores: 0.4,
};

/** Numbers of a run in which nothing is sent: whoever measures one thing adds it. */
export const NOTHING_SENT: Partial<Numbers> = {
  hotMs: [],
  coldMs: [],
  analysisMs: [],
  dslMs: [],
  tasks: [],
  taskMs: [],
  probes: [],
  providerOk: [],
};

/** Spreads values evenly over the steady phase, or over as much of it as is asked for. */
export function plain(metric: string, tags: Tags, values: readonly number[], lengthMs = STEADY_MS): Plain {
  const step = lengthMs / Math.max(1, values.length - 1);
  const fromMs = LOAD_MS + PHASES[1].startMs;
  return { metric, tags, points: values.map((value, i) => [fromMs + step * i, value]) };
}

const steady = (metric: string, tags: Tags, values: readonly number[]): Plain =>
  plain(metric, { ...tags, phase: 'steady' }, values);
const ones = (count: number): number[] => times(count, 1);
const bits = (values: readonly boolean[]): number[] => values.map(Number);

/** Requests that were answered well, as the client counts them. */
export const answered = (tags: Tags, durationsMs: readonly number[]): Plain[] => [
  steady('http_reqs', { ...tags, status: '200' }, ones(durationsMs.length)),
  steady('http_req_duration', { ...tags, status: '200' }, durationsMs),
  steady('fiml_failed', tags, times(durationsMs.length, 0)),
];

export interface Failing {
  readonly count: number;
  readonly tags?: Tags;
  readonly layer?: string;
  readonly reason?: string;
  /** `0`: there was no answer, to which k6 gives a duration of 0. */
  readonly status?: string;
  readonly ms?: number;
}

export const HOT: Tags = { name: 'search-quick', op: 'price', cache: 'hot' };
export const COLD: Tags = { name: 'search-quick', op: 'price', cache: 'cold' };

/** Requests that failed, as the client counts them. */
export function failing({ count, tags = HOT, layer, reason, status = '0', ms = 0 }: Failing): Plain[] {
  const code = status === '0' ? { error_code: '1050' } : status === '200' ? {} : { error_code: `1${status}` };
  const transport = status === '0' ? 'transport' : 'inner';
  return [
    steady('http_reqs', { ...tags, ...code, status }, ones(count)),
    steady('http_req_duration', { ...tags, ...code, status }, times(count, ms)),
    steady('fiml_failed', tags, ones(count)),
    steady('fiml_failures', { ...tags, layer: layer ?? transport, reason: reason ?? 'time-out' }, ones(count)),
  ];
}

/** The series of a run in which nothing went wrong, but for what the numbers say. */
export function healthy(changes: Partial<Numbers> = {}): Plain[] {
  const numbers = { ...HEALTHY, ...changes };
  const { hotMs, coldMs, analysisMs, dslMs, tasks, taskMs, probes, providerOk, hits, misses, dropped } = numbers;
  const up = probes.filter(Boolean).length;
  const traffic = hotMs.length + coldMs.length + analysisMs.length + dslMs.length + tasks.length;
  const scenario = (name: string, count: number) => steady('iterations', { scenario: name }, ones(count));
  return [
    ...answered(HOT, hotMs),
    ...answered(COLD, coldMs),
    ...answered({ name: 'search-standard', op: 'analysis' }, analysisMs),
    ...answered({ name: 'dsl-sync', op: 'dsl' }, dslMs),
    ...answered({ name: 'dsl-async', op: 'dsl' }, around(3, tasks.length)),
    ...answered({ name: 'task-status', op: 'poll' }, around(3, tasks.length)),
    ...answered({ name: 'search-quick', op: 'probe' }, around(10, probes.length)),
    ...answered({ name: 'health', op: 'probe' }, around(5, up)),
    steady('fiml_up', {}, bits(probes)),
    steady('fiml_observations', { series: 'probe' }, ones(probes.length)),
    steady('fiml_task_completed', {}, bits(tasks)),
    steady('fiml_observations', { series: 'task' }, ones(tasks.length)),
    steady('fiml_dsl_duration', {}, [...dslMs, ...taskMs]),
    steady('fiml_observations', { series: 'dsl' }, ones(dslMs.length + taskMs.length)),
    steady('fiml_provider_ok', {}, bits(providerOk)),
    steady('fiml_observations', { series: 'provider' }, ones(providerOk.length)),
    steady('fiml_narrative_duration', {}, analysisMs),
    steady('fiml_observations', { series: 'narrative' }, ones(analysisMs.length)),
    steady('fiml_cache_hit_rate', {}, [0.5, hits + misses === 0 ? 0 : hits / (hits + misses)]),
    steady('fiml_cache_reads', {}, [0, hits + misses]),
    plain('vus', {}, numbers.vus),
    scenario('traffic', traffic - dropped),
    scenario('probes', probes.length),
    scenario('monitor', 30),
    plain('dropped_iterations', { scenario: 'traffic' }, ones(dropped)),
    steady('fiml_server_cpu_share', {}, times(30, numbers.serverCores)),
    steady('fiml_server_rss_bytes', {}, times(30, 90e6)),
    steady('fiml_server_start_time', {}, times(30, SERVER_STARTED_S)),
  ];
}

/** The targets of the scenario that this evidence is of. */
const OF_LOAD = targetsFor('load', { profile: 'smoke', fault: null }, null, null);

/** Puts series together to what a run leaves behind: run, result and k6's summary agree with each other. */
export function evidenceOf(plains: readonly Plain[], targets: readonly Target[] = OF_LOAD): Evidence {
  const result = resultOf(plains);
  return { run: runOf(plains, targets), result, resultProblem: null, ...summaryOf(result, targets) };
}

/** A healthy run but for what the numbers say, judged by all targets or by those that are named. */
export const evidence = (changes: Partial<Numbers> = {}, ...only: readonly string[]): Evidence =>
  evidenceOf(healthy(changes), targetsNamed(...only));

/** All targets of load when none is named. @throws when there is none of a name. */
export function targetsNamed(...ids: readonly string[]): Target[] {
  const missing = ids.filter((id) => !TARGETS.some((target) => target.id === id));
  if (missing.length > 0) throw new Error(`no such target: ${missing.join(', ')}`);
  return ids.length === 0 ? OF_LOAD : TARGETS.filter(({ id }) => ids.includes(id));
}

/** The same evidence with something else in its run. */
export const withRun = (evidence: Evidence, change: (run: Run) => Partial<Run>): Evidence => ({
  ...evidence,
  run: { ...evidence.run, ...change(evidence.run) },
});

/** The same evidence with something else in its result. @throws when it has none. */
export const withResult = (evidence: Evidence, change: (result: Result) => Partial<Result>): Evidence => {
  const result = given(evidence.result);
  return { ...evidence, result: { ...result, ...change(result) } };
};

/** @throws when there is nothing: the test would look at something else than it says. */
export function given<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('there is nothing where the test needs something');
  return value;
}

/** The same evidence with the distribution in each time bucket, which is left out where nobody looks at it. */
export const withDistributions = (measured: Evidence, plains: readonly Plain[]): Evidence =>
  withResult(measured, ({ series }) => ({
    series: series.map((one) => {
      const points = plains.find(({ metric, tags }) => metric === one.metric && tags === one.tags)?.points ?? [];
      const at = (i: number) => points.filter(([atMs]) => bucketOf(atMs) === i).map(([, value]) => value);
      return typeOf(one.metric) === 'trend'
        ? {
            ...one,
            buckets: (one.buckets ?? []).map((bucket) => ({ ...bucket, histogram: histogramOf(at(bucket.i)) })),
          }
        : one;
    }),
  }));

const bucketOf = (atMs: number): number => Math.floor((atMs - LOAD_MS) / BUCKET_MS);

function resultOf(plains: readonly Plain[]): Result {
  const filled = plains.filter(({ points }) => points.length > 0);
  const samples = filled.reduce((sum, { points }) => sum + points.length, 0);
  return {
    schema: 'fiml-perf/result',
    version: 1,
    source: {
      file: 'samples.json.gz',
      format: 'k6-json',
      bytes: 100_000,
      lines: samples + Object.keys(metricsOf(filled)).length,
      samples,
      rejected: [],
      truncated: false,
      clockStepBackMs: 0,
      overflow: { tagSets: 0, samples: 0, cap: 5000 },
    },
    startMs: LOAD_MS,
    endMs: LOAD_MS + DURATION_MS,
    bucketMs: BUCKET_MS,
    histogram: { alpha: 0.005 },
    metrics: metricsOf(filled),
    series: filled.map(seriesOf),
  };
}

/** What the metrics of these series are. */
export const metricsOf = (plains: readonly Plain[]): Result['metrics'] =>
  Object.fromEntries(
    plains.map(({ metric }) => {
      const type = typeOf(metric);
      return [metric, { type, contains: type === 'trend' ? 'time' : 'default' }];
    }),
  );

function seriesOf({ metric, tags, points }: Plain): Series {
  const values = points.map(([, value]) => value);
  const timesMs = points.map(([atMs]) => atMs);
  const buckets = new Map<number, Bucket>();
  for (const [atMs, value] of points) {
    const i = bucketOf(atMs);
    const bucket = buckets.get(i) ?? { i, count: 0, sum: 0, nonZero: 0 };
    buckets.set(i, bucket);
    bucket.count += 1;
    bucket.sum += value;
    bucket.nonZero += value === 0 ? 0 : 1;
  }
  return {
    metric,
    tags,
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    nonZero: values.filter((value) => value !== 0).length,
    min: Math.min(...values),
    max: Math.max(...values),
    last: values.at(-1) ?? 0,
    firstMs: Math.min(...timesMs),
    lastMs: Math.max(...timesMs),
    // Nobody reads the distribution of a bucket, and to make it for each would take most of a test's time.
    buckets: [...buckets.values()].sort((one, other) => one.i - other.i),
    ...(typeOf(metric) === 'trend' ? { histogram: histogramOf(values) } : {}),
  };
}

function histogramOf(values: readonly number[]): number[] {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram.toSparse();
}

/** k6's end-of-test data: every metric, and the sub-metrics that the targets make it keep. */
export function summaryOf(result: Result, targets: readonly Target[]): Pick<Evidence, 'summary' | 'summaryProblem'> {
  const metrics: Summary['metrics'] = {};
  const put = (key: string, metric: string, selector: Selector) => {
    const series = result.series.filter(
      (one) => one.metric === metric && Object.entries(selector).every(([tag, value]) => one.tags[tag] === value),
    );
    const total = (of: (one: Series) => number) => series.reduce((sum, one) => sum + of(one), 0);
    const [count, sum, nonZero] = [total((one) => one.count), total((one) => one.sum), total((one) => one.nonZero)];
    const type = typeOf(metric);
    const values = {
      counter: { count: sum },
      gauge: { value: series.at(-1)?.last ?? 0 },
      rate: { passes: nonZero, fails: count - nonZero },
      trend: { count },
    }[type];
    metrics[key] = { type, contains: type === 'trend' ? 'time' : 'default', values };
  };
  for (const metric of Object.keys(result.metrics)) put(metric, metric, {});
  for (const { metric, selector, guard } of targets) {
    for (const { name, tags } of [...submetrics(metric, selector), ...submetrics(guard.metric, guard.selector)]) {
      put(name, name.slice(0, name.indexOf('{')), tags);
    }
  }
  return { summary: { metrics, state: { testRunDurationMs: DURATION_MS + 60 } }, summaryProblem: null };
}

const submetrics = (metric: string, selector: Selector): { name: string; tags: Record<string, string> }[] =>
  seriesKeys(metric, selector).map((name) => {
    const pairs = name.slice(name.indexOf('{') + 1, -1).split(',');
    return { name, tags: Object.fromEntries(pairs.map((pair) => pair.split(':'))) };
  });

function runOf(plains: readonly Plain[], targets: readonly Target[]): Run {
  const planned: Record<string, number> = {};
  for (const { metric, tags, points } of plains) {
    if (!['iterations', 'dropped_iterations'].includes(metric)) continue;
    const name = tags.scenario ?? '';
    planned[name] = (planned[name] ?? 0) + points.length;
  }
  const snapshot = { atMs: STARTED_MS, version: '0.4.1', environment: 'test', startTimesS: [SERVER_STARTED_S] };
  return {
    schema: 'fiml-perf/run',
    version: 1,
    id: '2026-11-24T10-00-00-load-smoke',
    createdAt: '2026-11-24T10:00:00.000Z',
    scenario: 'load',
    profile: 'smoke',
    options: {
      PERF_PROFILE: { value: 'smoke', source: 'default' },
      PERF_MODEL: { value: 'open', source: 'default' },
      PERF_TARGET: { value: 'http://fiml.test:8000', source: 'command line' },
    },
    plan: {
      phases: [...PHASES],
      durationMs: DURATION_MS,
      expectedIterations: planned,
      vuCeiling: { traffic: 100, probes: 20, monitor: 1 },
      bestHitRate: 0.92,
    },
    targets: targets.map((target) => ({ ...target, scenarios: [...target.scenarios] })),
    target: { kind: 'url', url: 'http://fiml.test:8000', before: snapshot, after: { ...snapshot, atMs: ENDED_MS } },
    identity: {
      commit: '0123456789abcdef0123456789abcdef01234567',
      dirty: false,
      suiteVersion: '0.1.0',
      k6Version: '2.2.0',
      nodeVersion: 'v20.20.2',
      host: { cpuModel: 'Some Processor', cpus: 4, memoryBytes: 8 * 2 ** 30, os: 'Linux 6.1' },
    },
    k6: {
      exitCode: 0,
      signal: null,
      startedAtMs: STARTED_MS,
      endedAtMs: ENDED_MS,
      thrownIterations: 0,
      firstThrown: null,
      interrupted: false,
    },
    generator: {
      cpuLimit: 2,
      samples: Array.from({ length: 66 }, (_, i) => ({ atMs: LOAD_MS + (i + 0.5) * 1000, share: 0.2, waiting: 0.05 })),
    },
    samplesFile: 'samples.json.gz',
    notes: [],
  };
}
