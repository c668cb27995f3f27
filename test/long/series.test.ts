import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { historyPath, readHistory } from '../../scripts/history/file';
import { cli, type Finished, startCli, temporaryFolder, until } from '../support/cli';
import { SHORT_LOAD } from '../support/load';
import { type ReferenceProcess, startReferenceProcess } from '../support/reference';

/** With two targets that a few seconds can prove, so that runs pass and can be pooled. */
const PROVABLE_LOAD = [...SHORT_LOAD, '--only', 'p95-cached,error-rate', '--probe-rate', '20'];

let folder: string;
let server: ReferenceProcess | undefined;

beforeAll(() => {
  folder = temporaryFolder('series');
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: readonly string[]): Promise<Finished> =>
  cli(['run', 'load', ...args], {
    env: {
      PERF_RESULTS: join(folder, 'results'),
      PERF_BASELINES: join(folder, 'baselines'),
      PERF_HISTORY: join(folder, 'history'),
    },
  });

test('a series of runs that fail is no baseline, and none of what was there is lost', async () => {
  expect(await run(['--save-baseline', ...PROVABLE_LOAD])).toMatchObject({ code: 0 });
  const path = join(folder, 'baselines', 'load.smoke.json');
  const before = readFileSync(path, 'utf8');
  server = await startReferenceProcess(['--error-rate', 'data=1']);
  const again = ['--repeat', '2', '--save-baseline', '--target', server.url];
  const { code, stdout, stderr } = await run([...again, ...PROVABLE_LOAD]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/\nverdict +FAIL +FAIL\n/);
  expect(stderr).toMatch(/no run is left to make a baseline of[\s\S]*left out: its own verdict is FAIL/);
  expect(readFileSync(path, 'utf8')).toBe(before);
}, 120_000);

test('a series ends with the run in which it was interrupted, which counts for nothing', async () => {
  const results = join(folder, 'interrupted');
  const started = startCli(['run', 'load', '--repeat', '3', '--save-baseline', ...PROVABLE_LOAD, '--duration', '8s'], {
    env: { PERF_RESULTS: results, PERF_HISTORY: join(results, 'history'), PERF_BASELINES: results },
  });
  const folders = () => (existsSync(results) ? readdirSync(results).filter((name) => /^\d{4}-/.test(name)) : []);
  const samples = (name: string | undefined) => existsSync(join(results, name ?? '', 'samples.json.gz'));
  await until(() => folders().length === 2 && samples(folders().sort()[1]), 'the second run sends', 60_000);
  started.child.kill('SIGINT');
  const { code, stdout, stderr } = await started.finished;
  expect(code).toBe(3);
  expect(stdout).toMatch(/run 1 of 3: PASS[\s\S]*run 2 of 3: INVALID[\s\S]*\nverdict +PASS +INVALID\n/);
  expect(stderr).toContain('no baseline was saved: the run was interrupted');
  expect(folders()).toHaveLength(2);
  expect(existsSync(join(results, 'load.smoke.json'))).toBe(false);
  expect(readHistory(historyPath(join(results, 'history'), 'load', 'smoke')).observations).toHaveLength(1);
}, 120_000);
