import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readBaseline } from '../../scripts/baseline';
import { historyPath, readHistory } from '../../scripts/history/file';
import { cli, type Finished, temporaryFolder, verdictIn } from '../support/cli';
import { anew, firstPass, PROVABLE, repeated, SHORT_LOAD } from '../support/load';
import { reference, stopReferences } from '../support/reference';

const folder = temporaryFolder('series');
const at = (kind: string) => join(folder, kind);
const env = { PERF_RESULTS: at('results'), PERF_BASELINES: at('baselines'), PERF_HISTORY: at('history') };
/** The two runs of the series. */
const out = at('out');

afterEach(stopReferences);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], others: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  cli(['run', 'load', ...args], { env: { ...env, ...others } });

test('a series of runs on the embedded server is one after the other, a table, a baseline, and lines of the history', async () => {
  const { code, stdout, stderr } = await firstPass(() => {
    for (const kept of [out, env.PERF_BASELINES, env.PERF_HISTORY]) anew(kept);
    return run(['--repeat', '2', '--save-baseline', '--out', out, ...SHORT_LOAD, ...PROVABLE]);
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('fiml-perf:') });
  expect(stdout).toMatch(/^run 1 of 2: PASS {2}all 2 required targets hold\n {2}\S+\/out\/1\n/);
  expect(stdout).toMatch(
    /\nmeasure +run 1 +run 2\nverdict +PASS +PASS\nPrice queries, cached, P50 +\d.* ms +\d.* ms\n/,
  );
  expect(stdout).toMatch(/\nsaved \S+\/load\.smoke\.json: 2 runs of commit [\da-f]{8}.* on the embedded server/);
  expect(stdout).toContain('warning: 2 runs cannot tell how far runs lie apart');
  expect(['1', '2'].map((name) => verdictIn(join(out, name)).verdict)).toEqual(['PASS', 'PASS']);

  const { observations } = readBaseline(join(env.PERF_BASELINES, 'load.smoke.json'));
  expect(new Set(observations.map(({ runId }) => runId)).size).toBe(2);
  expect(readHistory(historyPath(env.PERF_HISTORY, 'load', 'smoke')).observations).toEqual(observations);
  // Each had a server of its own: the second found nothing that the first had left in a cache.
  expect(stderr.match(/on the embedded server at \S+:\d+/g)).toHaveLength(2);

  const shown = await cli(['baseline', 'show', 'load.smoke'], { env });
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/^load\.smoke: 2 runs/) });
  const again = await run(['--repeat', '3', '--out', out, ...SHORT_LOAD]);
  expect(again.code).toBe(2);
  expect(again.stderr.match(/already holds a run/g)).toHaveLength(2);
  expect(existsSync(join(out, '3'))).toBe(false);
}, 120_000);

test('a run tells its verdict even where its history cannot be written', async () => {
  const { url } = await reference();
  const other = ['--target', url, ...SHORT_LOAD, '--duration', '5s', ...PROVABLE];
  const { code, stdout, stderr } = await repeated(
    () => run([...other, '--out', anew(at('other'))], { PERF_HISTORY: '/dev/null/history' }),
    (told) => told.stdout.startsWith('\nPASS'),
  );
  expect(stdout).toMatch(/^\nPASS/);
  expect(stderr).toMatch(/fiml-perf: \/dev\/null\/history\/load\.smoke\.jsonl cannot be written: /);
  expect(code).toBe(2);
}, 120_000);

test('a run is not compared when it measured something else, until the difference is accepted', async () => {
  const args = ['compare', '--baseline', 'load.smoke', at('other')];
  const { code, stdout, stderr } = await cli(args, { env });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/PERF_DURATION: 4s in the baseline, 5s in the candidate/);
  expect(stderr).toMatch(/target: embedded server in the baseline, server at a URL in the candidate/);
  const [, names = ''] = /accept them with --allow (\S+)/.exec(stderr) ?? [];
  const accepted = await cli([...args, '--allow', names], { env });
  expect(accepted.stdout).toContain('accepted as the same: PERF_DURATION: 4s in the baseline, 5s in the candidate');
}, 60_000);

test('of writers at once one wins whole, and nothing else is left behind', async () => {
  const into = at('raced');
  const saves = ['1', '2', '1', '2'].map((name) =>
    cli(['baseline', 'save', 'load.smoke', join(out, name)], { env: { PERF_BASELINES: into } }),
  );
  for (const { code, stderr } of await Promise.all(saves)) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readdirSync(into)).toEqual(['load.smoke.json']);
  expect(readBaseline(join(into, 'load.smoke.json')).observations).toHaveLength(1);
}, 60_000);
