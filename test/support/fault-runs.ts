import type { Services } from '../../scripts/services';
import { enabled, faults, type Sent, type StressOutcome, type StressRun, sends, toxic, untoxic } from './faults';

/** Instead of the scenario's own fault, one that is worse than a server may be. */
const worse =
  (on: (services: Services) => readonly Sent[], off: (services: Services) => readonly Sent[]) =>
  (services: Services): NodeJS.ProcessEnv => ({
    PERF_FAULT_ON: sends(...on(services)),
    PERF_FAULT_OFF: sends(...off(services)),
  });

/**
 * Each fault on a healthy server, and on one that fails what is promised, or a fault that is worse than a server may bear.
 *
 * @param redisDown more arguments of the runs without Redis. @param soon a limits file under which what is broken for good is
 *   watched for long enough to fail.
 */
export const faultRuns = (
  redisDown: readonly string[],
  soon: readonly string[],
): Readonly<Record<string, StressRun>> => ({
  // First: a server that has opened all of its connections already is not turned away.
  'redis-connections maxclients': { scenario: 'redis-connections', args: ['--fault', 'maxclients'] },
  'provider-failure': { scenario: 'provider-failure' },
  'provider-failure with errors': {
    scenario: 'provider-failure',
    env: worse(
      (to) => [faults(to, { providerDown: true, errorRate: { http: 0.2 } })],
      (to) => [faults(to, { providerDown: false, errorRate: {} })],
    ),
  },
  'database-down': { scenario: 'database-down' },
  'database-down with errors': {
    scenario: 'database-down',
    env: worse(
      (to) => [enabled(to, 'postgres', false), faults(to, { errorRate: { 'data:search': 0.1 } })],
      (to) => [enabled(to, 'postgres', true), faults(to, { errorRate: {} })],
    ),
  },
  'database-pool': { scenario: 'database-pool' },
  'database-pool foreign-connections': { scenario: 'database-pool', args: ['--fault', 'foreign-connections'] },
  'database-pool that starves cached queries': {
    scenario: 'database-pool',
    env: worse(
      (to) => [toxic(to, 'postgres', 1000), faults(to, { latencyAddMs: { search: 250 } })],
      (to) => [untoxic(to, 'postgres'), faults(to, { latencyAddMs: {} })],
    ),
  },
  'redis-slow': { scenario: 'redis-slow' },
  'redis-slow beyond its limit': {
    scenario: 'redis-slow',
    env: worse(
      (to) => [toxic(to, 'redis', 300)],
      (to) => [untoxic(to, 'redis')],
    ),
  },
  'redis-slow on a server that hangs with it': {
    scenario: 'redis-slow',
    env: worse(
      (to) => [toxic(to, 'redis', 10), faults(to, { freeze: true })],
      (to) => [untoxic(to, 'redis'), faults(to, { freeze: false })],
    ),
  },
  'redis-connections': { scenario: 'redis-connections' },
  'redis-connections with errors': {
    scenario: 'redis-connections',
    env: worse(
      (to) => [faults(to, { errorRate: { 'inner:search': 0.1 } })],
      (to) => [faults(to, { errorRate: {} })],
    ),
  },
  'redis-down': { scenario: 'redis-down', args: redisDown },
  'redis-down that does not come back': {
    scenario: 'redis-down',
    args: [...redisDown, ...soon],
    env: (to) => ({ PERF_FAULT_ON: sends(enabled(to, 'redis', false)), PERF_FAULT_OFF: 'true' }),
    meanwhile: async (to, finished) => {
      await finished;
      const [method, url, body] = enabled(to, 'redis', true);
      await fetch(url, { method, body: JSON.stringify(body) });
    },
  },
  network: { scenario: 'network' },
  'network reset': { scenario: 'network', args: ['--fault', 'reset'] },
  'network that is too slow': {
    scenario: 'network',
    env: worse(
      (to) => [toxic(to, 'fiml', 1200)],
      (to) => [untoxic(to, 'fiml')],
    ),
  },
  'without effect': { scenario: 'database-down', env: () => ({ PERF_FAULT_ON: 'true', PERF_FAULT_OFF: 'true' }) },
});

/** Runs that a healthy server survives, each with a target that is proven by it. */
export const SURVIVED = [
  ['provider-failure', 'provider-honest'],
  ['database-down', 'database-down-error-rate'],
  ['database-pool', 'pool-wait'],
  ['database-pool foreign-connections', 'database-p95'],
  ['redis-slow', 'redis-slow-p95'],
  ['redis-connections', 'connections-error-rate'],
  ['redis-connections maxclients', 'connections-error-rate'],
  ['redis-down', 'redis-down-median'],
  ['network', 'network-p95'],
  ['network reset', 'fault-recovery'],
] as const;

/** Runs that fail, each with the target that it misses and the words that say so. */
export const FAILED = [
  ['provider-failure with errors', 'provider-honest', /right, or say that there is no data: 8\d\.\d+ %/],
  ['database-down with errors', 'database-down-error-rate', /Error rate without PostgreSQL.* data \d+/],
  ['database-pool that starves cached queries', 'database-p95', /is in trouble: \d+ ms, must be below 200 ms/],
  ['redis-slow beyond its limit', 'redis-slow-p95', /while Redis is slow: \d+ ms, must be below 200 ms/],
  ['redis-slow on a server that hangs with it', 'redis-slow-error-rate', /while Redis is slow.* transport \d+/],
  ['redis-connections with errors', 'connections-error-rate', /beyond the connections to Redis.* inner \d+/],
  ['redis-down that does not come back', 'fault-recovery', /Back to the level before the fault: not back/],
  ['network that is too slow', 'network-p95', /over a bad network: 1\d{3} ms/],
] as const;

export function expectSurvived({ code, stdout, verdict }: StressOutcome, proven: string): void {
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\nPASS/) });
  expect(verdict.targets.find(({ id }) => id === proven)?.verdict).toBe('PASS');
  expect(verdict.targets.find(({ id }) => id === 'fault-recovery')?.verdict).toBe('PASS');
  expect(verdict.checks.find(({ id }) => id === 'fault')).toMatchObject({ ok: true });
}

export function expectFailed({ code, stdout, verdict }: StressOutcome, id: string, words: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(words) });
  expect(verdict.targets.filter((row) => row.verdict === 'FAIL').map((row) => row.id)).toContain(id);
}
