import { parseConfig } from '../../config';
import { loadPlan, type Plan } from '../../profiles';
import type { Evidence } from '../../scripts/result/evidence';
import { Histogram } from '../../scripts/result/histogram';
import type { Bucket, Result, Series } from '../../scripts/result/result';
import { type Target, targetsFor, uptimeSamples } from '../../thresholds';
import { evidenceOf, given, STARTED_MS, summaryOf } from './evidence';

const BEGAN_MS = STARTED_MS + 1000;
/** Buckets of a run begin with its first sample, and not with a step. */
const FIRST_SAMPLE_MS = BEGAN_MS + 370;
const BUCKET_MS = 1000;

/** What a server does in a second of a rising load. */
export interface Second {
  readonly carriedOut: number;
  readonly latencyMs: number;
  readonly failedShare: number;
}
export type Server = (offeredPerS: number) => Second;

/** A server that carries out so many iterations a second; what is beyond waits. */
export function limitedTo(capacityPerS: number, idleMs = 20): Server {
  let waiting = 0;
  return (offeredPerS) => {
    const carriedOut = Math.min(capacityPerS, offeredPerS + waiting);
    waiting += offeredPerS - carriedOut;
    return { carriedOut, latencyMs: idleMs + (waiting / capacityPerS) * 1000, failedShare: 0 };
  };
}

/** Targets of the profile breakpoint. */
export const RISE_TARGETS = targetsFor('load', { profile: 'breakpoint', fault: null }, null, null);

export interface Rise {
  readonly server: Server;
  readonly targets?: readonly Target[];
  /** Overrides of the run. */
  readonly env?: Readonly<Record<string, string>>;
  /** When k6 ended the load, ms after it began; left out: as planned. */
  readonly stoppedAtMs?: number;
}

/** The evidence of a load that rises on a server that is made of numbers. */
export function risingOn({ server, targets = RISE_TARGETS, env = {}, stoppedAtMs }: Rise): Evidence & { plan: Plan } {
  const plan = loadPlan(parseConfig({ PERF_PROFILE: 'breakpoint', ...env }), uptimeSamples(targets));
  const lastMs = stoppedAtMs ?? plan.durationMs;
  const result = resultOf(plan, server, lastMs);
  const { run } = evidenceOf([], targets);
  return {
    run: {
      ...run,
      id: '2026-11-24T10-00-00-load-breakpoint',
      profile: 'breakpoint',
      plan: {
        phases: [...plan.phases],
        durationMs: plan.durationMs,
        expectedIterations: { traffic: plan.expectedIterations.traffic },
        vuCeiling: plan.vuCeiling,
        bestHitRate: plan.bestHitRate,
        steps: [...given(plan.steps)],
      },
      k6: {
        ...run.k6,
        endedAtMs: BEGAN_MS + lastMs,
        ...(stoppedAtMs === undefined ? {} : { exitCode: 99, stoppedBy: 'fiml_broken count<1' }),
      },
      generator: {
        cpuLimit: 2,
        samples: Array.from({ length: Math.floor(lastMs / 1000) }, (_, i) => ({
          atMs: BEGAN_MS + (i + 0.5) * 1000,
          share: 0.2,
          waiting: 0.05,
        })),
      },
    },
    result,
    resultProblem: null,
    ...summaryOf(result, targets),
    plan,
  };
}

function resultOf(plan: Plan, server: Server, lastMs: number): Result {
  const stopped = lastMs < plan.durationMs;
  const { result } = evidenceOf([], []);
  const iterations: Bucket[] = [];
  const durations: Bucket[] = [];
  const failures: Bucket[] = [];
  const waiting: Bucket[] = [];
  const seconds = Math.floor((BEGAN_MS + lastMs - FIRST_SAMPLE_MS) / BUCKET_MS);
  for (let i = 0; i < seconds; i++) {
    const offeredPerS = offeredAt(plan, FIRST_SAMPLE_MS - BEGAN_MS + i * BUCKET_MS);
    const { carriedOut, latencyMs, failedShare } = server(offeredPerS);
    const count = Math.round(carriedOut);
    const histogram = new Histogram();
    for (let one = 0; one < count; one++) histogram.add(latencyMs);
    const never = Math.max(0, Math.round(offeredPerS) - count);
    if (never > 0) waiting.push({ i, count: never, sum: never, nonZero: never });
    iterations.push({ i, count, sum: count, nonZero: count });
    durations.push({ i, count, sum: count * latencyMs, nonZero: count, histogram: histogram.toSparse() });
    failures.push({ i, count, sum: count * failedShare, nonZero: Math.round(count * failedShare) });
  }
  const series = (metric: string, tags: Record<string, string>, buckets: Bucket[]): Series => {
    const all = buckets.map(({ count, sum, nonZero }) => ({ count, sum, nonZero }));
    return {
      metric,
      tags: { phase: 'rise', ...tags },
      count: all.reduce((total, { count }) => total + count, 0),
      sum: all.reduce((total, { sum }) => total + sum, 0),
      nonZero: all.reduce((total, { nonZero }) => total + nonZero, 0),
      min: 1,
      max: 1,
      last: 1,
      firstMs: BEGAN_MS + given(plan.steps?.[0]).startMs,
      lastMs: BEGAN_MS + lastMs,
      buckets,
    };
  };
  const total = iterations.reduce((sum, bucket) => sum + bucket.sum, 0);
  const dropped = stopped
    ? waiting.reduce((sum, bucket) => sum + bucket.sum, 0)
    : // What still waits at the end finds no virtual user.
      Math.max(0, plan.expectedIterations.traffic - total);
  const op = { name: 'search-quick', op: 'price', status: '200' };
  return {
    ...given(result),
    startMs: FIRST_SAMPLE_MS,
    endMs: BEGAN_MS + lastMs,
    bucketMs: BUCKET_MS,
    metrics: {
      iterations: { type: 'counter', contains: 'default' },
      dropped_iterations: { type: 'counter', contains: 'default' },
      http_reqs: { type: 'counter', contains: 'default' },
      http_req_duration: { type: 'trend', contains: 'time' },
      fiml_failed: { type: 'rate', contains: 'default' },
      vus: { type: 'gauge', contains: 'default' },
    },
    series: [
      // The first answer of the load, by which it is known when it began.
      { ...series('http_reqs', { ...op, phase: 'warmup' }, []), count: 1, sum: 1, firstMs: BEGAN_MS },
      series('iterations', { scenario: 'traffic' }, iterations),
      { ...series('dropped_iterations', { scenario: 'traffic' }, waiting), count: dropped, sum: dropped },
      series('http_reqs', op, iterations),
      series('http_req_duration', op, durations),
      series('fiml_failed', { name: 'search-quick', op: 'price' }, failures),
      { ...series('vus', { phase: '' }, []), count: 1 },
    ],
  };
}

/** The rate that a plan offers at a moment, ms after its start: k6 moves linearly from stage to stage. */
function offeredAt({ stages }: Plan, atMs: number): number {
  let startMs = 0;
  let from = 0;
  for (const { durationMs, target } of stages) {
    if (atMs < startMs + durationMs) return from + ((target - from) * (atMs - startMs)) / durationMs;
    startMs += durationMs;
    from = target;
  }
  return 0;
}
