import { minimumSamples, type OverTime, type Target } from '../../thresholds';
import { answered, mergeSeries, quantile, selectSeries, sumIn } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { TargetRow } from '../result/verdict';
import { QUANTILES } from './bound';
import { atBreakpoint } from './breakpoint';
import { failureDrift, latencyDrift, leak } from './drift';
import { recovery } from './recovery';

/** A statistic that takes the plan, or a second phase, to work out. */
export interface OverTimeFinding {
  readonly figures: Pick<TargetRow, 'value' | 'samples' | 'bound'>;
  /** What the value alone does not say, or why there is none. */
  readonly detail: string | null;
  /** Whether the target holds, where more decides it than the value beside its limit. */
  readonly holds?: boolean;
}

type Measure = (target: Target, run: Run, result: Result) => OverTimeFinding;

const MEASURES: Readonly<Record<OverTime, Measure>> = {
  delivered,
  recovery,
  'p95-to-before': p95ToBefore,
  'p50-drift': latencyDrift(QUANTILES.p50 ?? 0.5),
  'p95-drift': latencyDrift(QUANTILES.p95 ?? 0.95),
  'rate-drift': failureDrift,
  leak,
  capacity: atBreakpoint,
  'p95-at-capacity': atBreakpoint,
  'failed-at-capacity': atBreakpoint,
  'delivered-at-capacity': atBreakpoint,
};

export const overTime = (target: Target, statistic: OverTime, run: Run, result: Result): OverTimeFinding =>
  MEASURES[statistic](target, run, result);

/** Iterations that were carried out, of those that the plan offers in the phase: what was dropped, or never ended, is missing. */
function delivered({ selector }: Target, { plan }: Run, result: Result): OverTimeFinding {
  const offered = plan?.phases.find(({ phase }) => phase === selector.phase)?.offered;
  if (offered === undefined) {
    return {
      figures: NO_FIGURES,
      detail: 'the plan does not say how much it offers: users who wait for answers offer what they can',
    };
  }
  const done = sumIn(result, 'iterations', selector);
  return { figures: { value: Math.min(1, done / offered), samples: Math.round(offered), bound: null }, detail: null };
}

/** What is below this is taken for it: a P95 of 8 ms after one of 3 ms is three times as much, and nothing to anybody. */
const UNNOTICED_MS = 20;

/** P95 of the answers of a phase as a multiple of those before it. */
function p95ToBefore(
  { metric, selector, statistic, operator, limit }: Target,
  _run: Run,
  result: Result,
): OverTimeFinding {
  const p95 = (phase: string | readonly string[]) => {
    const merged = mergeSeries(selectSeries(result, metric, { ...selector, phase }).filter(answered));
    return { value: quantile(merged, QUANTILES.p95 ?? 0.95), samples: merged.count };
  };
  const before = p95('before');
  const then = p95(selector.phase ?? '');
  const needed = minimumSamples({ statistic, operator, limit });
  if (before.value === null || then.value === null) return { figures: NO_FIGURES, detail: null };
  if (before.samples < needed) {
    return { figures: NO_FIGURES, detail: `too few samples before it: ${before.samples}, and a P95 takes ${needed}` };
  }
  return {
    figures: {
      value: Math.max(then.value, UNNOTICED_MS) / Math.max(before.value, UNNOTICED_MS),
      samples: then.samples,
      bound: null,
    },
    detail: null,
  };
}

export const NO_FIGURES = { value: null, samples: 0, bound: null } as const;
