import { join } from 'node:path';
import { Command } from 'commander';
import { parseConfig } from '../../config';
import { longestOf } from '../ab/longest';
import { UserError } from '../errors';
import { EXIT_OK } from '../exit-codes';
import { readVerdictOptions } from '../judge/options';
import { annotations } from '../report/annotations';
import { FORMATS } from '../report/formats';
import { setOutputs } from '../report/github/outputs';
import { appendStepSummary } from '../report/github/step-summary';
import { readSubjects } from '../report/read';
import { combine } from '../report/subject';
import { writeTextAtomically } from '../result/files';
import { VERDICTS } from '../result/verdict';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { comment } from './github/comment';
import { issue } from './github/issue';
import { keep, restore } from './history-branch';
import { measure } from './measure';

const FOLDER = 'performance-report';

interface MeasureFlags {
  readonly start?: string;
  readonly base?: string;
  readonly startBase?: string;
  readonly maxDuration: string;
  readonly out: string;
  readonly failOn?: string;
}

/** `fiml-perf ci`: what a pipeline does, each step in one call. */
export function ciCommand(): Command {
  const command = new Command('ci').description(
    'what a pipeline does: measure, comment, open an issue, keep histories',
  );
  command
    .command('measure')
    .description('the targets of PERF_TARGET, and whether it is slower than another server; one verdict and report')
    .argument('[scenario]', "see fiml-perf list; how much and when is the overrides' (PERF_PROFILE …)", 'load')
    .option('--start <command>', 'starts the server at PERF_TARGET, or is that server; it is ended afterwards')
    .option('--base <url>', 'server to compare with, such as that of the branch to be merged into')
    .option('--start-base <command>', 'the same for that server')
    .option('--max-duration <duration>', 'longest time to compare; servers are restarted meanwhile from 40s on', '3m')
    .option('--out <folder>', 'folder of all that is measured', FOLDER)
    .option(
      '--fail-on <verdicts>',
      `verdicts that also end with exit code 1, separated by commas: ${VERDICTS.join(', ')}`,
    )
    .action(async (scenario: string, flags: MeasureFlags) => {
      process.exitCode = await measureAndTell(scenario, flags);
    });
  command
    .command('comment')
    .description("write the report into the one comment on the pull request of GitHub's event (GITHUB_TOKEN)")
    .argument('[folders...]', `as of fiml-perf report (${FOLDER})`)
    .action((folders: string[]) => warned(() => comment(foldersOf(folders), process.env, tell)));
  command
    .command('issue')
    .description('write the report into the one open issue about runs on schedule that fail (GITHUB_TOKEN)')
    .argument('[folders...]', `as of fiml-perf report (${FOLDER})`)
    .action((folders: string[]) => issue(foldersOf(folders), process.env, tell));
  command
    .command('keep')
    .description('push histories and baselines to the branch performance-history of origin, with those there')
    .action(() => keep(parseConfig(process.env), process.cwd(), tell));
  command
    .command('restore')
    .description('fetch histories and baselines from that branch')
    .action(() => restore(parseConfig(process.env), process.cwd(), tell));
  return command;
}

const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const foldersOf = (given: readonly string[]): readonly string[] => (given.length > 0 ? given : [FOLDER]);

/** A comment that is missing must be seen where the step may fail. @throws what the work does. */
async function warned(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UserError) {
      tell(annotations({ verdict: 'comment', exitCode: EXIT_OK, reasons: error.message.split('\n') }).trimEnd());
    }
    throw error;
  }
}

/** A pipeline passes on what nobody set as an empty text. */
const given = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);

async function measureAndTell(scenario: string, flags: MeasureFlags): Promise<number> {
  const { failOn } = readVerdictOptions({ failOn: flags.failOn ?? '', ci: true });
  const { env, stdout, stderr } = process;
  const { out } = flags;
  const write = writerThatCollects();
  await measure({
    scenario,
    start: given(flags.start),
    baseUrl: given(flags.base),
    startBase: given(flags.startBase),
    longestMs: longestOf(flags.maxDuration, false),
    out,
    failOn,
    env,
    stdout,
    stderr,
    write,
  });
  const subjects = readSubjects([out]);
  const { verdict, exitCode } = combine(subjects);
  const [report, junit] = [join(out, 'report.md'), join(out, 'junit.xml')];
  write(() => writeTextAtomically(report, FORMATS.markdown(subjects)));
  write(() => writeTextAtomically(junit, FORMATS.junit(subjects)));
  write(() => appendStepSummary(env, subjects));
  write(() => setOutputs(env, { verdict, report, junit }));
  if (write.problems.length === 0) stdout.write(`\n${verdict}; written: ${report}, ${junit}\n`);
  return endWithUnwritten(write, exitCode);
}
