import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { EXIT_OK } from '../../scripts/exit-codes';
import { root } from '../../scripts/root';
import { ensureK6 } from '../../scripts/setup';
import { locustFolder } from '../locust/install';
import { withoutOverrides } from './environment';
import { ended, ownRun } from './k6-loads';
import { type Generator, usPerRequest } from './load';
import { onOneCore } from './pin';
import type { Bench, Row, Size, Unmeasured } from './row';

const LOCUSTFILE = join(root, 'bench', 'locust', 'locustfile.py');
/** Who do not think: enough to keep a core of either client busy while some wait for their tasks. */
const USERS = 50;
const AMOUNTS: Readonly<Record<Size, { requestsPerS: number; seconds: number; times: number }>> = {
  full: { requestsPerS: 1000, seconds: 12, times: 4 },
  short: { requestsPerS: 50, seconds: 1, times: 1 },
};

const USERS_OF = [
  { name: 'Locust, FastHttpUser', user: 'FastUser', json: 1.25, csv: 1.5 },
  { name: 'Locust, HttpUser', user: 'PlainUser', json: 4.5, csv: 5.5 },
] as const;

/**
 * Requests that a core sends in a second, by the suite and by Locust with the same checks of each answer. Locust is given its
 * best: users who never wait. The suite sends at its rate, which is dearer than as fast as it can.
 */
export const locust: Bench = async (size) => {
  // The short form takes seconds; it installs nothing.
  const folder = await locustFolder(size === 'full');
  if (folder === null) return unmeasured('Locust is not installed, and only the full form installs it (into .cache)');
  const { path: k6 } = await ensureK6();
  const { requestsPerS, ...times } = AMOUNTS[size];
  const own = [ownRun(k6, [], { requestsPerS }), ownRun(k6, ['--record', 'csv'], { requestsPerS })];
  const others = USERS_OF.map(({ name, user }) => locustUser(name, user, folder));
  const [json = 0, csv = 0, ...theirs] = await usPerRequest(size, [...own, ...others], times);
  return USERS_OF.flatMap((user, at) => {
    const baseline = { name: user.name, measured: 1e6 / (theirs[at] ?? 0) };
    const row = (what: string, us: number, atLeast: number): Row => ({
      what,
      unit: 'requests/s',
      measured: 1e6 / us,
      baseline,
      target: { atLeast },
    });
    return [row(WHAT.json, json, user.json), row(WHAT.csv, csv, user.csv)];
  });
};

const WHAT = {
  json: 'requests a core sends, as fiml-perf run starts it',
  csv: 'requests a core sends, the same with --record csv',
} as const;

const unmeasured = (notMeasured: string): Unmeasured[] =>
  USERS_OF.flatMap(({ name }) =>
    [WHAT.json, WHAT.csv].map((what) => ({ what: `${what}, beside ${name}`, notMeasured })),
  );

/** A user of `locustfile.py`, so many times that it has all that its core can send. */
export const locustUser = (name: string, user: string, folder: string): Generator => ({
  name,
  before: 0,
  start(url, seconds) {
    const amount = ['--users', String(USERS), '--spawn-rate', String(USERS), '--run-time', `${seconds}s`];
    const args = ['-m', 'locust', '-f', LOCUSTFILE, user, '--headless', '--only-summary', '--host', url, ...amount];
    const child = spawn(...onOneCore('python3', args), {
      env: { ...withoutOverrides(process.env), PYTHONPATH: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // It ends with 1 when a single answer was wrong.
    return { pid: () => child.pid ?? null, ended: ended(child, [EXIT_OK]) };
  },
});
