import { SLOW_MS } from '../../thresholds';
import type { Look } from './look';
import type { Durations } from './page';

/** What happened between two looks. */
export interface Change {
  readonly lengthMs: number;
  readonly requestsPerS: number;
  readonly durations: Durations;
  readonly slow: number;
  readonly readsPerS: number;
  /** Of the cache's reads, 0 to 1; null without any. */
  readonly hitShare: number | null;
  readonly cacheDurations: Durations;
  /** CPU seconds a second: 1 is one core. Null where the server does not tell. */
  readonly cpuCores: number | null;
}

/** How a look stands to the one before it. */
export type Since =
  | { readonly kind: 'change'; readonly change: Change }
  /** The counters began anew, and nothing can be said of the time between. */
  | { readonly kind: 'restart' }
  /** Processes take turns behind one address, each with counters of its own. */
  | { readonly kind: 'several' };

/**
 * Follows looks one after the other.
 *
 * @returns how the next look stands to the last; null for the first.
 */
export function follower(): (look: Look) => Since | null {
  let last: Look | null = null;
  const starts = new Set<number>();
  return (look) => {
    const before = last;
    last = look;
    // A process that starts anew never has a former start time again; one of several that take turns does.
    const isKnown = look.startTimeS !== null && starts.has(look.startTimeS);
    if (look.startTimeS !== null) starts.add(look.startTimeS);
    if (before === null) return null;
    if (look.startTimeS !== before.startTimeS) return { kind: isKnown ? 'several' : 'restart' };
    // Where the server does not tell its start, counters that went back do.
    return wentBack(before, look) ? { kind: 'restart' } : { kind: 'change', change: changeOf(before, look) };
  };
}

const wentBack = (before: Look, now: Look): boolean =>
  now.requests.total < before.requests.total ||
  now.requests.durations.count < before.requests.durations.count ||
  now.cache.hits < before.cache.hits ||
  now.cache.misses < before.cache.misses;

function changeOf(before: Look, now: Look): Change {
  const lengthMs = Math.max(1, now.atMs - before.atMs);
  const perS = (count: number) => (count * 1000) / lengthMs;
  const hits = now.cache.hits - before.cache.hits;
  const reads = hits + now.cache.misses - before.cache.misses;
  const [cpuS, cpuBeforeS] = [now.process.cpuS, before.process.cpuS];
  const durations = minus(now.requests.durations, before.requests.durations);
  return {
    lengthMs,
    requestsPerS: perS(now.requests.total - before.requests.total),
    durations,
    slow: slowIn(durations),
    readsPerS: perS(reads),
    hitShare: reads === 0 ? null : hits / reads,
    cacheDurations: minus(now.cache.durations, before.cache.durations),
    cpuCores: cpuS === null || cpuBeforeS === null ? null : perS(cpuS - cpuBeforeS),
  };
}

function minus(now: Durations, before: Durations): Durations {
  const countsBefore = new Map(before.buckets.map(({ upToMs, count }) => [upToMs, count]));
  return {
    count: now.count - before.count,
    sumMs: now.sumMs - before.sumMs,
    buckets: now.buckets.map(({ upToMs, count }) => ({ upToMs, count: count - (countsBefore.get(upToMs) ?? 0) })),
  };
}

/** How many took longer than the guide calls slow; 0 where no bucket ends there. */
export const slowIn = ({ count, buckets }: Durations): number =>
  count - (buckets.find(({ upToMs }) => upToMs === SLOW_MS)?.count ?? count);

export const meanMs = ({ count, sumMs }: Durations): number | null => (count === 0 ? null : sumMs / count);

/**
 * The bucket in which a quantile lies: all that a histogram tells of it.
 *
 * @returns null without durations.
 */
export function bucketOf(
  { count, buckets }: Durations,
  quantile: number,
): { readonly aboveMs: number; readonly upToMs: number | null } | null {
  if (count <= 0) return null;
  let aboveMs = 0;
  for (const { upToMs, count: below } of buckets) {
    if (below >= count * quantile || upToMs === null) return { aboveMs, upToMs };
    aboveMs = upToMs;
  }
  return { aboveMs, upToMs: null };
}
