import { Command } from 'commander';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { effectiveOverrides } from '../overrides/effective';
import { addJsonOption, outputOf } from '../result/json-output';
import { performMerge } from './perform';

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
  return performMerge({ folders, out: flags.out ?? null, config, witness: null, failOn, ci, output });
}
