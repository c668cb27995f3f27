import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../errors';
import { fullMarkdown } from '../full/text';
import { readEvidence } from '../result/evidence';
import { readJson, writeTextAtomically } from '../result/files';
import { FULL_FORM, fullSchema } from '../result/full';
import { verdictSchema } from '../result/verdict';
import { readVersioned } from '../result/versioned';
import { render } from './index';

/** `fiml-perf report`: the report of a judged run, or of a full suite. */
export function reportCommand(): Command {
  return new Command('report')
    .description('write the report of a judged run, or of a full suite, as Markdown')
    .argument('[folder]', 'folder of the run or suite', join('results', 'latest'))
    .option('--output <file>', 'where to write it; - is standard output', '-')
    .action((folder: string, { output }: { output: string }) => {
      const markdown = reportOf(folder);
      if (output === '-') process.stdout.write(markdown);
      else {
        writeTextAtomically(output, markdown);
        process.stderr.write(`written: ${output}\n`);
      }
    });
}

function reportOf(folder: string): string {
  const full = join(folder, 'full.json');
  if (existsSync(full)) return fullMarkdown(readVersioned(full, FULL_FORM, fullSchema, "the full suite's result"));
  const evidence = readEvidence(folder);
  const path = join(folder, 'verdict.json');
  if (!existsSync(path)) throw new UserError(`${folder} has no verdict yet; run: fiml-perf judge ${folder}`);
  return render(evidence, readJson(path, verdictSchema, "the run's verdict")).markdown;
}
