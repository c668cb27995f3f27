import type { Target } from '../../thresholds';
import { type Merged, mergeSeries, quantile, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import { QUANTILES } from './bound';

/** Share of what was asked that may have no time at all before a mean of the rest says nothing. */
const UNTIMED_ALLOWED = 0.01;

/** A latency target's statistic with every failure counted as the slowest of all. */
export interface AtWorst {
  readonly failed: number;
  /** Requests or tasks that should have a time. */
  readonly asked: number;
  /** Infinity where more failed than the statistic leaves out. */
  readonly value: number;
}

/**
 * What a latency would be if failures were the slowest answers of all, since whoever got one still waits for an answer: a
 * refusal within a millisecond would otherwise make a percentile better than it is for anybody.
 *
 * Which of the answers were failures is not in their times' samples, so they are taken for the fastest ones: the true value
 * is this one or a better one.
 *
 * @param unanswered requests of the selection that have no time.
 * @returns null where nothing failed, and for what is no latency.
 */
export function atWorst(target: Target, result: Result, timed: Merged, unanswered: number): AtWorst | null {
  if (target.unit !== 'ms' || target.operator !== '<' || timed.count === 0) return null;
  const untimed = unanswered + lost(target, result);
  const failed = Math.max(untimed, failedRequests(target, result));
  if (failed === 0) return null;
  const asked = timed.count + untimed;
  const fast = Math.min(failed - untimed, timed.count);
  return { failed, asked, value: countedSlowest(target, timed, untimed, fast) };
}

function countedSlowest({ statistic }: Target, timed: Merged, untimed: number, fast: number): number {
  const { count, sum } = timed;
  const q = QUANTILES[statistic];
  if (q === undefined) {
    return fast === count || untimed > (count + untimed) * UNTIMED_ALLOWED
      ? Number.POSITIVE_INFINITY
      : sum / (count - fast);
  }
  const rank = q * (count + untimed - 1) + fast;
  if (rank > count - 1) return Number.POSITIVE_INFINITY;
  return (count === 1 ? timed.max : quantile(timed, rank / (count - 1))) ?? Number.POSITIVE_INFINITY;
}

/**
 * Failed requests among those that a target of k6's own request times selects. Where a scenario counts what is an honest
 * answer, saying that there is no data is none: it is what a server that has lost its providers shall do.
 */
function failedRequests({ metric, selector }: Target, result: Result): number {
  if (!metric.startsWith('http_req_')) return 0;
  const honest = mergeSeries(selectSeries(result, 'fiml_graceful', selector));
  return honest.count > 0
    ? honest.count - honest.nonZero
    : mergeSeries(selectSeries(result, 'fiml_failed', selector)).nonZero;
}

/** Failures of what is timed only when it has gone right: FK-DSL queries without a result, requests of session tools. */
function lost({ metric, selector }: Target, result: Result): number {
  const failed = (of: Target['selector']) =>
    mergeSeries(selectSeries(result, 'fiml_failed', { ...selector, ...of })).nonZero;
  if (metric === 'fiml_session_duration') return failed({ op: 'session' });
  if (metric !== 'fiml_dsl_duration') return 0;
  const tasks = mergeSeries(selectSeries(result, 'fiml_task_completed', selector));
  return tasks.count - tasks.nonZero + failed({ name: 'dsl-sync' });
}
