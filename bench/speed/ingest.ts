import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ingest as ingestFile } from '../../scripts/ingest';
import { readJson } from '../../scripts/result/files';
import { resultSchema } from '../../scripts/result/result';
import { root } from '../../scripts/root';
import { ranAsChild, timePass } from '../pass';
import { packageFolder } from '../python-packages';
import { type Format, requestsIn, writeSamples } from './k6-samples';
import type { Bench, Row, Size } from './row';

const REQUIREMENTS = join(__dirname, 'duckdb-requirements.txt');
const LONGEST_MS = 1_800_000;
/** Of the shell's clock. */
const RESOLUTION_S = 0.01;
/** jq takes twenty times as long: it is given this share of the lines. */
const JQ_SHARE = 0.05;

/** Bytes of JSON; how often everything is done; bytes and values of a tag in pipes. */
const AMOUNTS: Readonly<Record<Size, { bytes: number; times: number; pipes: readonly (readonly [number, number])[] }>> =
  {
    full: {
      bytes: 1e9,
      times: 6,
      pipes: [
        [1e8, 0],
        [1e9, 0],
        [1e9, 300],
        [1e9, 7000],
      ],
    },
    short: { bytes: 2e6, times: 1, pipes: [[1e6, 0]] },
  };

/** Megabytes and seconds of CPU time, of all threads: what else the machine does, and on how many cores, does not count. */
interface Passes {
  readonly json: number;
  readonly plain: number;
  readonly duckdb: number;
  readonly jq: number;
  readonly gz: number;
  readonly gunzip: number;
  readonly csv: number;
}

/** How fast samples are read, beside what reads them otherwise, and how much memory that takes. */
export const ingest: Bench = async (size) => {
  const { bytes, times, pipes } = AMOUNTS[size];
  const folder = mkdtempSync(join(tmpdir(), 'bench-ingest-'));
  try {
    const duckdb = (await packageFolder('duckdb', REQUIREMENTS, true)) as string;
    const requests = requestsIn(bytes);
    const json = written(join(folder, 'samples.json'), 'json', requests);
    const csv = written(join(folder, 'samples.csv'), 'csv', requests);
    const few = written(join(folder, 'few.json'), 'json', Math.ceil(requests * JQ_SHARE));
    const gz = `${json}.gz`;
    shell('gzip -c "$1" > "$2"', json, gz);
    const all = Array.from({ length: times }, () => ({
      json: cpuSOf('ingest', json),
      plain: cpuSOf('plain', json),
      duckdb: duckdbCpuS(duckdb, json),
      jq: shellCpuS('jq -c "select(.type == \\"Point\\") | [.metric, .data.tags, .data.value]" "$1"', few),
      gz: cpuSOf('ingest', gz),
      gunzip: shellCpuS('gzip -dc "$1"', gz),
      csv: cpuSOf('ingest', csv),
    }));
    const least = (way: keyof Passes) => Math.min(...all.map((one) => one[way]));
    const mb = statSync(json).size / 1e6;
    const jqMb = statSync(few).size / 1e6;
    const measured = mb / least('json');
    const ratio = (name: string, mbPerS: number, atLeast: number): Row => ({
      what: 'ingest of JSON',
      unit: 'MB per second of CPU',
      measured,
      baseline: { name, measured: mbPerS },
      target: { atLeast },
    });
    return [
      { what: 'ingest of JSON', unit: 'MB per second of CPU', measured, baseline: null, target: { atLeast: 1000 } },
      ratio('readline and JSON.parse', mb / least('plain'), 7),
      ratio('DuckDB, one thread, the same groups and percentiles', mb / least('duckdb'), 2),
      ratio('jq, which takes metric, tags and value out of each line', jqMb / least('jq'), 18),
      {
        what: 'ingest of JSON.gz',
        unit: 'MB of JSON per second of CPU',
        measured: mb / least('gz'),
        baseline: { name: 'gzip -dc to /dev/null', measured: mb / least('gunzip') },
        target: { atLeast: 0.9 },
      },
      {
        what: 'ingest of CSV',
        unit: 's of CPU',
        measured: least('csv'),
        baseline: { name: 'JSON of the same run', measured: least('json') },
        target: { atMost: 0.7 },
      },
      ...pipes.map(([pipeBytes, users]) => memoryRow(pipeBytes, users)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function memoryRow(bytes: number, users: number): Row {
  return {
    what: `ingest of ${bytes / 1e6} MB from a pipe, ${users === 0 ? 'few sets of tags' : `${users} times as many sets of tags`}: most memory`,
    unit: 'MB',
    measured: peakMb(bytes, users),
    baseline: null,
    target: { atMost: 150 },
  };
}

function written(path: string, format: Format, requests: number): string {
  const file = openSync(path, 'w');
  writeSamples(file, format, requests, 0);
  closeSync(file);
  return path;
}

const cpuSOf = (way: string, path: string): number => timePass(__filename, way, path).cpuS;

/** Of `fiml-perf ingest` as it is used. */
function peakMb(bytes: number, users: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'bench-ingest-'));
  try {
    const peak = join(folder, 'peak');
    shell(
      '"$1" -r ./build/register.js bench/speed/ingest.ts --child generate "$2" | PEAK_MEMORY_FILE="$3" "$1" -r ./bench/speed/peak-memory.js bin/fiml-perf.js ingest - --out "$3.json"',
      process.execPath,
      `${bytes},${users}`,
      peak,
    );
    const { source } = readJson(`${peak}.json`, resultSchema, "the ingest's result");
    if (source.bytes < 0.9 * bytes || source.truncated) throw new Error(`${source.bytes} bytes were read of ${bytes}`);
    return Number(readFileSync(peak, 'utf8')) / 1e6;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function duckdbCpuS(folder: string, path: string): number {
  const out = shell('PYTHONPATH="$1" python3 "$2" "$3"', folder, join(__dirname, 'duckdb-groups.py'), path);
  return (JSON.parse(out) as { cpuS: number }).cpuS;
}

function shell(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', command, 'sh', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: LONGEST_MS,
  });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
}

/** Of a command whose output is thrown away. The shell counts user and system time of what it has waited for. */
function shellCpuS(command: string, ...args: readonly string[]): number {
  const times = shell(`${command} > /dev/null; times`, ...args);
  const [user = Number.NaN, system = Number.NaN] = [
    ...(times.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g),
  ].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  return Math.max(RESOLUTION_S, user + system);
}

async function plainPass(path: string): Promise<number> {
  let samples = 0;
  for await (const line of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 20 }) })) {
    if (JSON.parse(line).type === 'Point') samples += 1;
  }
  return samples;
}

async function pass(way: string, argument: string): Promise<number> {
  if (way === 'plain') return plainPass(argument);
  if (way === 'ingest') return (await ingestFile(argument)).source.samples;
  const [bytes = 0, users = 0] = argument.split(',').map(Number);
  // By hand: node -r ./build/register.js bench/speed/ingest.ts --child memory 20e9,0
  if (way === 'memory') return peakMb(bytes, users);
  // Opened anew: Node does not wait at its own standard output.
  writeSamples(openSync('/dev/stdout', 'w'), 'json', requestsIn(bytes), users);
  // Standard output is the pipe: nothing may follow.
  process.exit(0);
}

ranAsChild(pass);
