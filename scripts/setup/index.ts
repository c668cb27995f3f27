import { existsSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { root as repositoryRoot } from '../root';
import { cachedBinary, cacheFolder, openWorkspace, publish, sweepWorkspaces } from './cache';
import { type Attempt, AttemptError, InterruptedError, rootCause, SetupError } from './errors';
import { findOnPath } from './find';
import { buildWithGo } from './go';
import { downloadRelease } from './release';
import { PINNED_VERSION, probeK6, SUPPORTED_RANGE } from './version';

export { InterruptedError, SetupError } from './errors';
export { k6Environment, PINNED_VERSION, SUPPORTED_RANGE } from './version';

/** Where the k6 in use came from. */
export type K6Source = 'PERF_K6' | 'PATH' | 'cache' | 'release' | 'go';

/** A k6 that answered with a supported version. */
export interface K6 {
  path: string;
  version: string;
  source: K6Source;
}

/** What `ensureK6` may be told; each has the sensible default. */
export interface EnsureK6Options {
  /** The repository: holds `.cache` and `tools/k6`. */
  root?: string;
  /** `PERF_K6`, `PERF_CACHE_DIR`, `PERF_K6_RELEASE_URL`, `PATH` and the proxy variables are read from here. */
  env?: NodeJS.ProcessEnv;
  /** Takes progress lines; standard error when not given, since standard output may be read by a program. */
  log?: (line: string) => void;
  /** Ends the set-up in order. */
  signal?: AbortSignal;
  platform?: NodeJS.Platform;
  arch?: string;
}

/**
 * Finds a k6 that the suite can use, or gets one: `PERF_K6`, `PATH`, project cache, official release, Go, in this order.
 * @throws SetupError with every way that was tried, why it failed, and what to do.
 */
export async function ensureK6(options: EnsureK6Options = {}): Promise<K6> {
  const root = options.root ?? repositoryRoot;
  const env = options.env ?? process.env;
  const platform = options.platform ?? process.platform;
  const arch = options.arch ?? process.arch;
  const log = options.log ?? ((line: string) => process.stderr.write(`${line}\n`));
  const signal = options.signal ?? new AbortController().signal;

  if (env.PERF_K6) return chosen(env.PERF_K6, env);

  const attempts: Attempt[] = [];
  const onPath = findOnPath('k6', env, platform);
  if (onPath === undefined) {
    attempts.push({ way: 'PATH', reason: 'no k6 there' });
  } else {
    const probe = await probeK6(onPath, env);
    if (probe.ok) return { path: onPath, version: probe.version, source: 'PATH' };
    attempts.push({ way: 'PATH', reason: `${onPath} ${probe.reason}` });
  }

  const folder = cacheFolder(root, env);
  const target = cachedBinary(folder, platform, arch);
  if (existsSync(target)) {
    const probe = await probeK6(target, env);
    if (probe.ok) return { path: target, version: probe.version, source: 'cache' };
    attempts.push({ way: 'cache', reason: `${relative(root, target)} ${probe.reason}` });
  } else {
    attempts.push({ way: 'cache', reason: `no k6 v${PINNED_VERSION} yet` });
  }

  const workspace = makeWorkspace(folder);
  const context = { root, env, platform, arch, workspace, log, signal };
  const ways: { source: K6Source; get: () => Promise<string> }[] = [
    { source: 'release', get: () => downloadRelease(context) },
    { source: 'go', get: () => buildWithGo(context) },
  ];
  try {
    for (const { source, get } of ways) {
      try {
        publish(await get(), target);
        log(`k6: v${PINNED_VERSION} is ready in ${relative(root, target)}`);
        return { path: target, version: PINNED_VERSION, source };
      } catch (error) {
        if (signal.aborted) throw new InterruptedError();
        if (!(error instanceof AttemptError)) throw error;
        log(`k6: ${source}: ${error.message}`);
        attempts.push({ way: source, reason: error.message });
      }
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
  throw new SetupError(explain(attempts));
}

/** Who names a binary means that one: anything wrong with it is an error, not a reason to use another in silence. */
async function chosen(named: string, env: NodeJS.ProcessEnv): Promise<K6> {
  const path = resolve(named);
  const probe = await probeK6(path, env);
  if (!probe.ok) {
    throw new SetupError(
      `PERF_K6=${named}: this file ${probe.reason}.\n` +
        `Point PERF_K6 at a k6 binary (${SUPPORTED_RANGE}), or unset it and let set-up find or fetch one.`,
    );
  }
  return { path, version: probe.version, source: 'PERF_K6' };
}

function makeWorkspace(folder: string): string {
  try {
    sweepWorkspaces(folder);
    return openWorkspace(folder);
  } catch (error) {
    throw new SetupError(
      `k6 is needed and its cache cannot be written: ${rootCause(error)}.\n` +
        'Make that folder writable, point PERF_CACHE_DIR at another, or point PERF_K6 at a k6 binary.',
    );
  }
}

function explain(attempts: Attempt[]): string {
  return [
    `k6 (${SUPPORTED_RANGE}) is needed, and no way to get it worked:`,
    ...attempts.map(({ way, reason }) => `  ${way.padEnd(8)} ${reason}`),
    'Any one of these helps:',
    '  - install k6 so that it is on PATH: https://grafana.com/docs/k6/latest/set-up/install-k6/',
    '  - point PERF_K6 at a k6 binary',
    '  - let this machine reach the k6 releases (HTTPS_PROXY is honoured), or set PERF_K6_RELEASE_URL to a mirror',
    '  - install Go 1.26 or newer: k6 is then built from tools/k6',
  ].join('\n');
}
