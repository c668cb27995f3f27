import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { divide } from '../../scripts/merge/divide';
import { writeJsonAtomically } from '../../scripts/result/files';
import { SEGMENTS_FILE, type Segments } from '../../scripts/result/segments';
import { prepareRun } from '../../scripts/run';
import { freePort, HOST } from '../../scripts/services';
import { ensureK6, k6Environment } from '../../scripts/setup';
import { repository, until } from './cli';
import { ended } from './reference';

const READY_DEADLINE_MS = 60_000;
/** After what the plan says: the slowest answer, and a machine that is busy. */
const BEYOND_PLAN_MS = 90_000;
/** k6's own number for "all virtual users are made": it answers before that, and would begin late if it were released then. */
const STARTED = 4;

export interface DividedLoad {
  /** Gets `segments.json`, and a folder for each segment. */
  readonly folder: string;
  readonly segments: number;
  readonly target: string;
  /** Overrides of the load. */
  readonly env: Readonly<Record<string, string>>;
}

const HOST_OF_SEGMENTS = { cpuModel: 'of tests', cpus: 1, memoryBytes: 1e9, os: 'Linux' };

/** Writes what is to be run, as whoever starts a divided load does. */
async function describeLoad({ folder, segments, target, env }: DividedLoad): Promise<Segments> {
  const prepared = prepareRun({
    scenario: 'load',
    env: { ...env, PERF_TARGET: target },
    flags: {},
    out: folder,
    stream: process.stderr,
    quiet: true,
  });
  const { version } = await ensureK6();
  const about = { id: 'divided', segments, k6Version: version, host: HOST_OF_SEGMENTS, before: null, now: new Date() };
  mkdirSync(folder, { recursive: true });
  const described = divide(prepared, about);
  writeJsonAtomically(join(folder, SEGMENTS_FILE), described);
  return described;
}

/** Runs a load on several k6 that are started paused and released at once over REST, with the arguments that k6-operator gives. */
export async function runSegments(load: DividedLoad): Promise<(number | string)[]> {
  const { plan } = await describeLoad(load);
  const deadlineMs = (plan?.durationMs ?? 0) + BEYOND_PLAN_MS;
  const { path } = await ensureK6();
  const started: { readonly child: ChildProcess; readonly api: string }[] = [];
  try {
    for (let at = 0; at < load.segments; at++) {
      const address = `${HOST}:${await freePort()}`;
      started.push({ child: startSegment(path, load, at, address), api: `http://${address}/v1/status` });
    }
    for (const { api } of started)
      await until(async () => (await statusOf(api)) === STARTED, `${api} is ready`, READY_DEADLINE_MS);
    await Promise.all(started.map(({ api }) => release(api)));
    return await Promise.all(started.map(({ child }) => ended(child, deadlineMs)));
  } finally {
    for (const { child } of started) child.kill('SIGKILL');
  }
}

function startSegment(k6: string, { folder, segments, target, env }: DividedLoad, at: number, address: string) {
  const own = join(folder, `pod-${at + 1}`);
  mkdirSync(own);
  const borders = Array.from({ length: segments + 1 }, (_, border) => `${border}/${segments}`);
  const args = [
    ...['run', '--quiet', '--no-color', '--no-thresholds'],
    ...['--execution-segment', `${borders[at]}:${borders[at + 1]}`, '--execution-segment-sequence', borders.join(',')],
    ...['--out', `json=${join(own, 'samples.json.gz')}`, '--log-output', `file=${join(own, 'k6.log')}`],
    join(repository, 'dist', 'load.js'),
    ...[`--address=${address}`, '--paused', '--tag', `instance_id=${at + 1}`, '--tag', 'testrun_name=divided'],
  ];
  const overrides = { ...env, PERF_TARGET: target, PERF_SUMMARY: join(own, 'summary.json') };
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PERF_'));
  return spawn(k6, args, { env: k6Environment({ ...Object.fromEntries(inherited), ...overrides }), stdio: 'ignore' });
}

/** Null until it answers. */
async function statusOf(api: string): Promise<number | null> {
  try {
    const { data } = (await (await fetch(api)).json()) as { data: { attributes: { status: number } } };
    return data.attributes.status;
  } catch {
    return null;
  }
}

async function release(api: string): Promise<void> {
  const body = JSON.stringify({ data: { type: 'status', id: 'default', attributes: { paused: false } } });
  const { ok, status } = await fetch(api, { method: 'PATCH', body, headers: { 'Content-Type': 'application/json' } });
  if (!ok) throw new Error(`${api} answered the release with ${status}`);
}
