import { Command } from 'commander';
import { parseDurationMs } from '../../config';
import { UserError } from '../errors';
import { effectiveOverrides } from '../overrides/effective';
import { writeJsonAtomically, writeTextAtomically } from '../result/files';
import { useColors } from '../text/colors';
import { comparisonOf } from './comparison';
import { runAb } from './index';
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
}

/** Less than three looks would leave nothing to stop early for. */
const SHORTEST_MS = 20_000;
const LONGEST_MS = 3_600_000;

/** `fiml-perf ab`: two servers at once. */
export function abCommand(): Command {
  return new Command('ab')
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
    .option('--ci', 'no colour and no progress')
    .action(async (flags: AbFlags) => {
      process.exitCode = await ab(flags);
    });
}

async function ab(flags: AbFlags): Promise<number> {
  const { config, env } = effectiveOverrides(process.env, {
    PERF_TARGET: flags.baselineUrl,
    PERF_CANDIDATE: flags.candidateUrl,
  });
  const quiet = flags.ci === true;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const outcome = await runAb({
    baselineUrl: config.PERF_TARGET as string,
    candidateUrl: config.PERF_CANDIDATE as string,
    longestMs: durationOf(flags.maxDuration),
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
  const text = abText(comparison, measuredMs, false);
  // Told before it is written: a full disk must not keep a verdict that was reached from being seen.
  process.stdout.write(abText(comparison, measuredMs, !quiet && useColors()));
  writeJsonAtomically(folder.file('ab.json'), outcome.ab);
  writeJsonAtomically(folder.file('comparison.json'), comparison);
  if (flags.report !== undefined) writeTextAtomically(flags.report, text);
  process.stdout.write(`written: ${folder.file('comparison.json')}\n`);
  return comparison.exitCode;
}

/** @throws UserError for what is no duration, or too short or long to be meant. */
function durationOf(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === null || durationMs < SHORTEST_MS || durationMs > LONGEST_MS) {
    throw new UserError(`--max-duration must be a duration from 20s to 1h, such as 3m, not ${JSON.stringify(text)}`);
  }
  return durationMs;
}
