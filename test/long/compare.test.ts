import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Comparison, comparisonSchema } from '../../scripts/result/comparison';
import { cli, type Finished, temporaryFolder } from '../support/cli';
import { PROVABLE } from '../support/load';
import { startReferenceProcess } from '../support/reference';

/** Long enough for every measure that decides: ten seconds, 400 price queries, 40 DSL results. */
const COMPARABLE_LOAD = ['--rate', '90', '--spawn-rate', '180', '--duration', '12s', ...PROVABLE];

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = temporaryFolder('compare');
  const at = (kind: string) => join(folder, kind);
  env = { PERF_RESULTS: at('results'), PERF_BASELINES: at('baselines'), PERF_HISTORY: at('history') };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], others: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  cli(['run', 'load', ...args], { env: { ...env, ...others } });

describe('runs of a server against its baseline', () => {
  const FACTOR = '4';

  beforeAll(async () => {
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
});
