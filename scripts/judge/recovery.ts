import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Target } from '../../thresholds';
import { Histogram } from '../result/histogram';
import { phaseWindow, wholeBuckets } from '../result/phases';
import { answered, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import { mean, squares, wilsonInterval } from '../statistics';
import type { OverTimeFinding } from './over-time';

/** Being slower by no more than this is being back: a quarter, or what nobody notices of an answer. */
const MARGIN_SHARE = 0.25;
const MARGIN_MS = 10;
/** Share of answers that may fail beyond those that failed before. */
const FAILED_MARGIN = 0.01;
/** What the rest of the phase must rule out at 95 %: a few requests cannot rule out the margin itself. */
const FAILED_RULED_OUT = 0.03;
const CONFIDENCE = 0.95;
/** Time buckets that are looked at together to say that the level is back. */
const WINDOW = 5;
/** Buckets before that it takes to know a level. */
const FEWEST_BEFORE = 3;
const LEVELS = [0.5, 0.95] as const;

/** The answers of one time bucket; latencies are null when there were none. */
export interface Moment {
  readonly latenciesMs: readonly (number | null)[];
  readonly asked: number;
  readonly failed: number;
}

/**
 * Time from the beginning of the phase `recovery` until latency (P50 and P95) and failures are back at the level of the
 * phase `before`, for good.
 *
 * Back is an equivalence, not a glance: the 95 % bound of the difference must lie within the margin, in the five buckets
 * from that moment on and in all of the rest of the phase. A difference that is merely not significant is no recovery. The
 * bucket is the unit, since answers of one second share what the server was doing then.
 */
export function recovery({ metric, selector, limit }: Target, run: Run, result: Result): OverTimeFinding {
  const before = momentsOf(run, result, metric, { ...selector, phase: 'before' }, 'before');
  const after = momentsOf(run, result, metric, selector, 'recovery');
  const samples = after.reduce((sum, { asked }) => sum + asked, 0);
  const nothing = (detail: string): OverTimeFinding => ({ figures: { value: null, samples, bound: null }, detail });
  if (before.length < FEWEST_BEFORE) return nothing('the phase before was too short to know its level');
  if (after.length < WINDOW) return nothing(`too short to say that it is back: it takes ${WINDOW} looks`);
  const watchedS = (after.length * result.bucketMs) / 1000;
  const at = recoveredAt(before, after);
  // Within the bucket it is not known when it was back: the whole of it counts, as the worst that it may have been.
  if (at !== null)
    return { figures: { value: ((at + 1) * result.bucketMs) / 1000, samples, bound: null }, detail: null };
  const seconds = `${watchedS.toFixed(0)} s`;
  if (watchedS < limit) return nothing(`not back within the ${seconds} that were watched`);
  const last = after.slice(-WINDOW);
  const level = (moments: readonly Moment[]) =>
    LEVELS.map((q, index) => `P${q * 100} ${shown(latencies(moments, index))}`).join(', ');
  const failures = last.reduce((sum, { failed }) => sum + failed, 0);
  return {
    figures: { value: watchedS, samples, bound: null },
    detail: `not back in all of the ${seconds}: ${level(before)} before, ${level(last)} and ${failures} failures in its last ${WINDOW} looks`,
  };
}

/**
 * The first bucket from which on the level is back; null when there is none.
 *
 * @param before the level to come back to. @param after from the end of the spike or fault, every bucket in turn.
 */
export function recoveredAt(before: readonly Moment[], after: readonly Moment[]): number | null {
  for (let at = 0; at + WINDOW <= after.length; at++) {
    const window = after.slice(at, at + WINDOW);
    if (isBack(before, window, null) && isBack(before, after.slice(at), FAILED_RULED_OUT)) return at;
  }
  return null;
}

function isBack(before: readonly Moment[], now: readonly Moment[], ruledOut: number | null): boolean {
  const failedBefore = shareFailed(before);
  if (shareFailed(now) > failedBefore + FAILED_MARGIN) return false;
  if (ruledOut !== null) {
    const asked = now.reduce((sum, moment) => sum + moment.asked, 0);
    const [, high] = wilsonInterval(shareFailed(now), asked, 1 - CONFIDENCE);
    if (high > failedBefore + ruledOut) return false;
  }
  return LEVELS.every((_, index) => {
    const then = latencies(before, index);
    const later = latencies(now, index);
    // A bucket without an answer is no level.
    if (later.length < now.length || later.length < 2 || then.length < 2) return false;
    const level = Math.exp(mean(then));
    return upperDifference(then, later) < Math.log(Math.max(1 + MARGIN_SHARE, (level + MARGIN_MS) / level));
  });
}

/** Logarithms of a latency, bucket by bucket. */
const latencies = (moments: readonly Moment[], index: number): number[] =>
  moments.flatMap(({ latenciesMs }) => {
    const value = latenciesMs[index] ?? null;
    return value === null || value <= 0 ? [] : [Math.log(value)];
  });

/**
 * The 95 % upper bound of how much the second mean lies above the first: Student's t with one variance for both, since being
 * back is being as before, and a phase before of a few seconds knows its own spread badly.
 */
function upperDifference(first: readonly number[], second: readonly number[]): number {
  const df = first.length + second.length - 2;
  const pooled = (squares(first) + squares(second)) / df;
  const error = Math.sqrt(pooled * (1 / first.length + 1 / second.length));
  return mean(second) - mean(first) + tQuantile(CONFIDENCE, df) * error;
}

const shareFailed = (moments: readonly Moment[]): number => {
  const asked = moments.reduce((sum, moment) => sum + moment.asked, 0);
  return asked === 0 ? 1 : moments.reduce((sum, { failed }) => sum + failed, 0) / asked;
};

const shown = (logarithms: readonly number[]): string =>
  logarithms.length === 0 ? 'no answer' : `${Math.exp(mean(logarithms)).toFixed(1)} ms`;

/** A phase's answers by time bucket, in turn and without gaps; buckets that reach beyond the phase are left out. */
function momentsOf(run: Run, result: Result, metric: string, selector: Target['selector'], phase: string): Moment[] {
  const window = phaseWindow(run, result, phase);
  if (window === null) return [];
  const { first, last } = wholeBuckets(result, window);
  const answers = selectSeries(result, metric, selector).filter(answered);
  const failures = selectSeries(result, 'fiml_failed', selector);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at): Moment => {
    const i = first + at;
    const histogram = new Histogram();
    for (const { buckets = [] } of answers) {
      for (const bucket of buckets) if (bucket.i === i) histogram.addAll(Histogram.fromSparse(bucket.histogram ?? []));
    }
    const outcomes = failures.flatMap(({ buckets = [] }) => buckets.filter((bucket) => bucket.i === i));
    return {
      latenciesMs: LEVELS.map((q) => histogram.quantile(q)),
      asked: outcomes.reduce((sum, { count }) => sum + count, 0),
      failed: outcomes.reduce((sum, { nonZero }) => sum + nonZero, 0),
    };
  });
}
