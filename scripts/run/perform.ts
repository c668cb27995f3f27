import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baselinePath, replaceable, saveBaseline } from '../baseline';
import { savedText } from '../baseline/text';
import { complain } from '../complain';
import { UserError } from '../errors';
import { EXIT_OK, EXIT_USAGE } from '../exit-codes';
import { isComparable, NO_STEADY } from '../observe';
import { annotations } from '../report/annotations';
import { appendStepSummary } from '../report/github/step-summary';
import { documentOf } from '../report/subject';
import { nameOf } from '../result/baseline';
import { writeTextAtomically } from '../result/files';
import type { Output } from '../result/json-output';
import type { VerdictWord } from '../result/verdict';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import type { FinishedRun } from './finish';
import type { PreparedRun } from './index';
import { exitCodeOf, performSeries } from './series';
import { seriesText, shortText } from './series-text';

/** The baseline that the runs are going to be. */
export interface BaselineToBe {
  readonly folder: string;
  readonly name: string;
}

export interface Performance {
  readonly runs: readonly PreparedRun[];
  /** Whether the runs are told in short, with a table at the end; a single one is told in full. */
  readonly isSeries: boolean;
  readonly baseline: BaselineToBe | null;
  /** Where the page of the run is kept as well; null: nowhere else. */
  readonly html: string | null;
  readonly failOn: readonly VerdictWord[];
  readonly ci: boolean;
  readonly output: Output;
}

/**
 * Looks before the load, and not minutes later, whether a baseline can be saved.
 *
 * @throws UserError when a file is in its place that must not be replaced, or the runs are none that others are compared with.
 */
export function baselineToBe({ request: { scenario }, config, plan }: PreparedRun): BaselineToBe {
  const name = nameOf({ scenario, profile: plan === null ? null : config.PERF_PROFILE });
  if (!isComparable({ plan })) throw new UserError(`a run of ${name} cannot be a baseline: ${NO_STEADY}`);
  replaceable(baselinePath(config.PERF_BASELINES, name));
  return { folder: config.PERF_BASELINES, name };
}

/** Makes the runs, tells what became of each and of all, and saves the baseline. @returns the exit code. */
export async function performAndTell(performance: Performance): Promise<number> {
  const { runs, isSeries, baseline, html, failOn, ci, output } = performance;
  const all: FinishedRun[] = [];
  const { stream } = output;
  const tell = (finished: FinishedRun, at: number) => {
    all.push(finished);
    stream.write(isSeries ? shortText(finished, at, runs.length) : finished.console(output.colors));
    if (ci) stream.write(annotations(finished.verdict));
    if (!isSeries) stream.write(`${whereTheRunIs(runs[at], finished.path)}\n`);
    complain(finished.problems);
  };
  let interrupted: boolean;
  try {
    ({ interrupted } = await performSeries(runs, failOn, tell));
  } finally {
    // What keeps a later run from starting is no reason to be silent about those before it.
    if (isSeries && all.length > 0) stream.write(seriesText(all));
  }
  const saved = baseline === null || save(baseline, all, interrupted, output);
  const write = writerThatCollects();
  const subjects = all.map(({ subject }) => subject);
  if (ci) write(() => appendStepSummary(process.env, subjects));
  write(() => output.document(documentOf(subjects)));
  const [first] = all;
  if (html !== null && first !== undefined) {
    write(() => writeTextAtomically(html, readFileSync(join(first.path, 'report.html'), 'utf8')));
  }
  const exitCode = endWithUnwritten(write, exitCodeOf(all));
  return exitCode === EXIT_OK && !saved ? EXIT_USAGE : exitCode;
}

/** Makes the runs a baseline. @returns whether they are one now; what is in the way was told. */
function save(
  { folder, name }: BaselineToBe,
  all: readonly FinishedRun[],
  interrupted: boolean,
  { stream }: Output,
): boolean {
  if (interrupted) {
    complain(['no baseline was saved: the run was interrupted']);
    return false;
  }
  try {
    const saved = saveBaseline({
      folder,
      name,
      observations: all.map(({ observation }) => observation),
      now: new Date(),
    });
    stream.write(`\n${savedText(saved)}`);
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    complain(error.message.split('\n'));
    return false;
  }
}

const whereTheRunIs = (prepared: PreparedRun | undefined, path: string): string =>
  `report: ${join(path, 'report.html')}, and as Markdown report.md${prepared?.request.out === null ? ' (also below results/latest)' : ''}`;
