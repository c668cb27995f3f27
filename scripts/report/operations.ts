import { SLOW_MS } from '../../thresholds';
import { answered, mergeSeries, quantile, selectSeries, windowMs } from '../result/query';
import type { Result, Series } from '../result/result';

/** How one kind of request fared in the judged phases. Latencies are of answered requests; null when there are none. */
export interface Operation {
  readonly name: string;
  /** What it was sent for: `price`, `analysis`, `probe`, … */
  readonly op: string;
  /** What was known about the cache beforehand: `hot`, `cold`, `fill`, or nothing. */
  readonly cache: string;
  readonly requests: number;
  readonly perSecond: number | null;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Share of answers that took more than {@link SLOW_MS}. */
  readonly slowShare: number | null;
}

/** A k6 scenario whose answers lie within less than this part of the judged phases was meant to run for a part of it. */
const THROUGHOUT = 0.9;

/**
 * The operations of some phases, the slowest by P95 first.
 *
 * @param lengthMs of the phases together.
 */
export function operationsOf(result: Result, phase: readonly string[], lengthMs: number): Operation[] {
  const sent = selectSeries(result, 'http_reqs', { phase });
  const requests = grouped(sent);
  const durations = grouped(selectSeries(result, 'http_req_duration', { phase }).filter(answered));
  const failures = grouped(selectSeries(result, 'fiml_failures', { phase }));
  return [...requests]
    .map(([key, series]) => {
      const { name = 'unnamed', op = '', cache = '' } = series[0]?.tags ?? {};
      const count = mergeSeries(series).sum;
      const answers = mergeSeries(durations.get(key) ?? []);
      const ranMs = timeOf(series, sent, lengthMs);
      return {
        name,
        op,
        cache,
        requests: count,
        perSecond: ranMs > 0 ? count / (ranMs / 1000) : null,
        failed: mergeSeries(failures.get(key) ?? []).sum,
        p50Ms: quantile(answers, 0.5),
        p95Ms: quantile(answers, 0.95),
        p99Ms: quantile(answers, 0.99),
        slowShare: answers.histogram?.shareAbove(SLOW_MS) ?? null,
      };
    })
    .sort((a, b) => (b.p95Ms ?? Number.POSITIVE_INFINITY) - (a.p95Ms ?? Number.POSITIVE_INFINITY));
}

/**
 * How long an operation was sent: a section of `targets` by its own answers, what ran throughout by the plan, to whose ends
 * first and last answers only come near.
 */
function timeOf(series: readonly Series[], sent: readonly Series[], lengthMs: number): number {
  const scenarios = new Set(series.map(({ tags }) => tags.scenario));
  const ownMs = windowMs(mergeSeries(sent.filter(({ tags }) => scenarios.has(tags.scenario))));
  return ownMs < lengthMs * THROUGHOUT ? ownMs : lengthMs;
}

function grouped(series: readonly Series[]): Map<string, Series[]> {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const key = JSON.stringify([one.tags.name, one.tags.op, one.tags.cache]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
