import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors';

/** Names the files of a run. */
export interface RunFolder {
  /** The run's id: its folder's name, or in a folder that was given one that no other run has. */
  readonly id: string;
  readonly path: string;
  file(name: string): string;
  /** Says that the run is over; before that `clean` leaves the folder alone. */
  release(): void;
  /** Takes back a folder in which nothing was written: a run that could not start leaves no trace. */
  discard(): void;
}

/** Holds the process id of a run in progress. */
export const RUNNING = '.running';
/** Runs that may start in the same second. */
const MOST_TWINS = 100;

/**
 * Makes a folder for one run: `<results>/<time>-<scenario>-<profile>`, with a number when two runs start in the same
 * second, or exactly `out`.
 *
 * @throws UserError when the folder cannot be made or written, or `out` already holds a run.
 */
export function makeRunFolder(results: string, out: string | null, name: string, now: Date): RunFolder {
  const path = out === null ? newFolder(resolve(results), `${stamp(now)}-${name}`) : givenFolder(resolve(out));
  try {
    writeFileSync(join(path, RUNNING), `${process.pid}\n`);
  } catch (error) {
    throw unwritable(path, error);
  }
  return {
    // Folders such as a/1 and b/1 are called alike; histories and baselines tell runs apart by their ids.
    id: out === null ? basename(path) : `${stamp(now)}-${name}-${randomBytes(3).toString('hex')}`,
    path,
    file: (file) => join(path, file),
    release: () => rmSync(join(path, RUNNING), { force: true }),
    discard: () => {
      rmSync(join(path, RUNNING), { force: true });
      if (readdirSync(path).length === 0) rmdirSync(path);
    },
  };
}

/** Points `<results>/latest` at a run; by renaming, so that two runs that end together leave one of the two. */
export function pointLatest(run: RunFolder): void {
  const results = dirname(run.path);
  const link = join(results, 'latest');
  // A folder or file of that name is the user's own.
  if (existsSync(link) && !lstatSync(link).isSymbolicLink()) return;
  const temporary = join(results, `.latest-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(basename(run.path), temporary);
  renameSync(temporary, link);
}

function newFolder(results: string, name: string): string {
  try {
    mkdirSync(results, { recursive: true });
    for (let twin = 1; twin <= MOST_TWINS; twin++) {
      const path = join(results, twin === 1 ? name : `${name}-${twin}`);
      try {
        // Fails when it exists, also against another process at the same moment.
        mkdirSync(path);
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    throw unwritable(results, error);
  }
  throw new UserError(`${results} already has ${MOST_TWINS} runs of this second; try again`);
}

function givenFolder(path: string): string {
  if (existsSync(join(path, 'run.json')) || existsSync(join(path, RUNNING))) {
    throw new UserError(`${path} already holds a run: give another folder with --out, or remove that one`);
  }
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw unwritable(path, error);
  }
  return path;
}

function unwritable(path: string, error: unknown): UserError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const why =
    code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? 'is not writable'
      : code === 'ENOTDIR' || code === 'EEXIST'
        ? 'is not a folder'
        : code === 'ENOSPC'
          ? 'is on a full disk'
          : `cannot be used (${code})`;
  return new UserError(`the results folder ${path} ${why}: choose another with --out or PERF_RESULTS`);
}

/** `2026-11-24T09-15-30`: sorts by time, and is a file name everywhere. */
export const stamp = (now: Date): string => now.toISOString().slice(0, 19).replace(/:/g, '-');
