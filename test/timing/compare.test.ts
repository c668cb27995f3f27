import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readBaseline } from '../../scripts/baseline';
import { historyPath, readHistory } from '../../scripts/history/file';
import { type Comparison, comparisonSchema } from '../../scripts/result/comparison';
import { cli, type Finished, temporaryFolder, verdictIn } from '../support/cli';
import { SHORT_LOAD } from '../support/load';
import { startReferenceProcess } from '../support/reference';

/** Two targets that a few seconds can prove, so that runs pass and can be pooled, and no more probes than that takes. */
const PROVABLE = ['--only', 'p95-cached,error-rate', '--probe-rate', '20'];
/** Long enough for every measure that decides: ten seconds, 400 price queries, 40 DSL results. */
const COMPARABLE_LOAD = ['--rate', '90', '--spawn-rate', '180', '--duration', '12s', ...PROVABLE];

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = temporaryFolder('compare');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Folders of its own for each group of tests. */
function keepIn(name: string): void {
  const at = (kind: string) => join(folder, name, kind);
  env = { PERF_RESULTS: at('results'), PERF_BASELINES: at('baselines'), PERF_HISTORY: at('history') };
}

const run = (args: readonly string[], others: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  cli(['run', 'load', ...args], { env: { ...env, ...others } });

describe('a series of runs', () => {
  beforeAll(() => keepIn('series'));

  test('on the embedded server is a run after the other, a table, a baseline, and lines of the history', async () => {
    const out = join(folder, 'series', 'out');
    const { code, stdout, stderr } = await run([
      ...['--repeat', '2', '--save-baseline', '--out', out],
      ...[...SHORT_LOAD, ...PROVABLE],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('fiml-perf:') });
    expect(stdout).toMatch(/^run 1 of 2: PASS {2}all 2 required targets hold\n {2}\S+\/out\/1\n/);
    expect(stdout).toMatch(
      /\nmeasure +run 1 +run 2\nverdict +PASS +PASS\nPrice queries, cached, P50 +\d.* ms +\d.* ms\n/,
    );
    expect(stdout).toMatch(/\nsaved \S+\/load\.smoke\.json: 2 runs of commit [\da-f]{8}.* on the embedded server/);
    expect(stdout).toContain('warning: 2 runs cannot tell how far runs lie apart');
    expect(['1', '2'].map((name) => verdictIn(join(out, name)).verdict)).toEqual(['PASS', 'PASS']);

    const { observations } = readBaseline(join(env.PERF_BASELINES ?? '', 'load.smoke.json'));
    expect(new Set(observations.map(({ runId }) => runId)).size).toBe(2);
    expect(readHistory(historyPath(env.PERF_HISTORY ?? '', 'load', 'smoke')).observations).toEqual(observations);
    // Each had a server of its own: the second found nothing that the first had left in a cache.
    expect(stderr.match(/on the embedded server at \S+:\d+/g)).toHaveLength(2);

    const shown = await cli(['baseline', 'show', 'load.smoke'], { env });
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/^load\.smoke: 2 runs/) });
    const again = await run(['--repeat', '3', '--out', out, ...SHORT_LOAD]);
    expect(again.code).toBe(2);
    expect(again.stderr.match(/already holds a run/g)).toHaveLength(2);
    expect(existsSync(join(out, '3'))).toBe(false);
  }, 120_000);

  test('tells its verdicts even where its history cannot be written', async () => {
    const { code, stdout, stderr } = await run([...SHORT_LOAD, ...PROVABLE], { PERF_HISTORY: '/dev/null/history' });
    expect(stdout).toMatch(/^\nPASS/);
    expect(stderr).toMatch(/fiml-perf: \/dev\/null\/history\/load\.smoke\.jsonl cannot be written: /);
    expect(code).toBe(2);
  }, 60_000);
});

describe('runs of a server against its baseline', () => {
  const FACTOR = '4';

  beforeAll(async () => {
    keepIn('compared');
    const good = ['good-1', 'good-2'];
    for (const name of good)
      expect(await runOn(name)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\nPASS/) });
    const folders = good.map((name) => join(folder, name));
    const { code, stdout } = await cli(['baseline', 'save', 'load.smoke', ...folders], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^saved \S+: 2 runs of commit /) });
  }, 180_000);

  /** A run of a server of its own: with a former run's answers in its cache it would be another measurement. */
  async function runOn(name: string, ...faults: string[]): Promise<Finished> {
    const server = await startReferenceProcess(faults);
    try {
      return await run(['--target', server.url, '--out', join(folder, name), ...COMPARABLE_LOAD]);
    } finally {
      await server.stop();
    }
  }

  /** A run of a server with these faults, against the baseline. */
  async function compared(name: string, ...faults: string[]): Promise<{ told: Finished; comparison: Comparison }> {
    await runOn(name, ...faults);
    const json = join(folder, `${name}.json`);
    const told = await cli(['compare', '--baseline', 'load.smoke', join(folder, name), '--json', json], { env });
    return { told, comparison: comparisonSchema.parse(JSON.parse(readFileSync(json, 'utf8'))) };
  }

  const regressed = ({ rows }: Comparison, gating: boolean): string[] =>
    rows.filter((row) => row.gating === gating && row.verdict === 'REGRESSED').map(({ id }) => id);

  test('is not failed for what chance and a busy machine do', async () => {
    const { told, comparison } = await compared('same');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(/^\n(NO CHANGE|INCONCLUSIVE|IMPROVED) {2}load, profile smoke: 1 run of commit /);
    expect(regressed(comparison, true)).toEqual([]);
    const again = await cli(['compare', '--baseline', 'load.smoke', join(folder, 'same'), '--ci'], { env });
    expect(again.stdout).not.toContain('::error');
  }, 120_000);

  // Three short runs on a machine that others use at the same time cannot tell a third more from chance, and must not; what
  // they must find is an operation that takes several times as long.
  test('is REGRESSED, by name, by the one operation that got slower, and not by others', async () => {
    const { told, comparison } = await compared('slow', '--latency-factor', `search-quick=${FACTOR}`);
    expect(told.code).toBe(1);
    expect(told.stdout).toMatch(
      /^\nREGRESSED {2}load, profile smoke: 1 run .* against 2 runs .*; the baseline is \d+ minutes? older\n/,
    );
    // The median: what else the machine does in these seconds is in the tail first.
    expect(regressed(comparison, true)).toContain('price.p50');
    expect(regressed(comparison, true).filter((id) => !id.startsWith('price.'))).toEqual([]);
    // What does not decide may be touched by other work of these seconds; by how much, no other comes near.
    const medians = comparison.rows.filter(({ id }) => id.endsWith('.p50'));
    const most = medians.reduce((worst, row) => ((row.change ?? 0) > (worst.change ?? 0) ? row : worst));
    expect(most).toMatchObject({ gating: false, verdict: 'REGRESSED' });
    // Those that are not cached are quick searches, too, and may be slower by as much.
    expect(['search-quick.p50', 'cold.p50']).toContain(most.id);
    const report = join(folder, 'regression_report.txt');
    const ci = ['compare', '--baseline', 'load.smoke', join(folder, 'slow'), '--ci', '--report', report];
    const annotated = await cli(ci, { env });
    expect(annotated.code).toBe(1);
    expect(annotated.stdout).toMatch(/^::error title=fiml-perf REGRESSED::Price queries, cached, P50: \+/m);
    expect(readFileSync(report, 'utf8')).toMatch(/^# Regression report: REGRESSED\n/);
  }, 120_000);

  test('is refused when it measured something else, until the difference is accepted', async () => {
    const args = ['compare', '--baseline', 'load.smoke', join(folder, 'series', 'out', '1')];
    const { code, stdout, stderr } = await cli(args, { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/PERF_DURATION: 12s in the baseline, 4s in the candidate/);
    expect(stderr).toMatch(/target: server at a URL in the baseline, embedded server in the candidate/);
    const [, names = ''] = /accept them with --allow (\S+)/.exec(stderr) ?? [];
    const accepted = await cli([...args, '--allow', names], { env });
    expect(accepted.stdout).toContain('accepted as the same: PERF_DURATION: 12s in the baseline, 4s in the candidate');
  }, 60_000);
});

test('of writers at once one wins whole, and nothing else is left behind', async () => {
  keepIn('series');
  const runs = join(folder, 'series', 'out');
  const into = join(folder, 'raced');
  const saves = ['1', '2', '1', '2'].map((name) =>
    cli(['baseline', 'save', 'load.smoke', join(runs, name)], { env: { PERF_BASELINES: into } }),
  );
  for (const { code, stderr } of await Promise.all(saves)) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readdirSync(into)).toEqual(['load.smoke.json']);
  expect(readBaseline(join(into, 'load.smoke.json')).observations).toHaveLength(1);
}, 60_000);
