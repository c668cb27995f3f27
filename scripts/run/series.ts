import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';
import { EXIT_OK, EXIT_USAGE } from '../exit-codes';
import { VERDICTS, type VerdictWord } from '../result/verdict';
import { type FinishedRun, finishRun } from './finish';
import { executeRun, type PreparedRun } from './index';

/** More would take days. */
const MOST_RUNS = 100;

/** @throws UserError for what is no number of runs. @returns null without one: a single run, in the given folder itself. */
export function readCount(repeat: string | undefined): number | null {
  if (repeat === undefined) return null;
  const count = /^\d+$/.test(repeat) ? Number(repeat) : 0;
  if (count < 1 || count > MOST_RUNS) {
    throw new UserError(`--repeat must be a whole number from 1 to ${MOST_RUNS}, not ${JSON.stringify(repeat)}`);
  }
  return count;
}

/**
 * The runs of a series: with a folder of its own they are in `1`, `2` … there.
 *
 * @param count as by `readCount`.
 * @throws UserError when one of the folders holds a run already, before any load and with all of them.
 */
export function seriesOf(prepared: PreparedRun, count: number | null): PreparedRun[] {
  const { out } = prepared.request;
  if (count === null) return [prepared];
  if (out === null) return Array.from({ length: count }, () => prepared);
  const folders = Array.from({ length: count }, (_, at) => join(out, String(at + 1)));
  // In a run's folder they would be taken for a part of that run.
  const taken = [out, ...folders].filter((folder) => existsSync(join(folder, 'run.json')));
  if (taken.length > 0) {
    throw new UserError(
      taken
        .map((folder) => `${folder} already holds a run: give another folder with --out, or remove that one`)
        .join('\n'),
    );
  }
  return folders.map((folder) => ({ ...prepared, request: { ...prepared.request, out: folder } }));
}

/**
 * Runs them one after the other, each to its verdict. Ctrl-C ends the run that is going on in order, and is its last.
 *
 * @param onFinished called after each, with its place from 0.
 * @returns whether someone stopped the series, in a run or before the last.
 * @throws whatever keeps a run from starting.
 */
export async function performSeries(
  runs: readonly PreparedRun[],
  failOn: readonly VerdictWord[],
  onFinished: (finished: FinishedRun, at: number) => void,
): Promise<{ readonly interrupted: boolean }> {
  for (const [at, prepared] of runs.entries()) {
    const executed = await executeRun(prepared);
    // While k6 runs, it is stopped in order; from there to the next start nobody else would catch the signal.
    const signals = runs.length > 1 ? catchSignals() : null;
    const finished = await finishRun(prepared, executed, failOn);
    onFinished(finished, at);
    const stopped = signals?.release() ?? false;
    if (finished.interrupted || (stopped && at + 1 < runs.length)) return { interrupted: true };
  }
  return { interrupted: false };
}

/** Takes note of the first signal to end; a second one ends the process as usual. */
function catchSignals(): { release(): boolean } {
  let caught = false;
  const note = () => {
    caught = true;
  };
  process.once('SIGINT', note).once('SIGTERM', note);
  return {
    release() {
      process.off('SIGINT', note).off('SIGTERM', note);
      return caught;
    },
  };
}

/** The exit code of the worst verdict that fails; what could not be written fails as well. */
export function exitCodeOf(finished: readonly FinishedRun[]): number {
  const failed = finished.map(({ verdict }) => verdict).filter(({ exitCode }) => exitCode !== EXIT_OK);
  const [worst] = failed.sort((one, other) => VERDICTS.indexOf(one.verdict) - VERDICTS.indexOf(other.verdict));
  if (worst !== undefined) return worst.exitCode;
  return finished.some(({ problems }) => problems.length > 0) ? EXIT_USAGE : EXIT_OK;
}
