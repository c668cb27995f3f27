import { spawnSync } from 'node:child_process';
import { DSL_QUERIES, executeDsl } from '../../contract';
import { BLOCK, BLOCK_MIX, DSL_SYNC_EVERY, fillRate, hotSet } from '../../profiles';
import type { ReferenceProcess } from './reference';

/**
 * What each request of the traffic holds one of the server's places for, ms: so long that the few by which a busy machine wakes
 * a process late do not count.
 */
const HOLDS_MS = 200;
const PROBES_PER_S = 2;
const CACHE_TTL_MS = 10_000;

/**
 * Options of a reference server whose capacity is known: it serves so many requests at once, and each takes 200 ms and
 * nothing else. Polls and `/health` take no time, since how often a task is polled depends on how long an answer takes.
 */
export const limitedServer = (places: number): string[] => [
  '--no-service-time',
  '--no-llm',
  ...['--capacity', String(places), '--latency-add-ms', String(HOLDS_MS)],
  ...['task-status', 'health'].flatMap((operation) => ['--latency-add-ms', `${operation}=0`]),
];

/**
 * The iterations of the load's mix that such a server can carry out in a second: an iteration is one request that takes time,
 * and an FK-DSL query that is answered at once keeps its place for as long as it runs. Probes and refills come beside it.
 *
 * @param server idle: that time is measured on it, one query after the other.
 */
export async function knownCapacity(server: Pick<ReferenceProcess, 'url'>, places: number): Promise<number> {
  let syncMs = 0;
  for (const { query } of DSL_QUERIES) {
    const { method, path, body } = executeDsl(query);
    const startedMs = performance.now();
    const headers = { 'content-type': 'application/json' };
    await (await fetch(server.url + path, { method, headers, body })).text();
    syncMs += performance.now() - startedMs;
  }
  const syncShare = BLOCK_MIX.dsl / BLOCK / DSL_SYNC_EVERY;
  const perIterationMs = (1 - syncShare) * HOLDS_MS + (syncShare * syncMs) / DSL_QUERIES.length;
  const besideMs = (PROBES_PER_S + fillRate(hotSet(CACHE_TTL_MS))) * HOLDS_MS;
  return (places * 1000 - besideMs) / perIterationMs;
}

/**
 * Shell that lets its process group come before busy neighbours, where the system allows it: they would take from the server's
 * capacity what is known of it.
 */
export const COMES_FIRST = 'echo -10 2>/dev/null >/proc/self/autogroup || true';

/** The same for this process and what it starts. @returns takes it back. */
export function comeFirst(): () => void {
  const set = (nice: number) =>
    spawnSync('sh', ['-c', `echo ${nice} >/proc/${process.pid}/autogroup`], { stdio: 'ignore' });
  set(-10);
  return () => set(0);
}

/**
 * A normal load of which the lowest step, half of it, is so far below a capacity.
 *
 * @param above how often the capacity holds that step.
 */
export const rateFor = (capacityPerS: number, above: number): number => Math.round((2 * capacityPerS) / above);
