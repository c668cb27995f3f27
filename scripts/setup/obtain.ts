import { existsSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { cachedBinary, cacheFolder, openWorkspace, publish, sweepWorkspaces } from './cache';
import { type Attempt, AttemptError, InterruptedError, rootCause, SetupError } from './errors';
import { findOnPath } from './find';
import type { Program } from './program';

/** What a way of getting a program needs to know about the machine and the user's wishes. */
export interface ObtainContext {
  /** The repository: holds `.cache` and `tools`. */
  root: string;
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  arch: string;
  /** Takes progress lines. */
  log: (line: string) => void;
  signal: AbortSignal;
}

/** The same, with a folder of its own for unfinished work, which is removed whatever happens. */
export interface WorkContext extends ObtainContext {
  workspace: string;
}

/** One way of getting a program that the machine has not; it gives a binary that was tried. */
export interface Way<Source extends string> {
  readonly source: Source;
  readonly get: (context: WorkContext) => Promise<string>;
}

/** A program that answered with a supported version. */
export interface Found<Source extends string> {
  path: string;
  version: string;
  /** Where it came from. */
  source: Source;
}

/**
 * Finds a program, or gets it: `PATH`, project cache, then the given ways in turn.
 * @throws SetupError with every way that was tried, why it failed, and what to do.
 */
export async function obtain<Source extends string>(
  program: Program,
  ways: readonly Way<Source>[],
  context: ObtainContext,
): Promise<Found<Source | 'PATH' | 'cache'>> {
  const { root, env, platform, arch, log, signal } = context;
  const { name, executable, version } = program;
  const attempts: Attempt[] = [];
  const onPath = findOnPath(executable, env, platform);
  if (onPath === undefined) {
    attempts.push({ way: 'PATH', reason: `no ${executable} there` });
  } else {
    const probe = await program.probe(onPath, env);
    if (probe.ok) return { path: onPath, version: probe.version, source: 'PATH' };
    attempts.push({ way: 'PATH', reason: `${onPath} ${probe.reason}` });
  }

  const folder = cacheFolder(root, env, name);
  const target = cachedBinary(folder, program, platform, arch);
  if (existsSync(target)) {
    const probe = await program.probe(target, env);
    if (probe.ok) return { path: target, version: probe.version, source: 'cache' };
    attempts.push({ way: 'cache', reason: `${relative(root, target)} ${probe.reason}` });
  } else {
    attempts.push({ way: 'cache', reason: `no ${name} v${version} yet` });
  }

  const workspace = makeWorkspace(folder, program);
  try {
    for (const { source, get } of ways) {
      try {
        publish(await get({ ...context, workspace }), target);
        log(`${name}: v${version} is ready in ${relative(root, target)}`);
        return { path: target, version, source };
      } catch (error) {
        if (signal.aborted) throw new InterruptedError();
        if (!(error instanceof AttemptError)) throw error;
        log(`${name}: ${source}: ${error.message}`);
        attempts.push({ way: source, reason: error.message });
      }
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
  throw new SetupError(explain(program, attempts));
}

function makeWorkspace(folder: string, { name }: Program): string {
  try {
    sweepWorkspaces(folder);
    return openWorkspace(folder);
  } catch (error) {
    throw new SetupError(
      `${name} is needed and its cache cannot be written: ${rootCause(error)}.\n` +
        `Make that folder writable, point PERF_CACHE_DIR at another, or ${name === 'k6' ? 'point PERF_K6 at a k6 binary' : `install ${name}`}.`,
    );
  }
}

function explain({ name, range, help }: Program, attempts: readonly Attempt[]): string {
  return [
    `${name} (${range}) is needed, and no way to get it worked:`,
    ...attempts.map(({ way, reason }) => `  ${way.padEnd(8)} ${reason}`),
    'Any one of these helps:',
    ...help.map((line) => `  - ${line}`),
  ].join('\n');
}
