import { observe } from '../../scripts/observe';
import { failureMeasure } from '../../scripts/observe/measures';
import { Histogram } from '../../scripts/result/histogram';
import type { Measure } from '../../scripts/result/observation';
import type { Bucket, Result, Series } from '../../scripts/result/result';
import type { Run } from '../../scripts/result/run';
import type { Verdict } from '../../scripts/result/verdict';
import { type Random, randomOf } from './random';

/** How a changed server answers, beside the shift of all latencies, which needs no runs of its own. */
export type Shape = 'as ever' | 'slow tenth' | 'slow twentieth' | 'two humps';

const SECONDS = 300;
const MEDIAN_MS = 100;
const REQUEST_SD = 0.45;
/** What the machine does from second to second: an autoregression of first order, alike for all requests of a second. */
const LEVEL_SD = 0.12;
const LEVEL_MEMORY = 0.9;
const SLOW_SHARE = 0.02;
const SLOW_FROM = 2;
const SLOW_TO = 5;
/** The tail that grows, and the hump that appears, by how much each. */
const TAIL_FROM: Readonly<Partial<Record<Shape, number>>> = { 'slow tenth': 0.9, 'slow twentieth': 0.95 };
const HUMP_SHARE = 0.3;
const GROWN = 1.5;

/** Requests per second of each kind, in the proportions of the guide's traffic: 16, 3 and 1. */
const KINDS = [
  { id: 'price', perSecond: 20, metric: 'http_req_duration', tags: { op: 'price', cache: 'hot', status: '200' } },
  { id: 'analysis', perSecond: 3.75, metric: 'http_req_duration', tags: { op: 'analysis', status: '200' } },
  { id: 'dsl', perSecond: 1.25, metric: 'fiml_dsl_duration', tags: {} },
] as const;
export type Kind = (typeof KINDS)[number]['id'];
export const KIND_IDS: readonly Kind[] = KINDS.map(({ id }) => id);

/** Raw latencies are kept as counts in steps of a quarter of a percent: enough to put them to a test on requests. */
export const GRID_STEP = 0.0025;
export const GRID_FROM = Math.log(5);
export const GRID_CELLS = 3200;

export interface SimulatedRun {
  /** What the suite makes of the run. */
  readonly measures: readonly Measure[];
  /** The price queries themselves, counted on a logarithmic grid. */
  readonly grid: Uint8Array;
}

/**
 * One run of a server without a run effect, put through the suite's own chain: buckets of a second with its histogram, its
 * warm-up cut, its quantiles and its block bootstrap.
 *
 * A run effect multiplies all latencies, and so all values, and changes nothing else; it is therefore put on afterwards
 * (`shiftOf` in `repetition.ts`), and a run serves in every regime. Only where in its histogram's bucket a value lies would
 * be the same each time: the phase, a shift that is drawn here and taken back from the values, prevents that.
 *
 * @param effect logarithm by which all latencies are moved and not moved back, for the proof that this may be done.
 */
export function simulateRun(name: string, shape: Shape, effect = 0): SimulatedRun {
  const random = randomOf(name);
  const phase = 0.1 * (random.uniform() - 0.5) + effect;
  const level = machineLevel(random);
  const series: Series[] = [];
  const grid = new Uint8Array(GRID_CELLS);
  for (const { id, perSecond, metric, tags } of KINDS) {
    const seconds = requestsOf(random, level, perSecond, shape);
    if (id === 'price') count(grid, seconds);
    series.push(latencies(metric, { ...tags, phase: 'steady' }, seconds, Math.exp(phase)));
  }
  const { measures } = observe({ ...NOTHING_ELSE, run: RUN, result: resultOf(series) }, VERDICT);
  const back = Math.exp(effect - phase);
  const shifted = measures.map((one) => (one.unit === 'ms' && one.value ? { ...one, value: one.value * back } : one));
  return { measures: shifted, grid };
}

function machineLevel(random: Random): Float64Array {
  const level = new Float64Array(SECONDS);
  const step = LEVEL_SD * Math.sqrt(1 - LEVEL_MEMORY ** 2);
  let now = LEVEL_SD * random.normal();
  for (let second = 0; second < SECONDS; second++) {
    level[second] = now;
    now = LEVEL_MEMORY * now + step * random.normal();
  }
  return level;
}

/** Logarithms of the latencies of one kind, second by second. */
function requestsOf(random: Random, level: Float64Array, perSecond: number, shape: Shape): number[][] {
  const seconds = Array.from(level, (now, second) => {
    const requests = Math.floor((second + 1) * perSecond) - Math.floor(second * perSecond);
    return Array.from({ length: requests }, () => {
      let y = Math.log(MEDIAN_MS) + now + REQUEST_SD * random.normal();
      if (random.uniform() < SLOW_SHARE) y += Math.log(SLOW_FROM + (SLOW_TO - SLOW_FROM) * random.uniform());
      if (shape === 'two humps' && random.uniform() < HUMP_SHARE) y += Math.log(GROWN);
      return y;
    });
  });
  const tailFrom = TAIL_FROM[shape];
  if (tailFrom === undefined) return seconds;
  const sorted = seconds.flat().sort((a, b) => a - b);
  const slowest = sorted[Math.floor(tailFrom * sorted.length)] as number;
  return seconds.map((requests) => requests.map((y) => (y > slowest ? y + Math.log(GROWN) : y)));
}

function count(grid: Uint8Array, seconds: readonly (readonly number[])[]): void {
  for (const y of seconds.flat()) {
    const cell = Math.min(GRID_CELLS - 1, Math.max(0, Math.floor((y - GRID_FROM) / GRID_STEP)));
    grid[cell] = (grid[cell] as number) + 1;
  }
}

function latencies(metric: string, tags: Series['tags'], seconds: readonly number[][], factor: number): Series {
  const buckets = seconds.flatMap((requests, i): Bucket[] => {
    if (requests.length === 0) return [];
    const histogram = new Histogram();
    let sum = 0;
    for (const y of requests) {
      const ms = Math.exp(y) * factor;
      histogram.add(ms);
      sum += ms;
    }
    return [{ i, count: requests.length, sum, nonZero: requests.length, histogram: histogram.toSparse() }];
  });
  return seriesOf(metric, tags, buckets);
}

/** Requests of all kinds in a second, every one of which succeeds or fails. */
const ALL_PER_SECOND = 25;
/** Of all requests half a percent fails on average: half of that evenly, the other half in bursts of five seconds. */
const STEADY_FAILURES = 0.0025;
const BURST_FAILURES = 0.05;
const BURST_STARTS = 0.01;
const BURST_ENDS = 0.2;

/**
 * The share of failures of one run, as the suite measures it.
 *
 * @param spread standard deviation between runs of the share's logarithm.
 * @param factor by which there are more than usual.
 */
export function simulateFailures(name: string, spread: number, factor: number): Measure {
  const random = randomOf(name);
  const times = factor * Math.exp(spread * random.normal());
  let burst = random.uniform() < BURST_STARTS / (BURST_STARTS + BURST_ENDS);
  const buckets = Array.from({ length: SECONDS }, (_, i): Bucket => {
    burst = burst ? random.uniform() >= BURST_ENDS : random.uniform() < BURST_STARTS;
    const share = times * (STEADY_FAILURES + (burst ? BURST_FAILURES : 0));
    let failures = 0;
    for (let request = 0; request < ALL_PER_SECOND; request++) if (random.uniform() < share) failures += 1;
    return { i, count: ALL_PER_SECOND, sum: failures, nonZero: failures };
  });
  const result = resultOf([seriesOf('fiml_failed', { phase: 'steady' }, buckets)]);
  const [measure] = failureMeasure(result, { id: 'all', title: 'All requests', gating: true }, {}, 0);
  if (measure === undefined) throw new Error('the suite measured no share of failures');
  return measure;
}

function seriesOf(metric: string, tags: Series['tags'], buckets: Bucket[]): Series {
  const total = (what: 'count' | 'sum' | 'nonZero') => buckets.reduce((sum, bucket) => sum + bucket[what], 0);
  return {
    metric,
    tags,
    count: total('count'),
    sum: total('sum'),
    nonZero: total('nonZero'),
    min: 0,
    max: 0,
    last: 0,
    firstMs: 0,
    lastMs: SECONDS * 1000,
    buckets,
  };
}

const resultOf = (series: Series[]): Result => ({
  schema: 'fiml-perf/result',
  version: 1,
  source: {
    file: 'simulated',
    format: 'k6-json',
    bytes: 0,
    lines: 0,
    samples: 0,
    rejected: [],
    truncated: false,
    clockStepBackMs: 0,
    overflow: { tagSets: 0, samples: 0, cap: 0 },
  },
  startMs: 0,
  endMs: SECONDS * 1000,
  bucketMs: 1000,
  histogram: { alpha: 0.005 },
  metrics: {},
  series,
});

const RUN: Run = {
  schema: 'fiml-perf/run',
  version: 1,
  id: 'simulated',
  createdAt: '2026-01-01T00:00:00.000Z',
  scenario: 'load',
  profile: 'load',
  options: {},
  plan: null,
  targets: [],
  target: { kind: 'embedded', url: 'http://simulated', before: null, after: null },
  identity: {
    commit: null,
    dirty: null,
    suiteVersion: '0',
    k6Version: '0',
    nodeVersion: '0',
    host: { cpuModel: 'simulated', cpus: 1, memoryBytes: 0, os: 'none' },
  },
  k6: {
    exitCode: 0,
    signal: null,
    startedAtMs: 0,
    endedAtMs: SECONDS * 1000,
    thrownIterations: 0,
    firstThrown: null,
    interrupted: false,
  },
  generator: { cpuLimit: null, samples: [] },
  samplesFile: 'simulated',
  notes: [],
};

const NOTHING_ELSE = { resultProblem: null, summary: null, summaryProblem: null };

const VERDICT: Verdict = {
  schema: 'fiml-perf/verdict',
  version: 1,
  runId: null,
  verdict: 'PASS',
  exitCode: 0,
  reasons: [],
  targets: [],
  checks: [],
};
