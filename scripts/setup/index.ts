import { resolve } from 'node:path';
import { root as repositoryRoot } from '../root';
import { SetupError } from './errors';
import { buildWithGo } from './go';
import { type Found, type ObtainContext, obtain, type WorkContext } from './obtain';
import { ACTIONLINT_PROGRAM, K6_PROGRAM, KUBECONFORM_PROGRAM, type Program, TOXIPROXY_PROGRAM } from './program';
import { downloadRelease } from './release';
import { probeK6, SUPPORTED_RANGE } from './version';

export { InterruptedError, SetupError } from './errors';
export { k6Environment, PINNED_VERSION, SUPPORTED_RANGE } from './version';

/** Where the k6 in use came from. */
export type K6Source = 'PERF_K6' | 'PATH' | 'cache' | 'release' | 'go';

/** A k6 that answered with a supported version. */
export type K6 = Found<K6Source>;

/** Where a program that set-up builds came from. */
export type BuiltSource = 'PATH' | 'cache' | 'go';

/** A `toxiproxy-server` that answered with a supported version. */
export type Toxiproxy = Found<BuiltSource>;

/** What `ensureK6` and `ensureToxiproxy` may be told; each has the sensible default. */
export interface EnsureOptions {
  /** The repository: holds `.cache` and `tools`. */
  root?: string;
  /** `PERF_CACHE_DIR`, `PATH`, the proxy variables and, for k6, `PERF_K6` and `PERF_K6_RELEASE_URL` are read from here. */
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
export async function ensureK6(options: EnsureOptions = {}): Promise<K6> {
  const context = contextOf(options);
  const { env } = context;
  if (env.PERF_K6) return chosen(env.PERF_K6, env);
  return obtain(
    K6_PROGRAM,
    [
      { source: 'release', get: downloadRelease },
      { source: 'go', get: (work) => buildWithGo(K6_PROGRAM, work) },
    ],
    context,
  );
}

/**
 * Finds a Toxiproxy that the suite can use, or builds one: `PATH`, project cache, Go, in this order.
 * @throws SetupError with every way that was tried, why it failed, and what to do.
 */
export const ensureToxiproxy = (options: EnsureOptions = {}): Promise<Toxiproxy> => built(TOXIPROXY_PROGRAM, options);

/**
 * The same for kubeconform, which only tests need.
 * @throws SetupError as {@link ensureToxiproxy}.
 */
export const ensureKubeconform = (options: EnsureOptions = {}): Promise<Found<BuiltSource>> =>
  built(KUBECONFORM_PROGRAM, options);

/** The same for actionlint, with which tests check the workflows. */
export const ensureActionlint = (options: EnsureOptions = {}): Promise<Found<BuiltSource>> =>
  built(ACTIONLINT_PROGRAM, options);

function built(program: Program, options: EnsureOptions): Promise<Found<BuiltSource>> {
  const build = { source: 'go', get: (work: WorkContext) => buildWithGo(program, work) } as const;
  return obtain(program, [build], contextOf(options));
}

function contextOf(options: EnsureOptions): ObtainContext {
  return {
    root: options.root ?? repositoryRoot,
    env: options.env ?? process.env,
    platform: options.platform ?? process.platform,
    arch: options.arch ?? process.arch,
    log: options.log ?? ((line: string) => process.stderr.write(`${line}\n`)),
    signal: options.signal ?? new AbortController().signal,
  };
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
