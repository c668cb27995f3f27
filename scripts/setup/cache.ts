import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isAlive } from '../is-alive';
import type { Program } from './program';

/** Process ids are reused and containers cannot see each other's, so age has the last word on what is abandoned. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

const WORKSPACE = /^\.tmp-(.+)-(\d+)-[^-]+$/;

/** The folder of that name in the cache, which is `PERF_CACHE_DIR`, else `.cache` in the repository. */
export function cacheFolder(root: string, env: NodeJS.ProcessEnv, name: string): string {
  return join(env.PERF_CACHE_DIR ? resolve(env.PERF_CACHE_DIR) : join(root, '.cache'), name);
}

/** The pinned binary in the cache. The platform is in the path, so that a folder shared with a container stays right. */
export function cachedBinary(folder: string, program: Program, platform: NodeJS.Platform, arch: string): string {
  const { executable, version } = program;
  return join(folder, `${version}-${platform}-${arch}`, platform === 'win32' ? `${executable}.exe` : executable);
}

/** Makes a folder for unfinished work. It sits inside the cache, since a rename is atomic on one file system only. */
export function openWorkspace(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return mkdtempSync(join(folder, `.tmp-${thisHost()}-${process.pid}-`));
}

/** Removes what set-ups that were killed have left, and nothing that a set-up at work may still need. */
export function sweepWorkspaces(folder: string, now = Date.now()): void {
  for (const name of entries(folder)) {
    const [, host, pid] = WORKSPACE.exec(name) ?? [];
    if (host === undefined || pid === undefined) continue;
    const path = join(folder, name);
    const orphaned = host === thisHost() && !isAlive(Number(pid));
    if (orphaned || ageMs(path, now) > ABANDONED_AFTER_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Puts a finished and checked binary into its place. Whoever looks sees the old file or the new one, never a part. */
export function publish(binary: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  renameSync(binary, target);
}

function thisHost(): string {
  return hostname().replace(/[^A-Za-z0-9.]/g, '_') || 'host';
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // No cache yet: nothing to sweep.
  }
}

function ageMs(path: string, now: number): number {
  try {
    return now - statSync(path).mtimeMs;
  } catch {
    return 0; // Its owner removed it in the meantime.
  }
}
