import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { openInBrowser } from '../browser';
import { UserError } from '../errors';
import { writeTextAtomically } from '../result/files';
import { FORMATS, type Format } from './formats';
import { readSubjects } from './read';

interface ReportFlags {
  readonly format: Format;
  readonly output: string;
  readonly open?: boolean;
}

/** `fiml-perf report`: what was judged, in any form, and several as one. */
export function reportCommand(): Command {
  return new Command('report')
    .description(
      'the report of judged runs, comparisons or full suites in any form; several are combined, the worst first',
    )
    .argument('[folders...]', 'folders of runs, comparisons or full suites (results/latest)')
    .addOption(
      new Option('--format <format>', 'github: summary of a step; comment: body of a comment on a pull request')
        .choices(Object.keys(FORMATS))
        .default('markdown'),
    )
    .option('--output <file>', 'where to write it; - is standard output', '-')
    .addOption(
      new Option('--open', 'write its page, report.html in the folder, and open it').conflicts(['format', 'output']),
    )
    .action((given: string[], flags: ReportFlags) => {
      const folders = given.length > 0 ? given : [join('results', 'latest')];
      return flags.open === true ? show(folders) : write(folders, flags);
    });
}

function write(folders: readonly string[], { format, output }: ReportFlags): void {
  const text = FORMATS[format](readSubjects(folders));
  if (output === '-') process.stdout.write(text);
  else {
    writeTextAtomically(output, text);
    process.stderr.write(`written: ${output}\n`);
  }
}

/** Written anew: the run may be older than this suite, or judged again. */
async function show([folder = '', ...others]: readonly string[]): Promise<void> {
  if (others.length > 0) throw new UserError('--open shows the page of one folder: name one');
  const page = resolve(folder, 'report.html');
  writeTextAtomically(page, FORMATS.html(readSubjects([folder])));
  const opened = await openInBrowser(page, process.env);
  process.stderr.write(`${opened ? 'opened' : 'there is no browser here to open it with'}: ${page}\n`);
}
