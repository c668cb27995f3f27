import { Command } from 'commander';
import { parseConfig } from '../../config';
import { readObservations } from '../observe/read';
import { baselineFile, readBaseline, saveBaseline } from './index';
import { savedText, shownText } from './text';

/** `fiml-perf baseline`: the runs that later ones are compared with. */
export function baselineCommand(): Command {
  const command = new Command('baseline').description('save runs as a baseline for compare, or show one');
  command
    .command('save')
    .description('pool runs into PERF_BASELINES/<name>.json; runs that failed or say nothing are left out')
    .argument('<name>', 'scenario and profile of the runs, such as load.smoke')
    .argument('<sources...>', "runs' folders, folders of runs, or other files of runs")
    .action((name: string, sources: string[]) => {
      const { PERF_BASELINES: folder } = parseConfig(process.env);
      const saved = saveBaseline({ folder, name, observations: readObservations(sources), now: new Date() });
      process.stdout.write(savedText(saved));
    });
  command
    .command('show')
    .description('what a baseline is made of, how old it is, and how far its runs lie apart')
    .argument('<baseline>', 'its name, such as load.smoke, or its file')
    .action((given: string) => {
      const path = baselineFile(parseConfig(process.env).PERF_BASELINES, given);
      process.stdout.write(shownText(path, readBaseline(path), new Date()));
    });
  return command;
}
