import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { parseConfig } from '../../config';
import { complain } from '../complain';
import { UserError } from '../errors';
import { writeTextAtomically } from '../result/files';
import type { HistoryNote } from '../result/history';
import { printable } from '../text/printable';
import { appendNote, readHistory } from './file';
import { historiesText, historyFile, problemTexts } from './index';
import { plot } from './plot';
import { historyText } from './text';
import { historyView } from './trend';

interface HistoryFlags {
  readonly note?: string;
  /** True when no file is named. */
  readonly svg?: string | true;
  readonly measure?: string;
}

/** `fiml-perf history`. */
export function historyCommand(): Command {
  return new Command('history')
    .description('trend of a scenario over its runs: where its level changed, and notes of what was tried')
    .argument('[name]', 'scenario and profile, such as load.smoke; without: the histories that there are')
    .option('--note <text>', 'add a note, such as what was changed on the server just now')
    .option('--svg [file]', 'draw it as well (<name>.svg beside the history)')
    .option('--measure <id>', 'show this measure alone, instead of those that decide')
    .action((name: string | undefined, flags: HistoryFlags) => {
      const folder = parseConfig(process.env).PERF_HISTORY;
      if (name !== undefined) return tell(folder, name, flags);
      const [flag] = Object.keys(flags);
      if (flag !== undefined) {
        throw new UserError(`--${flag} needs the name of a history before it: fiml-perf history <name> --${flag} …`);
      }
      process.stdout.write(historiesText(folder));
    });
}

function tell(folder: string, name: string, { note, svg, measure }: HistoryFlags): void {
  const path = historyFile(folder, name);
  // Before anything is added: a file that a newer suite wrote is left alone, and so is all when an option is wrong.
  const history = readHistory(path);
  const shown = historyView(name, history, measure ?? null);
  const view = note === undefined ? shown : { ...shown, notes: [...shown.notes, addNote(path, note)] };
  process.stdout.write(historyText(view));
  complain(problemTexts(path, history.problems));
  if (svg === undefined) return;
  const file = svg === true ? join(dirname(path), `${name}.svg`) : svg;
  writeTextAtomically(file, plot(view));
  process.stderr.write(`written: ${file}\n`);
}

function addNote(path: string, given: string): HistoryNote {
  const text = given.trim();
  if (text === '') throw new UserError('--note is empty: say what was changed');
  const note = appendNote(path, { atMs: Date.now(), text });
  process.stdout.write(`noted in ${path}: ${printable(text)}\n\n`);
  return note;
}
