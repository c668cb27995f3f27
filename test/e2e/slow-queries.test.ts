import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingest } from '../../scripts/ingest';
import type { SlowRequest } from '../../scripts/result/slow';
import { ensureK6 } from '../../scripts/setup';
import { cli, temporaryFolder } from '../support/cli';
import { type ReferenceProcess, setFaults, startReferenceProcess } from '../support/reference';

jest.setTimeout(120_000);

/** Both are hot in the first seconds of a run. */
const SLOWED = { AAPL: 1200, T: 1300 };
const SYMBOLS = Object.keys(SLOWED);
const LOAD = ['--rate', '40', '--spawn-rate', '160', '--duration', '3s', '--probe-rate', '4'];

let folder: string;
let server: ReferenceProcess;

beforeAll(async () => {
  folder = temporaryFolder('slow-queries');
  server = await startReferenceProcess(['--control-port', '0']);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** k6, which records the same samples a second time as CSV. */
async function k6WithCsv(csv: string): Promise<string> {
  const path = join(folder, 'k6');
  const { path: k6 } = await ensureK6();
  writeFileSync(path, `#!/bin/sh\n[ "$1" = run ] && set -- "$@" --out 'csv=${csv}'\nexec '${k6}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

const remarksIn = (samples: string): string[] => samples.split('\n').filter((line) => line.includes('subject'));

test('what a server is slow with is told by name, whether k6 records JSON or CSV', async () => {
  const faults = { symbolAddMs: SLOWED, latencyAddMs: { 'dsl-sync': 1500 }, errorRate: { 'inner:dsl-sync': 1 } };
  await setFaults(server, faults);
  const out = join(folder, 'run');
  const csv = join(folder, 'samples.csv');
  const env = { PERF_TARGET: server.url, PERF_K6: await k6WithCsv(csv) };
  await cli(['run', 'load', ...LOAD, '--out', out], { env });

  const told = await cli(['slow', out, '--json']);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  const { kept, slow }: { kept: SlowRequest[]; slow: number } = JSON.parse(told.stdout);
  const listed = kept.filter(({ durationMs }) => durationMs > 1000);
  expect(listed).toHaveLength(slow);
  for (const symbol of SYMBOLS) {
    expect(listed.some(({ subject, op, layer }) => subject === symbol && op === 'probe' && layer === null)).toBe(true);
  }
  for (const { op, subject, layer, phase } of listed) {
    expect(phase).not.toBe('');
    if (op === 'dsl')
      expect({ subject, layer }).toEqual({ subject: expect.stringMatching(/^[A-Z]+ /), layer: 'inner' });
    else expect(subject?.split(',').some((symbol) => SYMBOLS.includes(symbol))).toBe(true);
  }
  expect(listed.some(({ op }) => op === 'dsl')).toBe(true);

  // What is said of one request must not stay on the samples that its user makes afterwards.
  const json = execFileSync('gzip', ['-dc', join(out, 'samples.json.gz')], { encoding: 'utf8', maxBuffer: 1e9 });
  for (const samples of [json, readFileSync(csv, 'utf8')]) {
    expect(remarksIn(samples)).toHaveLength(slow);
    for (const line of remarksIn(samples)) expect(line).toContain('fiml_slow');
  }
  const fromCsv = (await ingest(csv)).slowest;
  const shownOf = ({ name, op, phase, durationMs, subject, layer }: SlowRequest) =>
    [durationMs.toFixed(6), name, op, phase, subject, layer].join(' ');
  expect(fromCsv?.kept.slice(0, slow).map(shownOf).sort()).toEqual(listed.map(shownOf).sort());

  const { stdout } = await cli(['slow', out]);
  for (const symbol of SYMBOLS) expect(stdout).toContain(symbol);
  expect(stdout).toContain('py-spy');
  expect(stdout).not.toContain('EXPLAIN');
  const report = readFileSync(join(out, 'report.md'), 'utf8');
  expect(report).toMatch(/## Slow queries\n\n\d+ of \d+ requests took more than 1\.0 s/);
});

test('a folder without a run says what it needs', async () => {
  const { code, stderr } = await cli(['slow', folder]);
  expect(code).toBe(2);
  expect(stderr).toContain('holds no run.json');
});
