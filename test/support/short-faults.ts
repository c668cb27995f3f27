import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './cli';
import { faultRuns } from './fault-runs';
import { type StressOutcome, stressLanes } from './faults';
import type { Lanes } from './lanes';

/** Warm-up 2 s, before 4 s, fault 6 s, recovery 8 s: long enough for every target to have its samples. */
const SHORT = ['--rate', '60', '--spawn-rate', '10', '--probe-rate', '12', '--time-scale', '0.15', '--duration', '40s'];
/** Each search holds up the server for 0.4 s: two a second, until there are enough of them. */
const REDIS_DOWN = ['--rate', '2', '--duration', '56s'];
/** Clients of the stores try and wait for a tenth of their time: Redis' for a second, PostgreSQL's for three. */
const RETRIES = ['--retry-scale', '0.1'];

/**
 * Further faults of a scenario, and failures in loads of half a minute each, of which `make test` makes those of three scenarios
 * only: `make test-long` makes them.
 */
const LONG_ONLY: readonly string[] = [
  'redis-connections maxclients',
  'database-pool foreign-connections',
  'redis-slow on a server that hangs with it',
  'network reset',
  'database-down with errors',
  'redis-connections with errors',
  'redis-slow beyond its limit',
  'network that is too slow',
];

/** Those of some cases that are made in seconds, too. */
export const shortOf = <T extends readonly [name: string, ...unknown[]]>(cases: readonly T[]): readonly T[] =>
  cases.filter(([name]) => !LONG_ONLY.includes(name));

/** Starts faults of seconds, one after the other, on services of their own. */
export function shortFaults(names: readonly string[]): Lanes<StressOutcome> {
  // What is broken for good is watched for 8 s here, and must be back within fewer for a verdict.
  const soon = join(temporaryFolder('limits'), 'limits.json');
  writeFileSync(soon, '{"version": 1, "targets": {"fault-recovery": {"limit": 5}}}');
  const runs = Object.entries(faultRuns(REDIS_DOWN, ['--thresholds', soon]));
  const lane = stressLanes(1, SHORT, RETRIES, Object.fromEntries(runs.filter(([name]) => names.includes(name))));
  return {
    outcomeOf: lane.outcomeOf,
    async stop() {
      await lane.stop();
      rmSync(dirname(soon), { recursive: true, force: true });
    },
  };
}
