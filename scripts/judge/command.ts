import { join } from 'node:path';
import { Command } from 'commander';
import { render } from '../report';
import { annotations } from '../report/annotations';
import { appendStepSummary } from '../report/github/step-summary';
import { junitXml } from '../report/junit/xml';
import { readEvidence } from '../result/evidence';
import { writeJsonAtomically, writeTextAtomically } from '../result/files';
import { addJsonOption, outputOf } from '../result/json-output';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { judge } from './index';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from './options';

interface JudgeFlags extends VerdictFlags {
  readonly json?: string | true;
}

/** `fiml-perf judge`: the verdict on a run that was ingested. */
export function judgeCommand(): Command {
  const command = new Command('judge')
    .description('judge a run again: reads run.json, result.json and summary.json, writes verdict.json and junit.xml')
    .argument('[folder]', 'folder of the run', join('results', 'latest'));
  addVerdictOptions(command);
  addJsonOption(command, 'the verdict');
  return command.action((folder: string, flags: JudgeFlags) => {
    const { failOn, ci } = readVerdictOptions(flags);
    const output = outputOf(flags.json, ['fiml-perf/verdict'], ci);
    const evidence = readEvidence(folder);
    const verdict = judge(evidence, failOn);
    writeJsonAtomically(join(folder, 'verdict.json'), verdict);
    const rendered = render(evidence, verdict);
    output.stream.write(rendered.console(output.colors));
    if (ci) output.stream.write(annotations(verdict));
    const write = writerThatCollects();
    write(() => writeTextAtomically(join(folder, 'junit.xml'), junitXml(rendered.suites())));
    if (ci) write(() => appendStepSummary(process.env, [rendered]));
    write(() => output.document(verdict));
    process.exitCode = endWithUnwritten(write, verdict.exitCode);
  });
}
