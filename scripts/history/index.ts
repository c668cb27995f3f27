import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nearest } from '../../config';
import { UserError } from '../errors';
import { readProblem } from '../result/files';
import { plural } from '../text/format';
import { printable } from '../text/printable';
import { table } from '../text/table';
import { EXTENSION, readHistory } from './file';
import { formatTime } from './text';

/**
 * The file of a history that exists.
 *
 * @param name as `load.smoke`.
 * @throws UserError when there is none of that name, with those that there are.
 */
export function historyFile(folder: string, name: string): string {
  const names = historyNames(folder);
  if (names.includes(name)) return join(folder, `${name}${EXTENSION}`);
  const near = nearest(name, names);
  throw new UserError(
    [
      `there is no history ${JSON.stringify(name)} in ${folder}${near === null ? '' : `; did you mean ${near}?`}`,
      names.length === 0 ? HOW_TO_GET_ONE : `there are ${names.join(', ')}`,
    ].join('\n'),
  );
}

const HOW_TO_GET_ONE = 'every finished run adds to its own: fiml-perf run load --profile smoke';

/** The histories that there are, in a table. */
export function historiesText(folder: string): string {
  const names = historyNames(folder);
  if (names.length === 0) return `no history in ${folder} yet; ${HOW_TO_GET_ONE}\n`;
  const rows = names.map((name) => [printable(name), ...contentsOf(join(folder, `${name}${EXTENSION}`))]);
  return `${table(['history', 'runs', 'newest', 'notes'], rows, [1, 3])}\n\none of them: fiml-perf history ${names[0]}\n`;
}

/** One that cannot be read is listed with the reason: it must not hide the others. */
function contentsOf(path: string): string[] {
  try {
    const { observations, notes } = readHistory(path);
    const newest = observations.at(-1);
    return [
      String(observations.length),
      newest === undefined ? '' : formatTime(newest.startedAtMs),
      String(notes.length),
    ];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return ['', error.message.split('\n')[0] as string, ''];
  }
}

function historyNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(EXTENSION))
      .map((file) => basename(file, EXTENSION))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new UserError(`${folder}: the folder of the histories cannot be read: ${readProblem(error)}`);
  }
}

/** What a reader must know of lines that could not be read. */
export const problemTexts = (path: string, problems: readonly { line: number; problem: string }[]): string[] => {
  const shown = problems
    .slice(0, MOST_PROBLEMS)
    .map(({ line, problem }) => `${path}: line ${line} counts for nothing: ${printable(problem)}`);
  return problems.length > MOST_PROBLEMS
    ? [...shown, `${path}: and ${plural(problems.length - MOST_PROBLEMS, 'line')} more`]
    : shown;
};

const MOST_PROBLEMS = 10;
