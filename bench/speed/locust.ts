import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { EXIT_OK } from '../../scripts/exit-codes';
import { root } from '../../scripts/root';
import { ensureK6 } from '../../scripts/setup';
import { locustFolder } from '../locust/install';
import { withoutOverrides } from './environment';
import { BUSY_USERS, ended, ownRun } from './k6-loads';
import { type Generator, usPerRequest } from './load';
import { onOneCore } from './pin';
import type { Bench, Row, Size, Unmeasured } from './row';

const LOCUSTFILE = join(root, 'bench', 'locust', 'locustfile.py');
const AMOUNTS: Readonly<Record<Size, { busyUsers: number; seconds: number; times: number }>> = {
  full: { busyUsers: BUSY_USERS, seconds: 12, times: 4 },
  short: { busyUsers: 5, seconds: 0.5, times: 1 },
};

const USERS_OF = [
  { name: 'Locust, FastHttpUser', user: 'FastUser', json: 1.25, csv: 1.5 },
  { name: 'Locust, HttpUser', user: 'PlainUser', json: 4.5, csv: 5.5 },
] as const;

/** Requests that a core sends in a second, by the suite and by Locust with the same checks of each answer. */
export const locust: Bench = async (size) => {
  // The short form takes seconds; it installs nothing.
  const folder = await locustFolder(size === 'full');
  if (folder === null) return unmeasured('Locust is not installed, and only the full form installs it (into .cache)');
  const { path: k6 } = await ensureK6();
  const { busyUsers, ...times } = AMOUNTS[size];
  const own = [ownRun(k6, [], { busyUsers }), ownRun(k6, ['--record', 'csv'], { busyUsers })];
  const others = USERS_OF.map(({ name, user }) => locustUser(name, user, folder, busyUsers));
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

/** So many of a user of `locustfile.py`. */
export const locustUser = (name: string, user: string, folder: string, count: number): Generator => ({
  name,
  before: 0,
  start(url, seconds) {
    const amount = ['--users', String(count), '--spawn-rate', String(count), '--run-time', `${Math.ceil(seconds)}s`];
    const args = ['-m', 'locust', '-f', LOCUSTFILE, user, '--headless', '--only-summary', '--host', url, ...amount];
    const child = spawn(...onOneCore('python3', args), {
      env: { ...withoutOverrides(process.env), PYTHONPATH: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // It ends with 1 when a single answer was wrong.
    return { pid: () => child.pid ?? null, stop: () => child.kill(), ended: ended(child, [EXIT_OK]) };
  },
});
