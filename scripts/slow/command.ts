import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../errors';
import { slowOf } from '../report/slow';
import { slowView } from '../report/view';
import { readEvidence } from '../result/evidence';
import type { Run } from '../result/run';
import type { SlowRequests } from '../result/slow';
import { slowText } from './text';

/** Rows that still fit a terminal's memory; all are in `--json`. */
const SHOWN = 50;

/** `fiml-perf slow`: the slowest requests of a run, which the server itself does not tell. */
export function slowCommand(): Command {
  return new Command('slow')
    .description('list the slowest requests of a run: what was asked, when, and in which layer it failed if it did')
    .argument('[folder]', 'folder of the run', join('results', 'latest'))
    .option('--json', 'all that were kept, up to 1,000, as JSON')
    .action((folder: string, { json = false }: { json?: boolean }) => {
      const { run, slowest } = slowestIn(folder);
      process.stdout.write(
        json
          ? `${JSON.stringify({ schema: 'fiml-perf/slow', run: run.id, startedAtMs: run.k6.startedAtMs, ...slowest })}\n`
          : slowText(slowView(slowOf(slowest), run.k6.startedAtMs, SHOWN)),
      );
    });
}

/** @throws UserError when there are none to be told, with what makes them. */
function slowestIn(folder: string): { run: Run; slowest: SlowRequests } {
  const { run, result, resultProblem } = readEvidence(folder);
  if (result === null) throw new UserError(resultProblem ?? `${folder} has no result`);
  if (result.slowest === undefined) {
    throw new UserError(
      `${join(folder, 'result.json')} lists no requests: it holds none, or an older fiml-perf made it; fiml-perf ingest ${folder} makes it anew`,
    );
  }
  return { run, slowest: result.slowest };
}
