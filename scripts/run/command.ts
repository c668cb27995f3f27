import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { OverrideName } from '../../config';
import { UserError } from '../errors';
import { ingestRun } from '../ingest/run';
import { judge } from '../judge';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { FLAGGED, flagOf } from '../overrides/flags';
import { overridesHelp } from '../overrides/help';
import { render } from '../report';
import { annotations } from '../report/annotations';
import { writeJsonAtomically, writeTextAtomically } from '../result/files';
import { useColors } from '../text/colors';
import { planText } from './dry-run';
import { executeRun, type PreparedRun, prepareRun, publishLatest } from './index';

interface RunFlags extends VerdictFlags {
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly [override: string]: unknown;
}

/** `fiml-perf run`: preflight, k6, ingest, judge, report. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('run a scenario with k6 and say whether the server meets its targets')
    .argument('<scenario>', 'see fiml-perf list')
    .option('--out <folder>', 'folder of this run, instead of a new one below PERF_RESULTS')
    .option('--dry-run', 'show the plan and the effective options, and send nothing');
  addVerdictOptions(command);
  for (const override of FLAGGED) {
    const value = override.type === 'flag' ? '' : ` <${override.type === 'duration' ? 'duration' : 'value'}>`;
    command.addOption(new Option(`${flagOf(override.name)}${value}`, override.meaning));
  }
  return command
    .addHelpText('after', () => `\n${overridesHelp()}`)
    .action(async (scenario: string, flags: RunFlags) => {
      process.exitCode = await run(scenario, flags);
    });
}

async function run(scenario: string, flags: RunFlags): Promise<number> {
  const { failOn, ci } = readVerdictOptions(flags);
  const prepared = prepareRun({
    scenario,
    env: process.env,
    flags: overridesOf(flags),
    out: flags.out ?? null,
    stream: process.stderr,
    quiet: ci,
  });
  if (flags.dryRun === true) {
    process.stdout.write(planText(prepared));
    return 0;
  }
  const { folder, run: record } = await executeRun(prepared);
  const write = writerThatCollects();
  write(() => writeJsonAtomically(folder.file('run.json'), record));
  const evidence = await ingestRun(folder.path, record);
  if (evidence.result !== null) write(() => writeJsonAtomically(folder.file('result.json'), evidence.result));
  const verdict = judge(evidence, failOn);
  write(() => writeJsonAtomically(folder.file('verdict.json'), verdict));
  const rendered = render(evidence, verdict);
  write(() => writeTextAtomically(folder.file('report.md'), rendered.markdown));
  write(() => publishLatest(prepared, folder));

  process.stdout.write(rendered.console(!ci && useColors()));
  if (ci) process.stdout.write(annotations(verdict));
  process.stdout.write(`${whereTheRunIs(prepared, folder.path)}\n`);
  for (const problem of write.problems) process.stderr.write(`fiml-perf: ${problem}\n`);
  return verdict.exitCode === 0 && write.problems.length > 0 ? 2 : verdict.exitCode;
}

const whereTheRunIs = (prepared: PreparedRun, path: string): string =>
  `report: ${join(path, 'report.md')}${prepared.request.out === null ? ' (also below results/latest)' : ''}`;

/** A verdict that was reached is told even when a full disk keeps it from being written. */
function writerThatCollects(): { (action: () => void): void; problems: string[] } {
  const problems: string[] = [];
  const write = (action: () => void) => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  };
  return Object.assign(write, { problems });
}

/** Options of the command line as overrides: `--time-scale 0.5` is PERF_TIME_SCALE. */
function overridesOf(flags: RunFlags): Partial<Record<OverrideName, string>> {
  const overrides: Record<string, string> = {};
  for (const { name } of FLAGGED) {
    const value = flags[camelCase(flagOf(name))];
    if (value !== undefined) overrides[name] = String(value);
  }
  return overrides;
}

/** How commander names an option's value. */
const camelCase = (flag: string): string =>
  flag.replace(/^--/, '').replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
