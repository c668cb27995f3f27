import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchBySymbol } from '../../contract';
import { BLOCK, BLOCK_MIX, DSL_SYNC_EVERY } from '../../profiles/mix';
import { POLLS_PER_TASK } from '../../profiles/plan';
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
const STDERR_KEPT = 2000;

/** k6 with nothing but a POST, at a rate of requests. */
export const bareScript = (k6: string, requestsPerS: number, vus: number): Generator =>
  plainK6('bare script', k6, [join(root, 'bench', 'generator', 'bare.js')], (url, seconds) => ({
    TARGET: url,
    RATE: String(requestsPerS),
    VUS: String(vus),
    DURATION: `${seconds}s`,
    BODY: searchBySymbol('AAPL', 'quick').body ?? '',
  }));

/** The suite's script by plain k6, which keeps no samples unless it is told to. */
export const ownScript = (name: string, k6: string, options: readonly string[], amount: Amount): Generator =>
  plainK6(name, k6, [...options, join(root, 'dist', 'load.js')], (url, seconds) => ({
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
    return { pid: () => child.pid ?? null, ended: ended(child, [EXIT_OK, K6_STOPPED]) };
  },
});

/** How much of the traffic `fiml-perf run load` is told to send. */
export type Amount = { readonly requestsPerS: number } | { readonly users: number };

/**
 * The suite as its user starts it, `fiml-perf run load`, whatever it then tells k6: `PERF_K6` names a program that notes its
 * process and becomes k6 on one core.
 */
export const ownRun = (k6: string, options: readonly string[], amount: Amount): Generator => ({
  name: ['fiml-perf run load', ...options].join(' '),
  before: BEFORE_LOAD,
  start(url, seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-run-'));
    const run = join(folder, 'run');
    const noted = join(folder, 'pid');
    const k6Here = join(folder, 'k6');
    const [command, words] = onOneCore(k6, []);
    writeFileSync(
      k6Here,
      `#!/bin/sh\n[ "$1" != run ] || echo $$ >'${noted}'\nexec ${command} ${words.map(quoted).join(' ')} "$@"\n`,
    );
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
    return { pid: () => readPid(noted), ended: whole() };
  },
});

const quoted = (word: string): string => `'${word}'`;

const overridesOf = (amount: Amount, seconds: number): Record<string, string> => ({
  PERF_DURATION: `${seconds}s`,
  // At such rates cold symbols come round sooner than they leave the cache, which a run refuses.
  PERF_COLD_SHARE: '0',
  // By itself a shorter load has more of them in each second.
  PERF_PROBE_RATE: '5',
  ...('users' in amount
    ? { PERF_MODEL: 'closed', PERF_USERS: String(amount.users), PERF_SPAWN_RATE: String(amount.users) }
    : atRate(Math.round(amount.requestsPerS / REQUESTS_PER_ITERATION))),
});

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
  const orphan = () => child.kill('SIGKILL');
  process.on('exit', orphan);
  const [code] = await once(child, 'close');
  process.off('exit', orphan);
  if (!codes.includes(code)) throw new Error(`${child.spawnfile} ended with ${code}: ${stderr}`);
}
