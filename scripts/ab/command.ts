import { Command } from 'commander';
import { formatDuration, parseDurationMs } from '../../config';
import { comparisonAnnotations } from '../compare/annotations';
import { comparisonSubject } from '../compare/subject';
import { comparisonView } from '../compare/view';
import { UserError } from '../errors';
import { effectiveOverrides } from '../overrides/effective';
import { appendStepSummary } from '../report/github/step-summary';
import { comparisonHtml } from '../report/html';
import { junitXml } from '../report/junit/xml';
import { writeJsonAtomically, writeTextAtomically } from '../result/files';
import { addJsonOption, outputOf } from '../result/json-output';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { FEWEST_REPLICATES } from './analyse';
import { comparisonOf } from './comparison';
import { ROUND_MS, runAb } from './index';
import { latenciesOf } from './latencies';
import { abText, lookLine } from './text';

interface AbFlags {
  readonly baselineUrl: string;
  readonly candidateUrl: string;
  readonly maxDuration: string;
  readonly restartBaseline?: string;
  readonly restartCandidate?: string;
  readonly out?: string;
  readonly report?: string;
  readonly ci?: boolean;
  readonly json?: string | true;
}

/** Shorter, and there would be too few independent observations to say anything. */
const SHORTEST_MS = 20_000;
const SHORTEST_WITH_RESTARTS_MS = FEWEST_REPLICATES * ROUND_MS;
const LONGEST_MS = 3_600_000;

/** `fiml-perf ab`: two servers at once. */
export function abCommand(): Command {
  const command = new Command('ab')
    .description('ask two servers the same at the same time, until it is known whether the second is slower')
    .requiredOption('--baseline-url <url>', 'the server to compare with')
    .requiredOption('--candidate-url <url>', 'the server of which it is asked')
    .option('--max-duration <duration>', 'longest time to measure; it stops as soon as the answer is known', '3m')
    .option(
      '--restart-baseline <command>',
      'restarts that server; the comparison is then about programs, not processes',
    )
    .option('--restart-candidate <command>', 'the same for the candidate')
    .option('--out <folder>', 'folder of this comparison, instead of a new one below PERF_RESULTS')
    .option('--report <file>', 'write the text of the verdict into a file as well')
    .option('--ci', 'no colour and no progress; GitHub annotations and step summary');
  return addJsonOption(command, 'the comparison').action(async (flags: AbFlags) => {
    process.exitCode = await ab(flags);
  });
}

async function ab(flags: AbFlags): Promise<number> {
  const { config, env } = effectiveOverrides(process.env, {
    PERF_TARGET: flags.baselineUrl,
    PERF_CANDIDATE: flags.candidateUrl,
  });
  const quiet = flags.ci === true;
  const output = outputOf(flags.json, ['fiml-perf/comparison'], quiet);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const outcome = await runAb({
    baselineUrl: config.PERF_TARGET as string,
    candidateUrl: config.PERF_CANDIDATE as string,
    longestMs: durationOf(flags),
    restartBaseline: flags.restartBaseline ?? null,
    restartCandidate: flags.restartCandidate ?? null,
    out: flags.out ?? null,
    config,
    env,
    say,
    onLook: (look, measuredMs) => {
      if (!quiet) say(lookLine(look, measuredMs));
    },
  });
  const comparison = comparisonOf(outcome);
  const { folder, measuredMs } = outcome;
  const subject = comparisonSubject(comparison);
  output.stream.write(abText(comparison, measuredMs, output.colors));
  if (quiet) output.stream.write(comparisonAnnotations(comparison));
  const { report } = flags;
  const write = writerThatCollects();
  write(() => writeJsonAtomically(folder.file('ab.json'), outcome.ab));
  write(() => writeJsonAtomically(folder.file('comparison.json'), comparison));
  const html = comparisonHtml(comparison, comparisonView(comparison), latenciesOf(outcome.ab));
  write(() => writeTextAtomically(folder.file('report.html'), html));
  write(() => writeTextAtomically(folder.file('junit.xml'), junitXml(subject.suites())));
  if (report !== undefined) write(() => writeTextAtomically(report, abText(comparison, measuredMs, false)));
  if (quiet) write(() => appendStepSummary(process.env, [subject]));
  write(() => output.document(comparison));
  if (write.problems.length === 0)
    output.stream.write(`written: ${folder.file('report.html')}, ${folder.file('comparison.json')}\n`);
  return endWithUnwritten(write, comparison.exitCode);
}

/** @throws UserError for what is no duration, or too short or long to be meant. */
function durationOf({ maxDuration, restartBaseline, restartCandidate }: AbFlags): number {
  const restarts = restartBaseline !== undefined || restartCandidate !== undefined;
  const shortestMs = restarts ? SHORTEST_WITH_RESTARTS_MS : SHORTEST_MS;
  const durationMs = parseDurationMs(maxDuration);
  if (durationMs === null || durationMs < shortestMs || durationMs > LONGEST_MS) {
    const allowed = `from ${formatDuration(shortestMs)} ${restarts ? '(with restarts) ' : ''}to ${formatDuration(LONGEST_MS)}`;
    throw new UserError(`--max-duration must be a duration ${allowed}, such as 3m, not ${JSON.stringify(maxDuration)}`);
  }
  return durationMs;
}
