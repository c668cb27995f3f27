import { join } from 'node:path';
import { Command } from 'commander';
import { parseConfig } from '../../config';
import { EXIT_FAIL, EXIT_OK } from '../exit-codes';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { comparisonHtml } from '../report/html';
import { comparisonSchema } from '../result/comparison';
import { writeJsonAtomically, writeTextAtomically } from '../result/files';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { useColors } from '../text/colors';
import { comparisonAnnotations } from './annotations';
import { consoleText } from './console';
import { sideBySide } from './latencies';
import { markdownText } from './markdown';
import { compareFiles } from './sides';
import { limitsOf } from './threshold';
import { comparisonView } from './view';

interface CompareFlags extends VerdictFlags {
  readonly baseline?: readonly string[];
  readonly threshold?: string;
  readonly allow?: string;
  readonly report?: string;
  readonly html?: string;
  readonly json?: string;
}

const VERDICTS = comparisonSchema.shape.verdict.options;

/** `fiml-perf compare`: whether runs are slower than those of a baseline. */
export function compareCommand(): Command {
  const command = new Command('compare')
    .description('say whether runs are slower than a baseline, and how sure that is')
    .argument('[sources...]', "the candidate: runs' folders, folders of runs, or other files of runs (results/latest)")
    .option(
      '--baseline <source>',
      'name or file of a baseline, or whatever else holds runs; may be given several times (that of the candidate)',
      (source: string, given: string[] = []) => [...given, source],
    )
    .option('--threshold <size>', 'smallest change worth failing for, such as 0.10 or 10%')
    .option('--allow <names>', 'conditions that may differ between the sides, separated by commas')
    .option('--report <file>', 'write the report, as Markdown')
    .option('--html <file>', 'write the report as a page with plots')
    .option('--json <file>', 'write the comparison as JSON');
  addVerdictOptions(command, VERDICTS);
  return command.action((sources: string[], flags: CompareFlags) => {
    process.exitCode = compareAndTell(sources, flags);
  });
}

function compareAndTell(sources: readonly string[], flags: CompareFlags): number {
  const { failOn, ci } = readVerdictOptions(flags, VERDICTS);
  const config = parseConfig(process.env);
  const candidates = sources.length > 0 ? sources : [join(config.PERF_RESULTS, 'latest')];
  const judged = compareFiles({
    baselines: flags.baseline ?? [],
    candidates,
    limits: limitsOf(flags.threshold),
    allow: (flags.allow ?? '').split(',').flatMap((name) => name.trim() || []),
    config,
  });
  const fails = judged.exitCode === EXIT_OK && failOn.includes(judged.verdict);
  const comparison = fails ? { ...judged, exitCode: EXIT_FAIL } : judged;
  const view = comparisonView(comparison);
  process.stdout.write(consoleText(view, !ci && useColors()));
  if (ci) process.stdout.write(comparisonAnnotations(comparison));

  const { report, html, json } = flags;
  const write = writerThatCollects();
  if (report !== undefined) write(() => writeTextAtomically(report, markdownText(view)));
  if (html !== undefined) {
    const latencies = sideBySide(flags.baseline ?? [], candidates);
    write(() => writeTextAtomically(html, comparisonHtml(comparison, view, latencies)));
  }
  if (json !== undefined) write(() => writeJsonAtomically(json, comparison));
  return endWithUnwritten(write, comparison.exitCode);
}
