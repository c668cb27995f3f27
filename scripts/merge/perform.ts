import { join, resolve } from 'node:path';
import type { Config } from '../../config';
import { complain } from '../complain';
import { UserError } from '../errors';
import { secretsOf } from '../overrides/effective';
import { annotations } from '../report/annotations';
import { appendStepSummary } from '../report/github/step-summary';
import { documentOf } from '../report/subject';
import { writeJsonAtomically } from '../result/files';
import type { Output } from '../result/json-output';
import type { Run, TargetSnapshot } from '../result/run';
import type { VerdictWord } from '../result/verdict';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { concludeRun } from '../run/finish';
import { makeRunFolder } from '../run/folder';
import { findSegments } from './find';
import { mergeSegments } from './index';

/** What somebody saw of a divided load from beside it: plain k6 leaves none of it. */
export interface Witness {
  /** What the server said of itself when the last k6 had ended; null when it did not answer. */
  readonly after: TargetSnapshot | null;
  /** CPU of the busiest k6 at each look. */
  readonly generator: Run['generator'];
  readonly notes: readonly string[];
}

export interface Merge {
  /** Of segments, or with folders of segments. */
  readonly folders: readonly string[];
  /** Folder of the run; null: a new one below `PERF_RESULTS`. */
  readonly out: string | null;
  readonly config: Config;
  /** Null when nobody looked on. */
  readonly witness: Witness | null;
  readonly failOn: readonly VerdictWord[];
  readonly ci: boolean;
  readonly output: Output;
}

/**
 * Merges what several k6 left of one load, judges it as one run and tells what became of it.
 *
 * @returns the exit code.
 * @throws UserError when there is nothing to be merged, no folder can be made for the run, or it would lie among what a segment left.
 */
export async function performMerge(merge: Merge): Promise<number> {
  const { config, out, witness, failOn, ci, output } = merge;
  const divided = findSegments(merge.folders);
  const segment = divided.folders.find(({ path }) => out !== null && resolve(out) === resolve(path));
  if (segment !== undefined) {
    throw new UserError(
      `--out: ${out} is the folder of a segment, and would lose its own end-of-test data: give another`,
    );
  }
  const { scenario, profile } = divided.segments;
  const name = profile === null ? scenario : `${scenario}-${profile}`;
  const folder = makeRunFolder(config.PERF_RESULTS, out, name, new Date(divided.segments.createdAt));
  const write = writerThatCollects();
  try {
    const merged = await mergeSegments(divided, secretsOf(config));
    const evidence = { ...merged, run: witness === null ? merged.run : witnessed(merged.run, witness) };
    if (evidence.summary !== null) write(() => writeJsonAtomically(folder.file('summary.json'), evidence.summary));
    const request = { out, stream: process.stderr };
    const executed = { folder, run: evidence.run };
    const finished = await concludeRun({ config, request }, executed, () => Promise.resolve(evidence), failOn);
    output.stream.write(finished.console(output.colors));
    if (ci) output.stream.write(annotations(finished.verdict));
    output.stream.write(`report: ${join(finished.path, 'report.html')}, and as Markdown report.md\n`);
    complain(finished.problems);
    if (ci) write(() => appendStepSummary(process.env, [finished.subject]));
    write(() => output.document(documentOf([finished.subject])));
    return endWithUnwritten(write, finished.verdict.exitCode);
  } catch (error) {
    folder.discard();
    throw error;
  } finally {
    folder.release();
  }
}

const witnessed = (run: Run, { after, generator, notes }: Witness): Run => ({
  ...run,
  target: { ...run.target, after },
  generator,
  notes: [...run.notes, ...notes],
});
