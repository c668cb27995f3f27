import { BREAK_STEPS } from '../../profiles';
import type { OverTime, Target } from '../../thresholds';
import { Histogram } from '../result/histogram';
import { loadBeganMs, wholeBuckets } from '../result/phases';
import { answered, selectSeries } from '../result/query';
import type { Bucket, Result, Series } from '../result/result';
import type { Run } from '../result/run';
import { formatBeside, formatClaim, formatLimit, formatValue } from '../text/format';
import type { OverTimeFinding } from './over-time';

/**
 * How a breakpoint is found.
 *
 * The offered rate rises in steps of 5 %, from half the normal load to ten times of it. Arrivals are open: a server that falls
 * behind is not offered less. Each step lasts until it has the 299 samples that its claims take, after a second in which
 * the rate moves and queues settle, and is judged by itself, by the whole seconds within it: P95 of interactive requests,
 * errors of all five layers, and the share carried out in that time of what was offered. That share is the sharpest of the
 * three, since of what is offered beyond the capacity nothing is carried out, from the first second on.
 *
 * A step holds when each of the three does. Three steps in a row that do not are the break: one alone may be a pause of the
 * machine, with a queue that takes a second one to drain. The capacity is the step before them, as the highest rate that is
 * proven to hold, and its interval reaches to the first of the three. What the server still carries out beyond is shown, as
 * the knee, and is no estimate of the capacity: under a queue a client polls its tasks less often, so that an iteration asks
 * for less than it does on a good day.
 */
export interface Breakpoint {
  readonly steps: readonly SeenStep[];
  /** Place of the last step before the break; null when the break begins with the first, or no step was complete. */
  readonly last: number | null;
  /** Place of the first step of the break; null when nothing broke. */
  readonly first: number | null;
}

/** A complete step of the rising load, as the server stood it. */
export interface SeenStep {
  readonly ratePerS: number;
  /** Epoch ms. */
  readonly startMs: number;
  readonly endMs: number;
  readonly carriedOutPerS: number;
  readonly p95Ms: number | null;
  readonly failedShare: number | null;
  readonly holds: boolean;
  /** Why it does not hold, a sentence for each target; empty when it does. */
  readonly misses: readonly string[];
  readonly values: ReadonlyMap<Target['id'], Measured>;
}

interface Measured {
  /** Null: there was nothing to measure it by. */
  readonly value: number | null;
  readonly samples: number;
}

/** The buckets that lie wholly within a step. */
interface Window {
  readonly first: number;
  readonly last: number;
  readonly lengthMs: number;
  readonly ratePerS: number;
}

type StepStatistic = Extract<OverTime, `${string}-at-capacity`>;
const OF_A_STEP: Readonly<Record<StepStatistic, (result: Result, target: Target, window: Window) => Measured>> = {
  'p95-at-capacity': p95,
  'failed-at-capacity': failed,
  'delivered-at-capacity': delivered,
};
const isOfAStep = (statistic: Target['statistic']): statistic is StepStatistic => Object.hasOwn(OF_A_STEP, statistic);

/** @returns null for a run whose load does not rise in steps, or when nothing tells when its load began. */
export function breakpointOf(run: Pick<Run, 'plan' | 'targets'>, result: Result): Breakpoint | null {
  const planned = run.plan?.steps ?? [];
  const beganMs = loadBeganMs(run, result);
  if (planned.length === 0 || beganMs === null) return null;
  const targets = run.targets.filter(({ statistic }) => isOfAStep(statistic));
  const steps = planned
    .map((step) => ({ ...step, startMs: beganMs + step.startMs, endMs: beganMs + step.endMs }))
    // Of the step in which the load was stopped it is not known how it would have gone on.
    .filter(({ endMs }) => endMs <= result.endMs)
    .map((step) => seenStep(result, targets, step));
  return { steps, ...breakIn(steps.map(({ holds }) => holds)) };
}

/**
 * Where a row of steps breaks: at the first of {@link BREAK_STEPS} in a row that do not hold, or of fewer at its end.
 *
 * @returns places of the last step before the break and of its first; null where there is none.
 */
export function breakIn(holds: readonly boolean[]): Pick<Breakpoint, 'last' | 'first'> {
  const at = holds.findIndex((_, index) => holds.slice(index, index + BREAK_STEPS).every((held) => !held));
  const first = at < 0 ? null : at;
  const last = (first ?? holds.length) - 1;
  return { last: last < 0 ? null : last, first };
}

/** `Capacity`, and the three targets of a step at that capacity. */
export function atBreakpoint(target: Target, run: Run, result: Result): OverTimeFinding {
  const found = breakpointOf(run, result);
  const at = found?.steps[found.last ?? 0];
  if (found === null || at === undefined) {
    return { figures: { value: null, samples: 0, bound: null }, detail: 'no step of the load was completed' };
  }
  if (target.statistic === 'capacity') return capacity(target, run, found, at);
  const { value, samples } = at.values.get(target.id) ?? { value: null, samples: 0 };
  return { figures: { value, samples, bound: null }, detail: null };
}

function capacity(target: Target, run: Run, { steps, last, first }: Breakpoint, at: SeenStep): OverTimeFinding {
  const finding = (value: number | null, detail: string): OverTimeFinding => ({
    figures: { value, samples: steps.length, bound: null },
    detail: value === null || value > target.limit ? detail : `${detail}; it must be ${claimOf(target)}`,
  });
  if (!run.targets.some(({ statistic }) => isOfAStep(statistic))) {
    return finding(null, 'no target says when a step of the load holds');
  }
  const broken = first === null ? undefined : steps[first];
  const why = broken === undefined ? '' : `: ${broken.misses.join(', ')}`;
  if (last === null) return finding(0, `it does not even hold at ${rate(at)}, the lowest that was offered${why}`);
  if (broken !== undefined) {
    return finding(at.ratePerS, `it holds at ${rate(at)} and breaks at ${rate(broken)}${why}`);
  }
  const atLeast = `at least ${rate(at)}: nothing broke at the rates that were offered`;
  return at.ratePerS > target.limit
    ? finding(at.ratePerS, atLeast)
    : finding(null, `${atLeast}, and ${claimOf(target)} takes higher ones: raise PERF_RATE`);
}

const rate = ({ ratePerS }: Pick<SeenStep, 'ratePerS'>): string => formatLimit(ratePerS, 'per-second');
const claimOf = ({ operator, limit, unit }: Target): string => formatClaim(operator, limit, unit);

function seenStep(
  result: Result,
  targets: readonly Target[],
  { ratePerS, startMs, endMs }: { readonly ratePerS: number; readonly startMs: number; readonly endMs: number },
): SeenStep {
  const { bucketMs } = result;
  const { first, last } = wholeBuckets(result, { startMs, endMs });
  const window = { first, last, lengthMs: Math.max(0, last - first + 1) * bucketMs, ratePerS };
  const values = new Map(
    targets.map((target) => [target.id, OF_A_STEP[target.statistic as StepStatistic](result, target, window)]),
  );
  const misses = targets.flatMap((target) => missOf(target, values.get(target.id) as Measured) ?? []);
  const ofStatistic = (statistic: StepStatistic) => {
    const target = targets.find((one) => one.statistic === statistic);
    return target === undefined ? null : (values.get(target.id)?.value ?? null);
  };
  return {
    ratePerS,
    startMs,
    endMs,
    carriedOutPerS: window.lengthMs === 0 ? 0 : carriedOut(result, TRAFFIC, window) / (window.lengthMs / 1000),
    p95Ms: ofStatistic('p95-at-capacity'),
    failedShare: ofStatistic('failed-at-capacity'),
    holds: misses.length === 0,
    misses,
    values,
  };
}

/** Why a step does not meet a target; null when it does. */
function missOf({ statistic, operator, limit, unit }: Target, { value }: Measured): string | null {
  const what = NAMES[statistic as StepStatistic];
  if (value === null) return `${what} not measured`;
  const holds = operator === '<' ? value < limit : value > limit;
  return holds ? null : `${what} ${formatBeside(value, limit, unit)}`;
}

const NAMES: Readonly<Record<StepStatistic, string>> = {
  'p95-at-capacity': 'P95',
  'failed-at-capacity': 'failed',
  'delivered-at-capacity': 'carried out',
};

const TRAFFIC = { scenario: 'traffic', phase: 'rise' } as const;

function p95(result: Result, { metric, selector }: Target, window: Window): Measured {
  const histogram = new Histogram();
  let samples = 0;
  for (const { histogram: sparse = [], count } of bucketsIn(
    selectSeries(result, metric, selector).filter(answered),
    window,
  )) {
    histogram.addAll(Histogram.fromSparse(sparse));
    samples += count;
  }
  return { value: histogram.quantile(0.95), samples };
}

function failed(result: Result, { metric, selector }: Target, window: Window): Measured {
  const buckets = bucketsIn(selectSeries(result, metric, selector), window);
  const samples = buckets.reduce((sum, { count }) => sum + count, 0);
  const failures = buckets.reduce((sum, { nonZero }) => sum + nonZero, 0);
  return { value: samples === 0 ? null : failures / samples, samples };
}

/** Iterations that ended in the step, of those that began: more when it takes up what was left over. */
function delivered(result: Result, { selector }: Target, window: Window): Measured {
  const offered = (window.ratePerS * window.lengthMs) / 1000;
  if (offered === 0) return { value: null, samples: 0 };
  return { value: Math.min(1, carriedOut(result, selector, window) / offered), samples: Math.round(offered) };
}

const carriedOut = (result: Result, selector: Target['selector'], window: Window): number =>
  bucketsIn(selectSeries(result, 'iterations', selector), window).reduce((sum, bucket) => sum + bucket.sum, 0);

const bucketsIn = (series: readonly Series[], { first, last }: Window): Bucket[] =>
  series.flatMap(({ buckets = [] }) => buckets.filter(({ i }) => i >= first && i <= last));

/** The breakpoint in a sentence. */
export function breakpointInWords({ steps, last, first }: Breakpoint): string {
  const at = last === null ? undefined : steps[last];
  const broken = first === null ? undefined : steps[first];
  if (at === undefined && broken === undefined) return 'No step of the rising load was completed.';
  if (at === undefined)
    return `The targets do not hold at any rate that was offered; the lowest is ${rate(broken as SeenStep)}.`;
  if (broken === undefined)
    return `The capacity is at least ${rate(at)}: nothing broke at the rates that were offered.`;
  return `The capacity is ${rate(at)}: all targets hold up to there, and not at ${rate(broken)} (${broken.misses.join(', ')}).`;
}

/** What a step shows, for a table. */
export const stepInWords = ({ ratePerS, carriedOutPerS, p95Ms, failedShare, misses }: SeenStep): string[] => [
  rate({ ratePerS }),
  formatValue(carriedOutPerS, 'per-second'),
  p95Ms === null ? '–' : formatValue(p95Ms, 'ms'),
  failedShare === null ? '–' : formatValue(failedShare, 'share'),
  misses.length === 0 ? 'holds' : misses.join(', '),
];
