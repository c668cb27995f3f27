import { type FailureCount, failureCounts, failuresByLayer } from '../result/failures';
import { judgedPhases } from '../result/phases';
import { answered, mergeSeries, quantile, selectSeries, sumIn, windowMs } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';

/** Requests of users. Refills of the cache, and what only presses on a pool, are the suite's own. */
export const USERS = { op: ['price', 'analysis', 'dsl', 'poll', 'probe'] } as const;
/** Those that are over with one answer: together with polls that take a millisecond no percentile would mean anything. */
export const ONE_ANSWER = { op: ['price', 'analysis', 'probe'] } as const;

export type Layers = readonly Pick<FailureCount, 'layer' | 'count'>[];

/** How users fared in one phase. */
export interface PhaseFigures {
  readonly phase: string;
  readonly lengthMs: number;
  readonly requests: number;
  readonly perSecond: number | null;
  /** Of answers to price and analysis queries and to probes; null when there are none. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly failed: number;
  /** The most frequent first. */
  readonly layers: Layers;
}

/** The judged phases beside each other; none of a run that has but one, whose figures are those of the run. */
export function phasesOf(run: Run, result: Result): PhaseFigures[] {
  const phases = judgedPhases(run);
  if (phases.length < 2) return [];
  return phases.map((phase) => {
    const lengthMs = lengthOf(run, result, [phase]);
    const requests = sumIn(result, 'http_reqs', { ...USERS, phase });
    const answers = mergeSeries(selectSeries(result, 'http_req_duration', { ...ONE_ANSWER, phase }).filter(answered));
    const layers = failuresByLayer(failureCounts(result, { ...USERS, phase }));
    return {
      phase,
      lengthMs,
      requests,
      perSecond: lengthMs > 0 ? requests / (lengthMs / 1000) : null,
      p50Ms: quantile(answers, 0.5),
      p95Ms: quantile(answers, 0.95),
      p99Ms: quantile(answers, 0.99),
      failed: layers.reduce((sum, { count }) => sum + count, 0),
      layers,
    };
  });
}

/** How long phases were together, ms: not k6's run, which includes setup, ramps and waiting for the last answers. */
export function lengthOf({ plan, k6 }: Run, result: Result, phases: readonly string[]): number {
  const planned = (plan?.phases ?? [])
    .filter(({ phase }) => phases.includes(phase))
    .reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  // A run that was cut short did not have all of it.
  const complete = plan !== null && k6.endedAtMs - k6.startedAtMs >= plan.durationMs;
  return planned > 0 && complete
    ? planned
    : windowMs(mergeSeries(selectSeries(result, 'http_reqs', { phase: phases })));
}
