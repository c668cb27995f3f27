import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { formatDuration } from '../../config';
import { classify, searchByCoin } from '../../contract';
import { TARGETS } from '../../thresholds';
import type { TargetClient } from '../http';
import { formatSeconds } from '../text/format';
import { bad, type Finding, finding, type Look, ok, unknown, warn } from './finding';
import { decode } from './text';

/** Coins have the shortest TTL at every hour; that of equities is longer while the exchange is closed. */
const COIN = 'BTC';
const POLL_MS = 250;
/** A rate of fewer reads says more about whoever looked around than about the cache. */
const FEWEST_READS = 100;
const LEAST_HIT_RATE = TARGETS.find(({ id }) => id === 'cache-hit-rate')?.limit ?? 0;

const countersSchema = z.object({ l1_cache: z.object({ hits: z.number(), misses: z.number() }) });
type Counters = z.infer<typeof countersSchema>['l1_cache'];

export interface CacheQuestion {
  readonly client: TargetClient;
  /** What `PERF_CACHE_TTL` says. */
  readonly saidTtlMs: number;
  /** Longest time to watch a price until it is gone; 0: its TTL is not measured. */
  readonly watchMs: number;
  /** Whether more than one process answers at the address: each has counters of its own. */
  readonly severalWorkers: boolean;
  /** Why the cache cannot be tried; null when it can. */
  readonly obstacle: string | null;
}

/** How the server's cache does, by its own counters: no answer says whether it was a hit. */
export async function cacheFindings(question: CacheQuestion): Promise<Finding[]> {
  const counters = await countersOf(question.client);
  const hitRate = finding('hit-rate', 'Cache hit rate', lookAtHitRate(counters, question.severalWorkers));
  if (question.obstacle !== null) {
    const look = unknown(`not tried: ${question.obstacle}`);
    return [hitRate, finding('cache', 'Cache', look), finding('cache-ttl', 'Cache TTL', look)];
  }
  const cache = await lookAtCache(question.client);
  const ttl = cache.status === 'ok' ? await lookAtTtl(question) : unknown('not measured: see the cache');
  return [hitRate, finding('cache', 'Cache', cache), finding('cache-ttl', 'Cache TTL', ttl)];
}

function lookAtHitRate(counters: Counters | null, severalWorkers: boolean): Look {
  if (counters === null) return unknown('GET /api/metrics/cache has no counters');
  if (severalWorkers) return unknown('each worker counts for itself: see the workers');
  const reads = counters.hits + counters.misses;
  if (reads < FEWEST_READS) return unknown(`${reads} reads since the server started are too few to tell`);
  const rate = counters.hits / reads;
  const detail = `${(rate * 100).toFixed(1)} % of ${reads} reads since the server started`;
  return rate >= LEAST_HIT_RATE
    ? ok(detail)
    : warn(
        detail,
        'Is it the traffic or the cache? A symbol is a hit only when asked for again within its TTL: compare both, then look at Redis',
      );
}

/** Asks twice for the same price: the second answer must come from the cache. */
async function lookAtCache(client: TargetClient): Promise<Look> {
  for (const lastTry of [false, true]) {
    const reads = await readsOf(client, 2);
    if ('problem' in reads) return unknown(reads.problem);
    if (reads.hits > 0) return ok('a price that was asked for twice came from it the second time');
    // Between two questions an older price may have expired; that does not happen twice in a row.
    if (lastTry) break;
  }
  return bad(
    'a price that was asked for twice was fetched twice',
    'Is Redis running and not full? redis-cli ping, redis-cli info memory; is CACHE_TTL_PRICE above 0?',
  );
}

async function lookAtTtl({ client, saidTtlMs, watchMs }: CacheQuestion): Promise<Look> {
  const said = `PERF_CACHE_TTL says ${formatDuration(saidTtlMs)}`;
  if (watchMs === 0) {
    return unknown(
      `${said}; not measured, since that takes up to twice the TTL`,
      'Measure it: fiml-perf doctor --measure-ttl',
    );
  }
  const life = await watchPrice(client, watchMs);
  if ('problem' in life) return unknown(`${said}; ${life.problem}`);
  const seen = `a price was there after ${formatSeconds(life.keptMs)} and gone after ${formatSeconds(life.goneMs)}`;
  if (life.goneMs >= saidTtlMs) return ok(`${said}; ${seen}`);
  return warn(`${said}, but ${seen}`, "Set PERF_CACHE_TTL to the server's CACHE_TTL_PRICE, or raise that one");
}

/** Watches a price from the moment that it is cached, and says between which two looks it expired. */
async function watchPrice(
  client: TargetClient,
  watchMs: number,
): Promise<{ keptMs: number; goneMs: number } | { problem: string }> {
  const deadlineMs = performance.now() + watchMs;
  let filledAtMs: number | null = null;
  let keptMs = 0;
  while (performance.now() < deadlineMs) {
    const reads = await readsOf(client, 1);
    if ('problem' in reads) return reads;
    const nowMs = performance.now();
    if (reads.hits > 0 && filledAtMs !== null) keptMs = Math.round(nowMs - filledAtMs);
    if (reads.hits === 0) {
      if (filledAtMs !== null) return { keptMs, goneMs: Math.round(nowMs - filledAtMs) };
      filledAtMs = nowMs;
    }
    await pause(POLL_MS);
  }
  return { problem: `no price expired within ${formatDuration(watchMs)}` };
}

/** Asks so many times for one price, and says how many of these reads were hits. */
async function readsOf(client: TargetClient, times: number): Promise<{ hits: number } | { problem: string }> {
  const request = searchByCoin(COIN);
  const before = await countersOf(client);
  for (let i = 0; i < times; i++) {
    const reply = await client.send(request);
    if ('problem' in reply) return { problem: `a search for ${COIN}: ${reply.problem}` };
    const outcome = classify({ status: reply.status, body: reply.text }, request, 'full');
    if (!outcome.ok) return { problem: `a search for ${COIN} fails (${outcome.layer}: ${outcome.reason})` };
  }
  const after = await countersOf(client);
  if (before === null || after === null) return { problem: 'GET /api/metrics/cache has no counters' };
  const hits = after.hits - before.hits;
  const reads = hits + after.misses - before.misses;
  if (reads > times) return { problem: 'others use the server at the same time, so that its counters say nothing' };
  return reads < times ? { problem: 'its counters do not move with its searches' } : { hits };
}

async function countersOf(client: TargetClient): Promise<Counters | null> {
  const reply = await client.get('/api/metrics/cache');
  if ('problem' in reply || reply.status !== 200) return null;
  return countersSchema.safeParse(decode(reply.text)).data?.l1_cache ?? null;
}
