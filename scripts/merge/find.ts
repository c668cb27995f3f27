import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors';
import { isFolder } from '../result/evidence';
import { readJson } from '../result/files';
import { SEGMENTS_FILE, type Segments, segmentsSchema } from '../result/segments';

/** What k6 writes with `--out`, by the names that are looked for. */
export const SAMPLES_FILES = ['samples.json.gz', 'samples.json', 'samples.csv.gz', 'samples.csv'] as const;
export const LOG_FILE = 'k6.log';
const LEFT_BY_K6: readonly string[] = [...SAMPLES_FILES, 'summary.json', LOG_FILE];
/** At the top of a volume of its own, as clusters give them. */
const OF_THE_DISK = 'lost+found';

export interface SegmentFolder {
  /** What the segment is called: its folder, or the path to it where two folders are called alike. */
  readonly name: string;
  readonly path: string;
}

export interface Divided {
  readonly segments: Segments;
  readonly folders: readonly SegmentFolder[];
}

/**
 * Finds what the parts of one divided load left.
 *
 * @param given folders of segments' folders, or such folders themselves, as they come from several machines.
 * @throws UserError with everything that is no folder, is a run, is given twice, or does not belong to one load.
 */
export function findSegments(given: readonly string[]): Divided {
  const missing = given.filter((path) => !isFolder(path));
  if (missing.length > 0) throw new UserError(missing.map((path) => `${path}: there is no such folder`).join('\n'));
  const runs = given.filter((path) => isRun(path) && !existsSync(join(path, SEGMENTS_FILE)));
  if (runs.length > 0) {
    throw new UserError(
      runs.map((path) => `${path} is a run, and nothing is merged into it: give what its k6 left`).join('\n'),
    );
  }
  const descriptions = given
    .map((path) => join(path, SEGMENTS_FILE))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, content: readJson(path, segmentsSchema, 'the description of a divided load') }));
  const [first, ...others] = descriptions;
  if (first === undefined) {
    throw new UserError(
      `there is no ${SEGMENTS_FILE} in ${given.join(', ')}, so it is not known what was to be run: give the folder that whoever started the load wrote it to`,
    );
  }
  const other = others.find(({ content }) => !isDeepStrictEqual(content, first.content));
  if (other !== undefined) throw new UserError(`${first.path} and ${other.path} are of two loads: merge one at a time`);

  const paths = given.flatMap((path) => (isOfOneSegment(path) ? [path] : foldersIn(path)));
  const twice = paths.filter((path, at) => paths.findIndex((one) => realpathSync(one) === realpathSync(path)) < at);
  if (twice.length > 0) throw new UserError(twice.map((path) => `${path} is given twice`).join('\n'));
  const isOnly = (name: string) => paths.filter((path) => basename(path) === name).length === 1;
  const folders = paths.map((path) => ({ name: isOnly(basename(path)) ? basename(path) : path, path }));
  return { segments: first.content, folders };
}

/** A run has end-of-test data of the whole: it may have been merged into the very folder of its segments. */
const isOfOneSegment = (path: string): boolean =>
  !isRun(path) && LEFT_BY_K6.some((name) => existsSync(join(path, name)));

const isRun = (path: string): boolean => existsSync(join(path, 'run.json'));

/** An empty one is that of a segment that left nothing; one with a run is what a former merge wrote. */
const foldersIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== OF_THE_DISK)
    .map(({ name }) => join(path, name))
    .filter((folder) => !isRun(folder))
    .sort();
