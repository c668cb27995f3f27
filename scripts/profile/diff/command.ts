import { basename } from 'node:path';
import { Command } from 'commander';
import { FOLDER, openOutput, tellFindings } from '../output';
import { diffFindings } from './index';

/** `fiml-perf profile diff`: what takes more of the time than before. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('show which functions take more, or less, of the time than in an earlier profile')
    .argument('<earlier>', 'a *.speedscope.json')
    .argument('<later>', 'another')
    .option('--out <folder>', 'where its files go', FOLDER)
    .action((earlier: string, later: string, { out }: { readonly out: string }) => {
      // Before the folder is made: a mistyped path leaves nothing.
      const findings = diffFindings(earlier, later);
      const output = openOutput(out, subjectOf(later), new Date(), (line) => process.stderr.write(`${line}\n`));
      tellFindings(findings, output);
    });
}

/** What the later profile is of, by its name. */
const subjectOf = (path: string): string =>
  /^[a-z]+_(.+)_\d{4}-/.exec(basename(path))?.[1] ?? basename(path, '.speedscope.json');
