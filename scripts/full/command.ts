import { Command } from 'commander';
import { parseConfig } from '../../config';
import { EXIT_OK } from '../exit-codes';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { annotations } from '../report/annotations';
import { endWithUnwritten } from '../result/writer';
import { useColors } from '../text/colors';
import { PARTS, partsNamed } from './parts';
import { performFull } from './perform';
import { planFull } from './plan';
import { budgetText, fullText, partText } from './text';

interface FullFlags extends VerdictFlags {
  readonly only?: string;
  readonly timeScale?: string;
  readonly dryRun?: boolean;
}

/** `fiml-perf full`: every scenario, profile and fault in about 15 minutes, and one verdict on all of it. */
export function fullCommand(): Command {
  const command = new Command('full')
    .description('run everything in about 15 minutes, each part shortened to fit, and give one verdict on all of it')
    .option('--only <parts>', 'parts, or scenarios for all of their parts, separated by commas')
    .option('--time-scale <number>', "multiplies every part's length, as PERF_TIME_SCALE does")
    .option('--dry-run', 'show what it would take, and send nothing');
  addVerdictOptions(command);
  return command
    .addHelpText('after', `\nParts: ${PARTS.map(({ name }) => name).join(', ')}`)
    .action(async (flags: FullFlags) => {
      process.exitCode = await full(flags);
    });
}

async function full({ only, timeScale, dryRun, ...verdictFlags }: FullFlags): Promise<number> {
  const { failOn, ci } = readVerdictOptions(verdictFlags);
  const { env, stderr: stream, stdout } = process;
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
  stdout.write(fullText(finished.full, !ci && useColors()));
  if (finished.path !== null)
    stdout.write(`report: ${finished.path}/report.html and report.md (also below results/latest)\n`);
  return endWithUnwritten(finished.write, finished.full.exitCode);
}
