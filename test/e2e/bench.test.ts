import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type RecordedRow, recordSchema, type SpeedRecord } from '../../bench/speed/record';
import { readJson } from '../../scripts/result/files';
import { ensureK6 } from '../../scripts/setup';
import { repository, temporaryFolder } from '../support/cli';
import { ended } from '../support/reference';

const DEADLINE_MS = 110_000;

let folder: string;
let k6: string;
beforeAll(async () => {
  folder = temporaryFolder('bench');
  k6 = (await ensureK6()).path;
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Benched {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

async function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Benched> {
  const child: ChildProcess = spawn(process.execPath, ['-r', './build/register.js', 'bench/speed/main.ts', ...args], {
    cwd: repository,
    // A cache without Locust: what it takes to install it is none of the short form's.
    env: { ...process.env, PERF_K6: k6, PERF_CACHE_DIR: join(folder, 'cache'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  return { code: await ended(child, DEADLINE_MS), ...text };
}

const rowsOf = ({ rows }: SpeedRecord, group: string): RecordedRow[] => rows.filter((row) => row.group === group);

test('the short form has every row, says what it could not measure, and judges no figure', async () => {
  const out = join(folder, 'speed.json');
  const { code, stdout } = await bench(['--short', '--out', out]);
  const record = readJson(out, recordSchema, 'the figures');
  expect(record.size).toBe('short');
  expect(record.identity).toMatchObject({ nodeVersion: process.version, k6Version: expect.stringMatching(/^2\./) });

  const byLocust = rowsOf(record, 'locust');
  expect(byLocust).toHaveLength(4);
  for (const row of byLocust) expect(row).toMatchObject({ notMeasured: expect.stringContaining('not installed') });
  expect(existsSync(join(folder, 'cache', 'locust'))).toBe(false);
  // What is missing is no success, however well the rest went.
  expect(code).toBe(3);

  const lacking = record.rows.filter((row) => row.group !== 'locust' && 'notMeasured' in row);
  expect(lacking).toEqual([]);
  expect(rowsOf(record, 'generator')).toHaveLength(4);
  expect(rowsOf(record, 'judge')).toHaveLength(1);
  expect(rowsOf(record, 'start')).toHaveLength(2);
  expect(rowsOf(record, 'reference')).toHaveLength(3);
  for (const row of record.rows) {
    expect(stdout).toContain(row.what);
    if ('notMeasured' in row) continue;
    expect(row).toMatchObject({ figure: expect.any(Number), holds: null });
    expect(row.measured).not.toBe(0);
  }
  expect(stdout).not.toMatch(/FALLS SHORT|\bholds\b/);
}, 120_000);

test('a group that cannot be measured keeps no other from it, and is told', async () => {
  // Without make on PATH.
  const { code, stdout } = await bench(['--short', '--only', 'start,judge'], { PATH: folder });
  expect(code).toBe(3);
  expect(stdout).toMatch(/^all of start +not measured: .*make/m);
  expect(stdout).toMatch(/^judge and report of .* \d/m);
});

test('a group that there is not is refused before anything is measured', async () => {
  const { code, stdout, stderr } = await bench(['--only', 'generator,locusts']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('there is no locusts; there are generator, locust');
});
