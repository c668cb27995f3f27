import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { UserError } from '../errors';
import { useColors } from '../text/colors';
import { mustBeWritable, writeJsonAtomically } from './files';

/** Where a command's texts go. */
export interface Output {
  /** For people. */
  readonly stream: NodeJS.WriteStream;
  readonly colors: boolean;
  /** Writes the command's one document for programs, where one was asked for. @throws UserError when it cannot. */
  document(value: unknown): void;
}

/** @param what is written, in words. */
export function addJsonOption(command: Command, what: string): Command {
  return command.option(
    '--json [file]',
    `write ${what} as JSON; without a file to standard output, and what is for people to standard error`,
  );
}

/**
 * @param json value of the option; true when it names no file.
 * @param schema what the document will be called, by which a file that may be replaced is known.
 * @throws UserError when the file holds something else: the argument behind `--json` was meant as one of the command.
 */
export function outputOf(json: string | true | undefined, schemas: readonly string[], quiet: boolean): Output {
  const stream = json === true ? process.stderr : process.stdout;
  if (typeof json === 'string') refuseForeign(json, schemas);
  return {
    stream,
    colors: !quiet && useColors(stream),
    document(value) {
      if (json === true) process.stdout.write(`${JSON.stringify(value)}\n`);
      else if (json !== undefined) writeJsonAtomically(json, value);
    },
  };
}

const BEGINNING_BYTES = 100;

function refuseForeign(path: string, schemas: readonly string[]): void {
  const found = statSync(path, { throwIfNoEntry: false });
  const remedy = 'give --json another file, or give it last';
  if (found === undefined || (found.isFile() && found.size === 0)) {
    mustBeWritable(path);
    return;
  }
  if (found.isDirectory()) throw new UserError(`--json: ${path} is a folder; ${remedy}`);
  // A device or a pipe, such as /dev/stdout, has nothing that could be lost.
  if (!found.isFile()) return;
  const beginning = Buffer.alloc(BEGINNING_BYTES);
  const file = openSync(path, 'r');
  try {
    readSync(file, beginning);
  } finally {
    closeSync(file);
  }
  if (schemas.some((schema) => beginning.includes(`"schema":"${schema}"`))) return;
  throw new UserError(
    `--json: ${path} holds something else than ${schemas.join(' or ')} and is not replaced; ${remedy}`,
  );
}
