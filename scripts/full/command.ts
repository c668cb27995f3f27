import { Command } from 'commander';
import { parseConfig } from '../../config';
import { EXIT_OK } from '../exit-codes';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { annotations } from '../report/annotations';
import { appendStepSummary } from '../report/github/step-summary';
import { FULL_FORM } from '../result/full';
import { addJsonOption, outputOf } from '../result/json-output';
import { endWithUnwritten } from '../result/writer';
import { PARTS, partsNamed } from './parts';
import { performFull } from './perform';
import { planFull } from './plan';
import { fullSubject } from './subject';
import { budgetText, fullText, partText } from './text';

interface FullFlags extends VerdictFlags {
  readonly only?: string;
  readonly timeScale?: string;
  readonly dryRun?: boolean;
  readonly json?: string | true;
}

/** `fiml-perf full`: every scenario, profile and fault in about 15 minutes, and one verdict on all of it. */
export function fullCommand(): Command {
  const command = new Command('full')
    .description('run everything in about 15 minutes, each part shortened to fit, and give one verdict on all of it')
    .option('--only <parts>', 'parts, or scenarios for all of their parts, separated by commas')
    .option('--time-scale <number>', "multiplies every part's length, as PERF_TIME_SCALE does")
    .option('--dry-run', 'show what it would take, and send nothing');
  addVerdictOptions(command);
  addJsonOption(command, 'the verdicts');
  return command
    .addHelpText('after', `\nParts: ${PARTS.map(({ name }) => name).join(', ')}`)
    .action(async (flags: FullFlags) => {
      process.exitCode = await full(flags);
    });
}

async function full({ only, timeScale, dryRun, json, ...verdictFlags }: FullFlags): Promise<number> {
  const { failOn, ci } = readVerdictOptions(verdictFlags);
  const output = outputOf(json, [FULL_FORM.schema], ci);
  const { stream: stdout } = output;
  const { env, stderr: stream } = process;
  const plan = planFull(partsNamed(only), { env, timeScale, stream, quiet: ci });
  stdout.write(budgetText(plan, new Date()));
  if (dryRun === true) return EXIT_OK;
  const finished = await performFull(plan, {
    env,
    results: parseConfig(env).PERF_RESULTS,
    failOn,
    log: (line) => stream.write(`${line}\n`),
    onPart: (part, at) => {
      stdout.write(partText(part, at, plan.parts.length));
      if (ci && part.verdict !== 'PASS')
        stdout.write(annotations({ ...part, verdict: `${part.name} ${part.verdict}` }));
    },
  });
  const { full: result, path, write } = finished;
  stdout.write(fullText(result, output.colors));
  if (path !== null) stdout.write(`report: ${path}/report.html and report.md (also below results/latest)\n`);
  if (ci) write(() => appendStepSummary(env, [fullSubject(result, path ?? '')]));
  write(() => output.document(result));
  return endWithUnwritten(write, result.exitCode);
}
