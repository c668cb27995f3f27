import { Command } from 'commander';
import { UserError } from '../errors';
import { EXIT_OK } from '../exit-codes';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { addOverrideOptions, overridesOf } from '../overrides/flags';
import { overridesHelp } from '../overrides/help';
import { mustBeWritable } from '../result/files';
import { addJsonOption, outputOf } from '../result/json-output';
import { planText } from './dry-run';
import { prepareRun } from './index';
import { baselineToBe, performAndTell } from './perform';
import { readCount, seriesOf } from './series';

interface RunFlags extends VerdictFlags {
  readonly out?: string;
  readonly repeat?: string;
  readonly saveBaseline?: boolean;
  readonly html?: string;
  readonly dryRun?: boolean;
  readonly json?: string | true;
  readonly [override: string]: unknown;
}

/** `fiml-perf run`: preflight, k6, ingest, judge, report. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('run a scenario with k6 and say whether the server meets its targets')
    .argument('<scenario>', 'see fiml-perf list')
    .option('--out <folder>', 'folder of this run, instead of a new one below PERF_RESULTS')
    .option('--repeat <count>', 'make so many runs one after the other; with --out in its folders 1, 2 …')
    .option('--save-baseline', 'make the runs the baseline of this scenario and profile, in PERF_BASELINES')
    .option('--html <file>', "keep the run's page there as well; of one run, not of several")
    .option('--dry-run', 'show the plan and the effective options, and send nothing');
  addVerdictOptions(command);
  addJsonOption(command, 'the verdict');
  addOverrideOptions(command);
  return command
    .addHelpText('after', () => `\n${overridesHelp()}`)
    .action(async (scenario: string, flags: RunFlags) => {
      process.exitCode = await run(scenario, flags);
    });
}

async function run(scenario: string, flags: RunFlags): Promise<number> {
  const { failOn, ci } = readVerdictOptions(flags);
  const count = readCount(flags.repeat);
  if (flags.html !== undefined && count !== null) {
    throw new UserError('--html keeps the page of one run: with --repeat each has its own, report.html in its folder');
  }
  if (flags.html !== undefined) mustBeWritable(flags.html);
  const output = outputOf(flags.json, ['fiml-perf/verdict', 'fiml-perf/report'], ci);
  const prepared = prepareRun({
    scenario,
    env: process.env,
    flags: overridesOf(flags),
    out: flags.out ?? null,
    stream: process.stderr,
    quiet: ci,
  });
  const runs = seriesOf(prepared, count);
  const baseline = flags.saveBaseline === true ? baselineToBe(prepared) : null;
  if (flags.dryRun === true) {
    output.stream.write(planText(prepared));
    if (count !== null) output.stream.write(`runs: ${count}, one after the other\n`);
    return EXIT_OK;
  }
  return performAndTell({ runs, isSeries: count !== null, baseline, html: flags.html ?? null, failOn, ci, output });
}
