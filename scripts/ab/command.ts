import { Command } from 'commander';
import { comparisonAnnotations } from '../compare/annotations';
import { comparisonSubject } from '../compare/subject';
import { effectiveOverrides } from '../overrides/effective';
import { appendStepSummary } from '../report/github/step-summary';
import { writeTextAtomically } from '../result/files';
import { addJsonOption, outputOf } from '../result/json-output';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { comparisonOf } from './comparison';
import { runAb } from './index';
import { keepAb } from './keep';
import { longestOf } from './longest';
import { type Restart, restartBy } from './servers';
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
    longestMs: longestOf(
      flags.maxDuration,
      flags.restartBaseline !== undefined || flags.restartCandidate !== undefined,
    ),
    restartBaseline: restartOf('baseline', flags.restartBaseline),
    restartCandidate: restartOf('candidate', flags.restartCandidate),
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
  keepAb(outcome, comparison, write);
  if (report !== undefined) write(() => writeTextAtomically(report, abText(comparison, measuredMs, false)));
  if (quiet) write(() => appendStepSummary(process.env, [subject]));
  write(() => output.document(comparison));
  if (write.problems.length === 0)
    output.stream.write(`written: ${folder.file('report.html')}, ${folder.file('comparison.json')}\n`);
  return endWithUnwritten(write, comparison.exitCode);
}

const restartOf = (side: string, command: string | undefined): Restart | null =>
  command === undefined ? null : restartBy(`--restart-${side}`, command);
