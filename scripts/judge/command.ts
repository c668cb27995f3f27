import { join } from 'node:path';
import { Command } from 'commander';
import { render } from '../report';
import { annotations } from '../report/annotations';
import { readEvidence } from '../result/evidence';
import { writeJsonAtomically } from '../result/files';
import { useColors } from '../text/colors';
import { judge } from './index';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from './options';

/** `fiml-perf judge`: the verdict on a run that was ingested. */
export function judgeCommand(): Command {
  const command = new Command('judge')
    .description('judge a run again: reads run.json, result.json and summary.json, writes verdict.json')
    .argument('[folder]', 'folder of the run', join('results', 'latest'));
  addVerdictOptions(command);
  return command.action((folder: string, flags: VerdictFlags) => {
    const { failOn, ci } = readVerdictOptions(flags);
    const evidence = readEvidence(folder);
    const verdict = judge(evidence, failOn);
    writeJsonAtomically(join(folder, 'verdict.json'), verdict);
    process.stdout.write(render(evidence, verdict).console(!ci && useColors()));
    if (ci) process.stdout.write(annotations(verdict));
    process.exitCode = verdict.exitCode;
  });
}
