import { join } from 'node:path';
import { Command } from 'commander';
import { parseConfig } from '../../config';
import { EXIT_FAIL, EXIT_OK } from '../exit-codes';
import { addVerdictOptions, readVerdictOptions, type VerdictFlags } from '../judge/options';
import { appendStepSummary } from '../report/github/step-summary';
import { comparisonHtml } from '../report/html';
import { junitXml } from '../report/junit/xml';
import { comparisonSchema } from '../result/comparison';
import { writeTextAtomically } from '../result/files';
import { addJsonOption, outputOf } from '../result/json-output';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { comparisonAnnotations } from './annotations';
import { consoleText } from './console';
import { sideBySide } from './latencies';
import { markdownText } from './markdown';
import { compareFiles } from './sides';
import { comparisonSubject } from './subject';
import { limitsOf } from './threshold';
import { comparisonView } from './view';

interface CompareFlags extends VerdictFlags {
  readonly baseline?: readonly string[];
  readonly threshold?: string;
  readonly allow?: string;
  readonly report?: string;
  readonly html?: string;
  readonly junit?: string;
  readonly json?: string | true;
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
    .option('--junit <file>', "write the verdict and each measure as JUnit's XML");
  addVerdictOptions(command, VERDICTS);
  addJsonOption(command, 'the comparison');
  return command.action((sources: string[], flags: CompareFlags) => {
    process.exitCode = compareAndTell(sources, flags);
  });
}

function compareAndTell(sources: readonly string[], flags: CompareFlags): number {
  const { failOn, ci } = readVerdictOptions(flags, VERDICTS);
  const output = outputOf(flags.json, ['fiml-perf/comparison'], ci);
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
  output.stream.write(consoleText(view, output.colors));
  if (ci) output.stream.write(comparisonAnnotations(comparison));

  const { report, html, junit } = flags;
  const subject = comparisonSubject(comparison);
  const write = writerThatCollects();
  if (report !== undefined) write(() => writeTextAtomically(report, markdownText(view)));
  if (html !== undefined) {
    const latencies = sideBySide(flags.baseline ?? [], candidates);
    write(() => writeTextAtomically(html, comparisonHtml(comparison, view, latencies)));
  }
  if (junit !== undefined) write(() => writeTextAtomically(junit, junitXml(subject.suites())));
  if (ci) write(() => appendStepSummary(process.env, [subject]));
  write(() => output.document(comparison));
  return endWithUnwritten(write, comparison.exitCode);
}
