import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { parseConfig } from '../../config';
import { UserError } from '../errors';
import { fullHtml } from '../full/page';
import { fullMarkdown } from '../full/text';
import { historyUpTo } from '../history/up-to';
import { readEvidence } from '../result/evidence';
import { readJson, writeTextAtomically } from '../result/files';
import { FULL_FORM, fullSchema } from '../result/full';
import { verdictSchema } from '../result/verdict';
import { readVersioned } from '../result/versioned';
import { render } from './index';
import { open } from './open';

type Format = 'markdown' | 'html';

interface ReportFlags {
  readonly format: Format;
  readonly output: string;
  readonly open?: boolean;
}

/** `fiml-perf report`: the report of a judged run, or of a full suite. */
export function reportCommand(): Command {
  return new Command('report')
    .description('write the report of a judged run, or of a full suite')
    .argument('[folder]', 'folder of the run or suite', join('results', 'latest'))
    .addOption(new Option('--format <format>', 'its form').choices(['markdown', 'html']).default('markdown'))
    .option('--output <file>', 'where to write it; - is standard output', '-')
    .addOption(
      new Option('--open', 'write its page, report.html in the folder, and open it').conflicts(['format', 'output']),
    )
    .action((folder: string, flags: ReportFlags) => (flags.open === true ? show(folder) : write(folder, flags)));
}

function write(folder: string, { format, output }: ReportFlags): void {
  const text = reportOf(folder, format);
  if (output === '-') process.stdout.write(text);
  else {
    writeTextAtomically(output, text);
    process.stderr.write(`written: ${output}\n`);
  }
}

/** Written anew: the run may be older than this suite, or judged again. */
async function show(folder: string): Promise<void> {
  const page = resolve(folder, 'report.html');
  writeTextAtomically(page, reportOf(folder, 'html'));
  const opened = await open(page, process.env);
  process.stderr.write(`${opened ? 'opened' : 'there is no program here to open it with'}: ${page}\n`);
}

function reportOf(folder: string, format: Format): string {
  const path = join(folder, 'full.json');
  if (existsSync(path)) {
    const full = readVersioned(path, FULL_FORM, fullSchema, "the full suite's result");
    return format === 'html' ? fullHtml(full) : fullMarkdown(full);
  }
  const evidence = readEvidence(folder);
  const judged = join(folder, 'verdict.json');
  if (!existsSync(judged)) throw new UserError(`${folder} has no verdict yet; run: fiml-perf judge ${folder}`);
  const rendered = render(evidence, readJson(judged, verdictSchema, "the run's verdict"));
  if (format === 'markdown') return rendered.markdown;
  return rendered.html(historyUpTo(parseConfig(process.env).PERF_HISTORY, evidence.run));
}
