import { Command } from 'commander';
import { parseConfig } from '../../config';
import { UserError } from '../errors';
import { plural } from '../text/format';
import { clean } from './index';

/** `fiml-perf clean`. */
export function cleanCommand(): Command {
  return new Command('clean')
    .description('remove all but the newest runs below PERF_RESULTS')
    .option('--keep <count>', 'runs to keep', '10')
    .action(({ keep }: { keep: string }) => {
      if (!/^\d+$/.test(keep)) throw new UserError(`--keep must be a whole number, not ${JSON.stringify(keep)}`);
      const { PERF_RESULTS: results } = parseConfig(process.env);
      const removed = clean(results, Number(keep));
      process.stdout.write(`removed ${plural(removed.length, 'run')} from ${results}\n`);
    });
}
