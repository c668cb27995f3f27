import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../errors';
import { isFolder, readRun } from '../result/evidence';
import { writeJsonAtomically } from '../result/files';
import type { Result } from '../result/result';
import { formatBytes } from '../text/format';
import { ingest } from './index';
import { ingestRun } from './run';
import { resultText } from './text';

/** `fiml-perf ingest`: samples to `result.json`, of a run or of any k6 script. */
export function ingestCommand(): Command {
  return new Command('ingest')
    .description("read k6's samples (JSON or CSV, .gz too, of any script) into result.json")
    .argument('[source]', "folder of a run, or a file that k6's --out wrote", join('results', 'latest'))
    .option('--out <file>', 'where to write the result; default: result.json in the folder, or beside the file')
    .action(async (source: string, { out }: { out?: string }) => {
      const { result, file } = isFolder(source) ? await fromFolder(source) : await fromFile(source);
      const path = out ?? file;
      writeJsonAtomically(path, result);
      process.stdout.write(`${resultText(result)}\nwritten: ${path}\n`);
    });
}

async function fromFolder(folder: string): Promise<{ result: Result; file: string }> {
  const { result, resultProblem } = await ingestRun(folder, readRun(folder), progress());
  if (result === null) throw new UserError(resultProblem ?? 'there is nothing to ingest');
  return { result, file: join(folder, 'result.json') };
}

async function fromFile(path: string): Promise<{ result: Result; file: string }> {
  const result = await ingest(path, { onProgress: progress() });
  return { result, file: `${path.replace(/(\.json|\.csv)?(\.gz)?$/, '')}.result.json` };
}

/** One line that is rewritten, on a terminal only. */
function progress(): (bytes: number, totalBytes: number) => void {
  const { stderr } = process;
  if (stderr.isTTY !== true) return () => undefined;
  return (bytes, totalBytes) => {
    const end = bytes >= totalBytes ? '\r\u001b[K' : '';
    stderr.write(`\r\u001b[Kread ${formatBytes(bytes)} of ${formatBytes(totalBytes)}${end}`);
  };
}
