import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readBaseline } from '../baseline';
import { UserError } from '../errors';
import { judge } from '../judge';
import { isSameRun } from '../result/baseline';
import { isFolder, readEvidence } from '../result/evidence';
import { readJson } from '../result/files';
import { OBSERVATION_VERSION, type Observation, observationSchema } from '../result/observation';
import { readVersioned } from '../result/versioned';
import { observe } from './index';
import { isPytestBenchmark, observePytestBenchmark } from './pytest-benchmark';

const ACCEPTED =
  "a run's folder, a folder of runs, a baseline, an observation of components or ingest, or pytest-benchmark's JSON";

/**
 * Reads whatever holds runs to compare.
 *
 * @param paths each a run's folder, a folder of runs' folders (as `run --repeat --out` leaves it), a baseline, an
 *   observation file or pytest-benchmark's JSON.
 * @throws UserError with everything that cannot be read, and with what is one run given twice: counted as two it would
 *   make the runs look more alike than they are.
 */
export function readObservations(paths: readonly string[]): Observation[] {
  const problems: string[] = [];
  const found: { readonly path: string; readonly run: Observation }[] = [];
  for (const path of paths) {
    try {
      for (const run of observationsAt(path)) {
        const twin = found.find((other) => isSameRun(other.run, run));
        if (twin === undefined) found.push({ path, run });
        else problems.push(`${path} and ${twin.path} hold the same run, ${run.runId}: give it once`);
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return found.map(({ run }) => run);
}

function observationsAt(path: string): Observation[] {
  if (isFolder(path)) return runFolders(path).map(observeFolder);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new UserError(`${path}: there is no such file or folder; give ${ACCEPTED}`);
  }
  const content = readJson(path, z.unknown(), 'what to compare');
  if (isPytestBenchmark(content)) return [observePytestBenchmark(content, path)];
  switch ((content as { schema?: unknown } | null)?.schema) {
    case 'fiml-perf/baseline':
      return [...readBaseline(path).observations];
    case 'fiml-perf/observation':
      return [readObservation(path)];
    case 'fiml-perf/run':
    case 'fiml-perf/result':
    case 'fiml-perf/verdict':
      throw new UserError(`${path} is one file of a run: give the run's folder`);
    default:
      throw new UserError(`${path} holds no runs: give ${ACCEPTED}`);
  }
}

const FORM = { schema: 'fiml-perf/observation', version: OBSERVATION_VERSION, migrations: {} };

const readObservation = (path: string): Observation => readVersioned(path, FORM, observationSchema, 'the observation');

const observeFolder = (folder: string): Observation => {
  const evidence = readEvidence(folder);
  return observe(evidence, judge(evidence));
};

/** The folder itself, or the runs' folders in it. */
export function runFolders(path: string): string[] {
  const holdsRun = (folder: string) => existsSync(join(folder, 'run.json'));
  if (holdsRun(path)) return [path];
  const runs = readdirSync(path, { withFileTypes: true })
    // `latest` is a link to one of the others.
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name))
    .filter(holdsRun)
    .sort();
  if (runs.length === 0) {
    throw new UserError(`${path} holds no run: neither a run.json nor folders with one; give ${ACCEPTED}`);
  }
  return runs;
}
