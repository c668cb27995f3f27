import { judgedPhases } from '../result/phases';
import { mergeSeries, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Verdict } from '../result/verdict';
import { isBlinded } from './blinded';
import { type Memory, memoryOf } from './memory';

/** What the server's own counters say about its cache, in the judged phases. */
export interface Cache {
  readonly hitRate: number | null;
  /** Why there is none. */
  readonly hitRateProblem: string | null;
  readonly reads: number;
  /** What the plan's traffic could reach at best. */
  readonly bestHitRate: number | null;
}

/** What is known of the server's process, in the judged phases. */
export interface Server {
  /** CPU seconds a second: 1 is one core. */
  readonly cpuCores: number | null;
  /** Null where there are too few looks at it. */
  readonly memory: Pick<Memory, 'source' | 'trend'> | null;
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
  return {
    cpuCores: cpu.count === 0 ? null : cpu.sum / cpu.count,
    memory: result === null ? null : memoryOf(run, result),
  };
}
