import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';
import { readJson } from './files';
import { type Result, resultSchema } from './result';
import { type Run, runSchema } from './run';
import { type Summary, summarySchema } from './summary';

/** All that a run left behind. */
export interface Evidence {
  readonly run: Run;
  /** Null when no sample could be read. */
  readonly result: Result | null;
  /** Why there is no result; null when there is one. */
  readonly resultProblem: string | null;
  /** k6's own end-of-test data; null when it wrote none that can be read. */
  readonly summary: Summary | null;
  readonly summaryProblem: string | null;
}

/**
 * Reads a run's folder.
 *
 * @throws UserError when it is no run's folder, or a file that the suite wrote has been changed or cut. What k6 or a full
 *   disk left undone is no error: the judge says what it means.
 */
export function readEvidence(folder: string): Evidence {
  const run = readRun(folder);
  return { run, ...readResult(folder, run), ...readSummary(folder) };
}

/** A result that was made from other samples than those that lie beside it is none: it would hide what became of them. */
function readResult(folder: string, run: Run): Pick<Evidence, 'result' | 'resultProblem'> {
  const remedy =
    run.segments === undefined
      ? `fiml-perf ingest ${folder} makes it`
      : 'fiml-perf merge makes it, of the folders of its segments';
  const path = join(folder, 'result.json');
  if (!existsSync(path)) return { result: null, resultProblem: `there is no result.json; ${remedy}` };
  const result = readJson(path, resultSchema, "the run's result");
  const samples = statSync(join(folder, run.samplesFile), { throwIfNoEntry: false });
  if (samples !== undefined && samples.size !== result.source.bytes) {
    return {
      result: null,
      resultProblem: `result.json was made from other samples than ${run.samplesFile}; ${remedy} anew`,
    };
  }
  return { result, resultProblem: null };
}

/** @throws UserError when the folder holds no run, with what to do. */
export function readRun(folder: string): Run {
  if (!isFolder(folder)) {
    throw new UserError(`${folder}: there is no such folder; results/latest is the newest run, once there is one`);
  }
  if (!existsSync(join(folder, 'run.json'))) {
    throw new UserError(`${folder} holds no run.json, so it is not known what was measured; give the folder of a run`);
  }
  return readJson(join(folder, 'run.json'), runSchema, "the run's description");
}

/** Reads k6's end-of-test data, which k6 does not write when it is killed, and cuts when the disk is full. */
export function readSummary(folder: string, file = 'summary.json'): Pick<Evidence, 'summary' | 'summaryProblem'> {
  const path = join(folder, file);
  if (!existsSync(path)) return { summary: null, summaryProblem: 'k6 wrote no end-of-test data' };
  try {
    return { summary: readJson(path, summarySchema, "k6's end-of-test data"), summaryProblem: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { summary: null, summaryProblem: `k6's end-of-test data cannot be read: ${file} is cut or damaged` };
  }
}

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
