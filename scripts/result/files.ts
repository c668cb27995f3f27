import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../errors';

/**
 * Reads a JSON file against its schema.
 *
 * @param what the file's role in words, such as `the run's result`.
 * @throws UserError that names the file and everything that is wrong with it.
 */
export function readJson<Schema extends z.ZodType>(path: string, schema: Schema, what: string): z.output<Schema> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`${path}: ${what} cannot be read: ${readProblem(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: ${what} is not valid JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `  ${issue.path.length === 0 ? 'the file' : issue.path.join('.')}: ${issue.message}`,
  );
  throw new UserError(`${path}: ${what} does not have the expected form:\n${problems.join('\n')}`);
}

/** Writes a value as JSON. See `writeTextAtomically`. */
export function writeJsonAtomically(path: string, value: unknown): void {
  writeTextAtomically(path, `${JSON.stringify(value)}\n`);
}

/**
 * Writes a file so that no reader, and no crash, ever sees half of it: under another name in the same folder, then renamed.
 *
 * @throws UserError when it cannot be written, with what to do; the former file is then untouched.
 */
export function writeTextAtomically(path: string, text: string): void {
  writeChunksAtomically(path, [text]);
}

/** Writes text of which only a part at a time is to be in memory. See `writeTextAtomically`. */
export function writeChunksAtomically(path: string, chunks: Iterable<string>): void {
  const temporary = temporaryBeside(path);
  try {
    const file = openSync(temporary, 'w');
    try {
      for (const chunk of chunks) writeFileSync(file, chunk);
      // Without this the rename may reach the disk before the content does.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    discard(temporary);
    throw new UserError(`${path} cannot be written: ${writeProblem(error)}`);
  }
}

/**
 * Makes a folder, and those above it, where they are missing.
 *
 * @param name what an error calls it, where that is more than its path.
 * @throws UserError when it cannot.
 */
export function makeFolder(path: string, name = path): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new UserError(`${name} cannot be made: ${writeProblem(error)}`);
  }
}

/**
 * Looks whether a file can be written, before what takes minutes to get what is to be in it.
 *
 * @throws UserError as `writeTextAtomically` would.
 */
export function mustBeWritable(path: string): void {
  const temporary = temporaryBeside(path);
  try {
    closeSync(openSync(temporary, 'w'));
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${writeProblem(error)}`);
  }
  discard(temporary);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UserError(`${path} cannot be written: there is a folder of that name`);
  }
}

const temporaryBeside = (path: string): string => join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);

/** What is not there, or cannot be removed, must not hide why it could not be written. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Below a file instead of a folder even `force` throws.
  }
}

/** Why a file cannot be read, in words. */
export function readProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'it may not be read: check its permissions';
  return (error as Error).message;
}

/** Why a file cannot be written, in words. */
export function writeProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full: free some space and run the step again';
  if (code === 'EACCES' || code === 'EPERM') return 'its folder is not writable: check its permissions';
  if (code === 'EROFS') return 'its file system is read-only';
  if (code === 'ENOENT') return 'its folder does not exist: make it first';
  if (code === 'EISDIR') return 'there is a folder of that name';
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'a part of its path is a file, not a folder';
  return (error as Error).message;
}
