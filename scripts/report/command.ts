import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../errors';
import { readEvidence } from '../result/evidence';
import { readJson, writeTextAtomically } from '../result/files';
import { verdictSchema } from '../result/verdict';
import { render } from './index';

/** `fiml-perf report`: the report of a judged run. */
export function reportCommand(): Command {
  return new Command('report')
    .description('write the report of a judged run as Markdown')
    .argument('[folder]', 'folder of the run', join('results', 'latest'))
    .option('--output <file>', 'where to write it; - is standard output', '-')
    .action((folder: string, { output }: { output: string }) => {
      const evidence = readEvidence(folder);
      const path = join(folder, 'verdict.json');
      if (!existsSync(path)) throw new UserError(`${folder} has no verdict yet; run: fiml-perf judge ${folder}`);
      const { markdown } = render(evidence, readJson(path, verdictSchema, "the run's verdict"));
      if (output === '-') process.stdout.write(markdown);
      else {
        writeTextAtomically(output, markdown);
        process.stderr.write(`written: ${output}\n`);
      }
    });
}
