import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildScenarios } from '../../build';
import { coldEquities } from '../../contract';
import { cli, repository, temporaryFolder, verdictIn } from '../support/cli';
import { runK6, startRecorder } from '../support/k6';
import { type ReferenceProcess, startReferenceProcess } from '../support/reference';

jest.setTimeout(180_000);

let folder: string;
let server: ReferenceProcess | undefined;

beforeAll(() => {
  folder = temporaryFolder('components-long');
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('components of the embedded server: there are no third parties to warn of', async () => {
  const out = join(folder, 'embedded');
  const { code, stderr } = await cli(
    ['run', 'components', '--out', out, '--only', 'component-provider', '--rate', '120', '--duration', '3s'],
    { env: { PERF_HISTORY: join(folder, 'history') } },
  );
  expect([code, verdictIn(out).targets.map(({ id, verdict }) => [id, verdict])]).toEqual([
    0,
    [['component-provider', 'PASS']],
  ]);
  expect(stderr).not.toContain('third parties');
});

test('components with plain k6: two runs in a row ask for no symbol twice', async () => {
  server = await startReferenceProcess();
  const dist = join(folder, 'dist');
  await buildScenarios({ root: repository, outDir: dist });
  const asked: { readonly symbol: string; readonly depth: string }[][] = [];
  for (const name of ['first', 'second']) {
    const cwd = join(folder, name);
    mkdirSync(cwd);
    const recorder = await startRecorder(server.url);
    const env = {
      PERF_TARGET: recorder.url,
      PERF_ONLY: 'component-provider,component-narrative',
      PERF_RATE: '120',
      PERF_DURATION: '4s',
    };
    const { code, stdout, stderr } = await runK6(join(dist, 'components.js'), { cwd, env });
    recorder.close();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('fiml_narrative_duration{phase:steady}');
    asked.push(recorder.requests.filter(({ body }) => body !== '').map(({ body }) => JSON.parse(body).arguments));
  }
  const cold = new Set(coldEquities());
  const [first = new Set(), second = new Set()] = asked.map((symbols) => {
    const own = symbols.map(({ symbol, depth }) => `${depth} ${symbol}`);
    for (const { symbol } of symbols) expect(cold.has(symbol)).toBe(true);
    // 6 s of the provider at 24/s, and of narratives one every 2 s.
    expect(own.filter((one) => one.startsWith('quick')).length).toBeGreaterThan(120);
    expect(own.filter((one) => one.startsWith('standard')).length).toBeGreaterThanOrEqual(3);
    expect(new Set(own).size).toBe(own.length);
    return new Set(own);
  });
  expect([...first].filter((one) => second.has(one))).toEqual([]);
});
