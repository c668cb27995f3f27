import { join } from 'node:path';
import { Command } from 'commander';
import { complain } from '../complain';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { effectiveOverrides, secretsOf } from '../overrides/effective';
import { annotations } from '../report/annotations';
import { appendStepSummary } from '../report/github/step-summary';
import { documentOf } from '../report/subject';
import { writeJsonAtomically } from '../result/files';
import { addJsonOption, outputOf } from '../result/json-output';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { concludeRun } from '../run/finish';
import { makeRunFolder } from '../run/folder';
import { findSegments } from './find';
import { mergeSegments } from './index';

interface MergeFlags extends VerdictFlags {
  readonly out?: string;
  readonly json?: string | true;
}

/** `fiml-perf merge`: what several k6 left of one load, as one run. */
export function mergeCommand(): Command {
  const command = new Command('merge')
    .description('merge what several k6 left of one load that they shared into one run, and judge that as a whole')
    .argument('<folders...>', 'folders with segments.json and a folder for each segment, or such folders themselves')
    .option('--out <folder>', 'folder of the run, instead of a new one below PERF_RESULTS');
  addVerdictOptions(command);
  addJsonOption(command, 'the verdict');
  return command.action(async (folders: string[], flags: MergeFlags) => {
    process.exitCode = await merge(folders, flags);
  });
}

async function merge(folders: readonly string[], flags: MergeFlags): Promise<number> {
  const { failOn, ci } = readVerdictOptions(flags);
  const output = outputOf(flags.json, ['fiml-perf/verdict'], ci);
  const { config } = effectiveOverrides(process.env, {});
  const divided = findSegments(folders);
  const { scenario, profile } = divided.segments;
  const out = flags.out ?? null;
  const name = profile === null ? scenario : `${scenario}-${profile}`;
  const folder = makeRunFolder(config.PERF_RESULTS, out, name, new Date(divided.segments.createdAt));
  const write = writerThatCollects();
  try {
    const evidence = await mergeSegments(divided, secretsOf(config));
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
