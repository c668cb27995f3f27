import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchBySymbol } from '../../contract';
import { BLOCK, BLOCK_MIX, DSL_SYNC_EVERY } from '../../profiles/mix';
import { POLLS_PER_TASK } from '../../profiles/plan';
import { USER_PERIOD_S } from '../../profiles/profile';
import { EXIT_FAIL, EXIT_INVALID, EXIT_OK } from '../../scripts/exit-codes';
import { readJson } from '../../scripts/result/files';
import { summarySchema } from '../../scripts/result/summary';
import { root } from '../../scripts/root';
import { k6Environment } from '../../scripts/setup';
import { withoutOverrides } from './environment';
import type { Generator } from './load';
import { onOneCore } from './pin';

/** Share of answers that may have failed: what failed cost other than what it is measured for. */
const FAILED_AT_MOST = 0.01;
/** An iteration in twenty is a DSL query; two in three of these are tasks, which are asked for their state until they end. */
const REQUESTS_PER_ITERATION = 1 + (BLOCK_MIX.dsl / BLOCK) * (1 - 1 / DSL_SYNC_EVERY) * POLLS_PER_TASK;
/** Looks at the server, and the symbols of the hot set. */
const BEFORE_LOAD = 40;
/** k6's own code for SIGINT. */
const K6_STOPPED = 105;
/** Virtual users of the bare script at a rate: more than it has requests under way at a time. */
const BARE_VUS = 50;
const STDERR_KEPT = 2000;

const BARE = join(root, 'bench', 'generator', 'bare.js');
const LOAD = join(root, 'dist', 'load.js');
const BUSY = join(root, 'bench', 'generator', 'busy.js');
const SAMPLES = join(root, 'bench', 'generator', 'samples.js');

/** How much is sent. */
export type Amount =
  /** As much as users can who ask again at once. */
  | { readonly busyUsers: number }
  | { readonly requestsPerS: number }
  /** Users who think between their requests, one in two seconds. */
  | { readonly users: number };

/** As many as keep a core busy while some of them wait for their tasks. */
export const BUSY_USERS = 150;

/** k6 with nothing but a POST. */
export const bareScript = (k6: string, amount: Amount): Generator =>
  plainK6('bare script', k6, [BARE], (url, seconds) => ({
    TARGET: url,
    DURATION: `${seconds}s`,
    BODY: searchBySymbol('AAPL', 'quick').body ?? '',
    ...bareAmount(amount),
  }));

function bareAmount(amount: Amount): { VUS: string; RATE?: string } {
  if ('busyUsers' in amount) return { VUS: String(amount.busyUsers) };
  return 'users' in amount
    ? { VUS: String(amount.users), RATE: String(amount.users / USER_PERIOD_S) }
    : { VUS: String(BARE_VUS), RATE: String(amount.requestsPerS) };
}

/** The suite's script by plain k6, which keeps no samples unless it is told to. */
export const ownScript = (name: string, k6: string, options: readonly string[], amount: Amount): Generator =>
  plainK6(name, k6, [...options, 'busyUsers' in amount ? BUSY : LOAD], (url, seconds) => ({
    ...overridesOf(amount, seconds),
    PERF_TARGET: url,
  }));

const plainK6 = (
  name: string,
  k6: string,
  args: readonly string[],
  envOf: (url: string, seconds: number) => Readonly<Record<string, string>>,
): Generator => ({
  name,
  before: BEFORE_LOAD,
  start(url, seconds) {
    const child = spawn(...onOneCore(k6, ['run', '--quiet', '--no-color', ...args]), {
      env: k6Environment({ ...withoutOverrides(process.env), ...envOf(url, seconds) }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return { pid: () => child.pid ?? null, stop: () => child.kill(), ended: ended(child, [EXIT_OK, K6_STOPPED]) };
  },
});

/**
 * The suite as its user starts it, `fiml-perf run load`, whatever it then tells k6: `PERF_K6` names a program that notes its
 * process and becomes k6 on one core, with the script of busy users where these are wanted.
 */
export const ownRun = (k6: string, options: readonly string[], amount: Amount): Generator =>
  startedByRun(['fiml-perf run load', ...options].join(' '), k6, options, amount, 'busyUsers' in amount ? BUSY : LOAD);

/** The same with a script that does nothing but make the samples. */
export const samplesAlone = (k6: string, options: readonly string[], busyUsers: number): Generator =>
  startedByRun(['samples alone', ...options].join(' '), k6, options, { busyUsers }, SAMPLES);

const startedByRun = (
  name: string,
  k6: string,
  options: readonly string[],
  amount: Amount,
  script: string,
): Generator => ({
  name,
  before: BEFORE_LOAD,
  start(url, seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-run-'));
    const run = join(folder, 'run');
    const noted = join(folder, 'pid');
    const k6Here = join(folder, 'k6');
    const [command, words] = onOneCore(k6, []);
    const lines = [
      '#!/bin/sh',
      `[ "$1" != run ] || echo $$ >${quoted(noted)}`,
      `for word; do shift; [ "$word" != ${quoted(LOAD)} ] || word=${quoted(script)}; set -- "$@" "$word"; done`,
      `exec ${[command, ...words].map(quoted).join(' ')} "$@"`,
    ];
    writeFileSync(k6Here, `${lines.join('\n')}\n`);
    chmodSync(k6Here, 0o755);
    const args = [join(root, 'bin', 'fiml-perf.js'), 'run', 'load', '--target', url, '--out', run, ...options];
    const child = spawn(process.execPath, args, {
      env: {
        ...withoutOverrides(process.env),
        ...overridesOf(amount, seconds),
        PERF_K6: k6Here,
        PERF_HISTORY: folder,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const whole = async () => {
      try {
        await ended(child, [EXIT_OK, EXIT_FAIL, EXIT_INVALID]);
        const { metrics } = readJson(join(run, 'summary.json'), summarySchema, "k6's summary");
        const failed = metrics.fiml_failed?.values.rate ?? 1;
        if (failed > FAILED_AT_MOST) throw new Error(`${(failed * 100).toFixed(1)} % of its answers were wrong`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    };
    return { pid: () => readPid(noted), stop: () => child.kill(), ended: whole() };
  },
});

const quoted = (word: string): string => `'${word}'`;

function overridesOf(amount: Amount, seconds: number): Record<string, string> {
  const common = {
    PERF_DURATION: `${seconds}s`,
    // At such rates cold symbols come round sooner than they leave the cache, which a run refuses.
    PERF_COLD_SHARE: '0',
    // By itself a shorter load has more of them in each second.
    PERF_PROBE_RATE: '5',
  };
  if ('busyUsers' in amount) {
    return { ...common, ...atRate(20), BUSY_USERS: String(amount.busyUsers), BUSY_DURATION: `${seconds}s` };
  }
  return 'users' in amount
    ? { ...common, PERF_MODEL: 'closed', PERF_USERS: String(amount.users), PERF_SPAWN_RATE: String(amount.users) }
    : { ...common, ...atRate(Math.round(amount.requestsPerS / REQUESTS_PER_ITERATION)) };
}

/** The whole rate within half a second. */
const atRate = (ratePerS: number) => ({ PERF_RATE: String(ratePerS), PERF_SPAWN_RATE: String(ratePerS * 4) });

function readPid(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** @throws when a program ends with another code than these. */
export async function ended(child: ChildProcess, codes: readonly number[]): Promise<void> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  const orphan = () => child.kill();
  process.on('exit', orphan);
  const [code] = await once(child, 'close');
  process.off('exit', orphan);
  if (!codes.includes(code)) throw new Error(`${child.spawnfile} ended with ${code}: ${stderr}`);
}
