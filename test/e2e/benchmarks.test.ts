import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { observePytestBenchmark } from '../../scripts/observe/pytest-benchmark';
import { comparisonSchema } from '../../scripts/result/comparison';
import { readJson } from '../../scripts/result/files';
import { observationSchema } from '../../scripts/result/observation';
import { cli, repository, temporaryFolder } from '../support/cli';
import { benchmarkFile, FIFTEEN, type FileOptions } from '../support/pytest-benchmark';

const FIXTURES = join(repository, 'test/fixtures/pytest-benchmark');
const NO_STACK = /^\s+at /m;

let folder: string;
beforeEach(() => {
  folder = temporaryFolder('benchmarks');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const putFile = (name: string, options: FileOptions = {}): string =>
  put(name, JSON.stringify(benchmarkFile(options), null, 4));

const command = (...args: string[]) =>
  cli(args, {
    env: {
      PERF_HISTORY: join(folder, 'history'),
      PERF_BASELINES: join(folder, 'baselines'),
      // Far from UTC, in which old versions write their time without saying so.
      TZ: 'Pacific/Kiritimati',
    },
  });

const observationIn = (path: string) => readJson(path, observationSchema, 'the observation');

test('ingest makes an observation of what pytest-benchmark wrote, and says what cannot be judged', async () => {
  const text = readFileSync(join(FIXTURES, '4.0.0.json'), 'utf8');
  const path = put('benchmark_results.json', text);
  const { code, stdout, stderr } = await command('ingest', path);
  expect([code, stderr]).toEqual([0, '']);
  const written = join(folder, 'benchmark_results.observation.json');
  expect(observationIn(written)).toEqual(observePytestBenchmark(JSON.parse(text), path));
  expect(observationIn(written).startedAtMs).toBe(Date.parse('2026-11-24T18:55:39.790Z'));
  expect(stdout).toMatch(
    /^5 benchmarks of 2026-11-24T18:55:39\.790Z, commit 2753d2f\w+, CPython 3\.11\.7, pytest-benchmark 4\.0\.0$/m,
  );
  expect(stdout).toMatch(/^benchmarks\/bench_components\.py::test_serialisation\[1000\] +40 +1\.44 ms +1\.45 ms$/m);
  expect(stdout).toMatch(/^cannot be judged: benchmarks\/bench_components\.py::test_once: 1 round says nothing/m);
  expect(stdout).toMatch(/^a P95 takes 400 rounds, each of one call$/m);
  expect(stdout).toContain(`written: ${written}`);
});

test('ingest takes a file without single rounds, in any order of keys, and writes where it is told', async () => {
  const { machine_info, ...rest } = JSON.parse(readFileSync(join(FIXTURES, '5.3.1-saved.json'), 'utf8'));
  const { datetime, version, commit_info, benchmarks } = rest;
  const path = put('saved.json', JSON.stringify({ datetime, version, benchmarks, commit_info, machine_info }));
  const { code, stdout } = await command('ingest', path, '--out', join(folder, 'out.json'));
  expect(code).toBe(0);
  expect(stdout).toMatch(/the file holds no single rounds/);
  expect(observationIn(join(folder, 'out.json')).measures).toHaveLength(10);
  expect(readdirSync(folder).sort()).toEqual(['out.json', 'saved.json']);
});

const whole = JSON.stringify(benchmarkFile(), null, 4);
test.each<[string, string, RegExp]>([
  ['an empty file', '', /is empty: k6 or pytest ended before it wrote anything/],
  [
    'a file that is cut off',
    whole.slice(0, whole.length / 2),
    /is not valid JSON: .*\n.*run pytest --benchmark-json anew/,
  ],
  [
    'no benchmarks',
    JSON.stringify({ ...benchmarkFile(), benchmarks: [] }),
    /benchmarks: there is none: either pytest found/,
  ],
  [
    'statistics missing',
    JSON.stringify({ ...benchmarkFile(), benchmarks: [{ fullname: 'x' }] }),
    /benchmarks\.0\.stats: /,
  ],
  ['another library’s benchmarks', '{"context":{},"benchmarks":[]}', /holds no sample of k6/],
  ['half of one', '{"machine_info":{}}', /its machine_info or benchmarks are missing/],
  ['other JSON', '{\n "name": "x"\n}\n', /holds no sample of k6/],
])('%s is refused, and nothing is written', async (_, text, reason) => {
  const path = put('given.json', text);
  const { code, stdout, stderr } = await command('ingest', path);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(reason);
  expect(stderr).toContain('given.json');
  expect(stderr).not.toMatch(NO_STACK);
  expect(readdirSync(folder)).toEqual(['given.json']);
});

test('a result that cannot be written is an error, and leaves nothing half-written', async () => {
  const path = putFile('given.json');
  const out = join(folder, 'nowhere', 'out.json');
  const { code, stderr } = await command('ingest', path, '--out', out);
  expect(code).toBe(2);
  expect(stderr).toMatch(/out\.json cannot be written: its folder does not exist/);
  expect(readdirSync(folder)).toEqual(['given.json']);
});

test.each([
  ['with single rounds', true],
  ['without them', false],
])('two files, %s: the benchmark that is 30 %% slower is REGRESSED alone, and one-sided ones are listed', async (_, data) => {
  const slow = FIFTEEN[6] as string;
  const before = putFile('before.json', { data, names: [...FIFTEEN, 'a.py::test_gone'] });
  const after = putFile('after.json', {
    data,
    seed: 2,
    factors: { [slow]: 1.3 },
    names: [...FIFTEEN, 'a.py::test_new'],
  });
  await command('ingest', before);
  const json = join(folder, 'comparison.json');
  // One side as pytest wrote it, the other as ingest did: both are accepted.
  const { code, stdout } = await command(
    'compare',
    '--baseline',
    join(folder, 'before.observation.json'),
    after,
    '--json',
    json,
  );
  expect(code).toBe(1);
  const { rows, onlyInBaseline, onlyInCandidate, verdict } = readJson(json, comparisonSchema, 'the comparison');
  expect(verdict).toBe('REGRESSED');
  expect(rows.filter((row) => row.gating && row.verdict === 'REGRESSED').map(({ operation }) => operation)).toEqual([
    slow,
  ]);
  expect(onlyInBaseline).toContain('a.py::test_gone.median');
  expect(onlyInCandidate).toContain('a.py::test_new.median');
  for (const name of [slow, 'a.py::test_gone', 'a.py::test_new']) expect(stdout).toContain(name);
});
