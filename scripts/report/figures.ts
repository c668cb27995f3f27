import { judgedPhases } from '../result/phases';
import { mergeSeries, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Verdict } from '../result/verdict';
import { isBlinded } from './blinded';

/** What the server's own counters say about its cache, in the judged phases. */
export interface Cache {
  readonly hitRate: number | null;
  /** Why there is none. */
  readonly hitRateProblem: string | null;
  readonly reads: number;
  /** What the plan's traffic could reach at best. */
  readonly bestHitRate: number | null;
}

/** What the server said of its own process, in the judged phases. */
export interface Server {
  /** CPU seconds a second: 1 is one core. */
  readonly cpuCores: number | null;
  readonly firstRssBytes: number | null;
  readonly lastRssBytes: number | null;
}

export function cacheOf(run: Run, result: Result | null, verdict: Verdict): Cache {
  const phase = judgedPhases(run);
  const row = verdict.targets.find(({ id }) => id === 'cache-hit-rate');
  const gauge = mergeSeries(result === null ? [] : selectSeries(result, 'fiml_cache_hit_rate', { phase }));
  const known = gauge.count > 0 && row?.measurable !== false;
  // What spoiled the whole run is no reason of this row's own.
  const reason = isBlinded(verdict) ? 'not measured' : row?.reason;
  return {
    hitRate: known ? gauge.last : null,
    hitRateProblem: known ? null : (reason ?? 'this run did not look at it'),
    reads: result === null ? 0 : mergeSeries(selectSeries(result, 'fiml_cache_reads', { phase })).sum,
    bestHitRate: run.plan?.bestHitRate ?? null,
  };
}

export function serverOf(run: Run, result: Result | null): Server {
  const phase = judgedPhases(run);
  const cpu = mergeSeries(result === null ? [] : selectSeries(result, 'fiml_server_cpu_share', { phase }));
  const rss = result === null ? [] : selectSeries(result, 'fiml_server_rss_bytes', { phase });
  const merged = mergeSeries(rss);
  const firstBucket = rss.flatMap(({ buckets = [] }) => buckets).sort((a, b) => a.i - b.i)[0];
  return {
    cpuCores: cpu.count === 0 ? null : cpu.sum / cpu.count,
    firstRssBytes: firstBucket === undefined ? null : firstBucket.sum / firstBucket.count,
    lastRssBytes: merged.count === 0 ? null : merged.last,
  };
}
