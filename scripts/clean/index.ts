import { existsSync, lstatSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive } from '../is-alive';
import { RUNNING } from '../run/folder';

interface FoundRun {
  /** Below the results folder. */
  readonly name: string;
  readonly beganMs: number;
}

/**
 * Removes all but the newest runs of a results folder, those of a series and those of `ab` included. A full suite counts as
 * one, with all of its parts: its report would lead nowhere without them.
 *
 * Only what is a run is touched: a folder whose `run.json`, `ab.json` or `full.json` is the suite's, or one that a run left
 * when it was killed. A run that is going on is kept and not counted. The newest is the one that began last: judging a run again makes it
 * no newer. The folder of a series goes with the last of what was in it.
 *
 * @returns the names of what was removed, oldest first.
 */
export function clean(results: string, keep: number): string[] {
  const runs = foldersIn(results)
    .flatMap((name) => runsAt(results, name))
    .sort((a, b) => a.beganMs - b.beganMs || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
  const removed = runs.slice(0, Math.max(0, runs.length - keep));
  for (const name of removed) {
    rmSync(join(results, name), { recursive: true, force: true });
    const series = dirname(name);
    if (series !== '.' && readdirSync(join(results, series)).length === 0) rmdirSync(join(results, series));
  }
  removeDanglingLatest(results);
  return removed;
}

/** The run of that name, or those of a series. */
function runsAt(results: string, name: string): FoundRun[] {
  const own = runAt(results, name);
  if (own.length > 0 || existsSync(join(results, name, RUNNING))) return own;
  return foldersIn(join(results, name)).flatMap((inner) => runAt(results, join(name, inner)));
}

function runAt(results: string, name: string): FoundRun[] {
  const beganMs = whenFinishedRunBegan(join(results, name));
  return beganMs === null ? [] : [{ name, beganMs }];
}

function foldersIn(results: string): string[] {
  try {
    return readdirSync(results, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Null for what is no run, or one that is going on. */
function whenFinishedRunBegan(folder: string): number | null {
  const running = textOf(join(folder, RUNNING));
  if (running !== null) return isAlive(Number(running)) ? null : statSync(folder).mtimeMs;
  const run = parsed(textOf(join(folder, 'run.json')));
  if (run?.schema === 'fiml-perf/run') return Date.parse(String(run.createdAt)) || statSync(folder).mtimeMs;
  const full = parsed(textOf(join(folder, 'full.json')));
  if (full?.schema === 'fiml-perf/full') return Date.parse(String(full.createdAt)) || statSync(folder).mtimeMs;
  // Of two servers compared there is no time but that at which it was written.
  const pairs = parsed(textOf(join(folder, 'ab.json')));
  return pairs?.schema === 'fiml-perf/ab' ? statSync(join(folder, 'ab.json')).mtimeMs : null;
}

/** Null when there is no such file, or none that may be read: whatever it is, it was not written by a run of this user. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parsed(json: string | null): { schema?: unknown; createdAt?: unknown } | null {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return null;
  }
}

function removeDanglingLatest(results: string): void {
  const latest = join(results, 'latest');
  const isLink = lstatSync(latest, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink && !existsSync(latest)) rmSync(latest);
}
