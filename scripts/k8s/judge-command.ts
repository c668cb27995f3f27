import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { parseDurationMs } from '../../config';
import { UserError } from '../errors';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { performMerge } from '../merge/perform';
import { effectiveOverrides } from '../overrides/effective';
import { readJson, writeJsonAtomically } from '../result/files';
import { addJsonOption, outputOf } from '../result/json-output';
import { SEGMENTS_FILE, segmentsSchema } from '../result/segments';
import { gatherPods } from './pods';
import { watchRun } from './watch';

interface JudgeFlags extends VerdictFlags {
  readonly segments: string;
  readonly wait?: string;
  readonly json?: string | true;
}

/** `fiml-perf k8s judge`: the verdict on a load that the pods of a cluster shared. */
export function judgeCommand(): Command {
  const command = new Command('judge')
    .description(
      'wait for the pods of a divided load, merge what they left and judge it; in a Job, or on a copy of the volume',
    )
    .argument('<volume>', "folder with the pods' folders; the run gets one of its own in it")
    .requiredOption('--segments <file>', 'segments.json of the run, as k8s --output or its ConfigMap has it')
    .option(
      '--wait <duration>',
      'longest wait for the pods, while server and generators are watched; default: judge what is there',
    );
  addVerdictOptions(command);
  addJsonOption(command, 'the verdict');
  return command.action(async (volume: string, flags: JudgeFlags) => {
    process.exitCode = await judge(volume, flags);
  });
}

async function judge(volume: string, flags: JudgeFlags): Promise<number> {
  const { failOn, ci } = readVerdictOptions(flags);
  const output = outputOf(flags.json, ['fiml-perf/verdict'], ci);
  const waitMs = flags.wait === undefined ? 0 : parseDurationMs(flags.wait);
  if (waitMs === null) {
    throw new UserError(`--wait must be a duration such as 20m, not ${JSON.stringify(flags.wait)}`);
  }
  const { config } = effectiveOverrides(process.env, {});
  const segments = readJson(flags.segments, segmentsSchema, 'the description of a divided load');
  const former = join(volume, segments.id);
  if (existsSync(join(former, 'run.json'))) {
    throw new UserError(
      `${former} has been judged: fiml-perf judge and report show it again; a run on new pods needs new manifests`,
    );
  }
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const witness = waitMs === 0 ? null : await watchRun(volume, segments, config, { waitMs, say });
  const folder = gatherPods(volume, segments);
  const target = { ...segments.target, before: witness?.before ?? null };
  writeJsonAtomically(join(folder, SEGMENTS_FILE), { ...segments, target });
  return performMerge({ folders: [folder], out: folder, failOn, ci, output, config, witness });
}
