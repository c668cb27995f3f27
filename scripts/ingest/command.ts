import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { isFolder, readRun, readSummary } from '../result/evidence';
import { writeJsonAtomically } from '../result/files';
import { formatBytes } from '../text/format';
import { benchmarksText, readBenchmarks, startsLikeBenchmarks } from './benchmarks';
import { readSamples } from './index';
import { samplesOf } from './run';
import { STDIN } from './source';
import { writeResult } from './write';

/** What was read, to be written. */
interface Ingested {
  /** Where it goes unless the user says otherwise. */
  readonly file: string;
  /** Writes it for the next step. @returns what it is, for a person. */
  readonly writeTo: (path: string) => string;
}

/** `fiml-perf ingest`: samples to `result.json`, of a run or of any k6 script; and pytest's benchmarks to an observation. */
export function ingestCommand(): Command {
  return new Command('ingest')
    .description(
      "read k6's samples (JSON or CSV, .gz too, of any script) into result.json, or what pytest --benchmark-json wrote into an observation for baseline and compare",
    )
    .argument(
      '[source]',
      "folder of a run; a file that k6's --out or pytest's --benchmark-json wrote; or - for k6's samples from standard input",
      join('results', 'latest'),
    )
    .option(
      '--out <file>',
      'where to write it; default: result.json in the folder, NAME.result.json or NAME.observation.json beside the file, or stdin.result.json here',
    )
    .action(async (source: string, { out }: { out?: string }) => {
      const { file, writeTo } = await ingested(source);
      const path = out ?? file;
      const text = writeTo(path);
      process.stdout.write(`${text}\nwritten: ${path}\n`);
    });
}

async function ingested(source: string): Promise<Ingested> {
  if (isFolder(source)) return fromFolder(source);
  // What was looked at in a pipe would be lost to who reads it.
  if (source === STDIN || isPipe(source)) return fromSamples(source);
  return startsLikeBenchmarks(source) ? fromBenchmarks(source) : fromSamples(source);
}

async function fromFolder(folder: string): Promise<Ingested> {
  const run = readRun(folder);
  const samples = await readSamples(...samplesOf(folder, run, readSummary(folder).summary, progress()));
  return { file: join(folder, 'result.json'), writeTo: (path) => writeResult(path, samples) };
}

async function fromSamples(path: string): Promise<Ingested> {
  const samples = await readSamples(path, { onProgress: progress() });
  const isStdin = path === STDIN || path === '/dev/stdin';
  const file = `${isStdin ? 'stdin' : path.replace(/(\.json|\.csv)?(\.gz)?$/, '')}.result.json`;
  return { file, writeTo: (path) => writeResult(path, samples) };
}

/** False of what is not there: who reads it says so. */
const isPipe = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === false;

function fromBenchmarks(path: string): Ingested {
  const observation = readBenchmarks(path);
  const file = `${path.replace(/\.json$/, '')}.observation.json`;
  return {
    file,
    writeTo: (path) => {
      writeJsonAtomically(path, observation);
      return benchmarksText(observation);
    },
  };
}

/** One line that is rewritten, on a terminal only. */
function progress(): (bytes: number, totalBytes: number | null) => void {
  const { stderr } = process;
  if (stderr.isTTY !== true) return () => undefined;
  return (bytes, totalBytes) => {
    const of = totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`;
    stderr.write(`\r\u001b[Kread ${formatBytes(bytes)}${of}${bytes === totalBytes ? '\r\u001b[K' : ''}`);
  };
}
