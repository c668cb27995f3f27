import { isJudged } from '../../profiles';
import { mergeSeries, selectSeries } from './query';
import type { Bucket, Result, Series } from './result';
import type { Run } from './run';

/** A run, or one that is to be. */
export interface Planned {
  readonly plan: { readonly phases: readonly { readonly phase: string }[] } | null;
}

/** The phases of a run that are judged, in their order; of a script that has no plan the one that k6 scripts tag. */
export const judgedPhases = ({ plan }: Planned): string[] =>
  plan === null ? ['steady'] : [...new Set(plan.phases.map(({ phase }) => phase))].filter(isJudged);

/** `the steady phase`, or `the phases before, spike and recovery`. */
export function phasesInWords(run: Pick<Run, 'plan'>): string {
  const phases = judgedPhases(run);
  const last = phases.at(-1) ?? 'steady';
  return phases.length <= 1 ? `the ${last} phase` : `the phases ${phases.slice(0, -1).join(', ')} and ${last}`;
}

/**
 * When the load began, epoch ms: no answer of a phase comes before that phase, so the earliest that any of them allows.
 * Null without a plan, or without a request in any of its phases.
 */
export function loadBeganMs({ plan }: Pick<Run, 'plan'>, result: Result): number | null {
  const began = (plan?.phases ?? []).flatMap(({ phase, startMs }) => {
    const seen = mergeSeries(selectSeries(result, 'http_reqs', { phase }));
    return seen.count === 0 ? [] : [seen.firstMs - startMs];
  });
  return began.length === 0 ? null : Math.min(...began);
}

/** A span of time, epoch ms. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** When a phase was; null where there is no such phase, or nothing tells when the load began. */
export function phaseWindow(run: Pick<Run, 'plan'>, result: Result, name: string): Window | null {
  const beganMs = loadBeganMs(run, result);
  const window = run.plan?.phases.find(({ phase }) => phase === name);
  if (beganMs === null || window === undefined) return null;
  return { startMs: beganMs + window.startMs, endMs: beganMs + window.endMs };
}

/** Places of the first and the last time bucket that lie wholly within a window; the last is before the first where none does. */
export const wholeBuckets = (
  { startMs, bucketMs }: Pick<Result, 'startMs' | 'bucketMs'>,
  window: Window,
): { readonly first: number; readonly last: number } => ({
  first: Math.ceil((window.startMs - startMs) / bucketMs),
  last: Math.floor((window.endMs - startMs) / bucketMs) - 1,
});

/** The time buckets of series that lie wholly within one of some phases: k6's own samples bear no phase, only a time. */
export function bucketsWithin(
  run: Pick<Run, 'plan'>,
  result: Result,
  series: readonly Series[],
  phases: readonly string[],
): Bucket[] {
  const places = phases.flatMap((phase) => {
    const window = phaseWindow(run, result, phase);
    return window === null ? [] : [wholeBuckets(result, window)];
  });
  return series.flatMap(({ buckets = [] }) =>
    buckets.filter(({ i }) => places.some(({ first, last }) => i >= first && i <= last)),
  );
}
