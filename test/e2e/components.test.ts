import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildScenarios } from '../../build';
import { coldEquities } from '../../contract';
import { cli, repository, temporaryFolder, verdictIn } from '../support/cli';
import { runK6, startRecorder } from '../support/k6';
import { type ReferenceProcess, startReferenceProcess } from '../support/reference';

jest.setTimeout(180_000);

const MEASURED = ['component-l1', 'component-provider', 'component-dsl-sync', 'component-dsl-task'];
const ELSEWHERE = [
  'component-l2',
  'component-agent',
  'component-dsl-parsing',
  'component-model',
  'component-serialisation',
];
/** Six seconds in which each P95 gets its samples, but for the narratives, which nothing makes faster. */
const BRISK = ['--rate', '120', '--duration', '6s'];
/** Long enough for two looks at the server's counters. */
const SHORT = ['--rate', '120', '--duration', '3s'];

let folder: string;
const servers: ReferenceProcess[] = [];

beforeAll(() => {
  folder = temporaryFolder('components');
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function reference(...args: string[]): Promise<ReferenceProcess> {
  const server = await startReferenceProcess(args);
  servers.push(server);
  return server;
}

const run = (name: string, args: readonly string[]) =>
  cli(['run', 'components', '--out', join(folder, name), ...args], {
    env: { PERF_HISTORY: join(folder, 'history'), PERF_RESULTS: join(folder, 'results') },
  });

const rowsOf = (name: string) => new Map(verdictIn(join(folder, name)).targets.map((row) => [row.id, row]));
const verdicts = (name: string) =>
  Object.fromEntries([...rowsOf(name)].map(([id, { verdict }]) => [id, verdict] as const));

describe('over HTTP', () => {
  test('each component is measured on its own, and what no request reaches is listed, never passed', async () => {
    const { url } = await reference();
    const { code, stdout, stderr } = await run('whole', ['--target', url, ...BRISK]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\nWARN {2}components, profile smoke/),
    });
    expect(verdicts('whole')).toEqual({
      ...Object.fromEntries(MEASURED.map((id) => [id, 'PASS'])),
      'component-narrative': 'WARN',
      ...Object.fromEntries(ELSEWHERE.map((id) => [id, 'INFO'])),
    });
    const rows = rowsOf('whole');
    expect(rows.get('component-narrative')).toMatchObject({
      measurable: true,
      reason: expect.stringMatching(/^too few samples: [34], and below 3000 ms takes 59$/),
    });
    for (const id of ELSEWHERE) {
      expect(rows.get(id)).toMatchObject({ value: null, measurable: false });
      expect(rows.get(id)?.reason).toMatch(
        /^not measurable on this target\. .*fiml-perf (components --postgres|ingest) /,
      );
    }
    // About 72 price queries a second for 6 s, each of which reads the cache once.
    const l1 = rows.get('component-l1');
    expect(l1?.samples).toBeGreaterThan(300);
    expect(l1?.samples).toBeLessThan(450);
    expect(l1?.value).toBeGreaterThan(0);
    expect(stderr).toMatch(
      /^warning: about \d+ requests will go on to this server's providers, and 4 narratives to its LLM if it has one: /m,
    );
  });

  test('FK-DSL that is slow in one request fails that component alone', async () => {
    const { url } = await reference('--latency-add-ms', 'dsl-sync=1200');
    const only = 'component-l1,component-dsl-sync,component-dsl-task';
    const { code, stdout } = await run('slow', ['--target', url, '--only', only, ...BRISK]);
    expect(verdicts('slow')).toEqual({
      'component-l1': 'PASS',
      'component-dsl-sync': 'FAIL',
      'component-dsl-task': 'PASS',
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/P95 time to a DSL result, synchronous: 1\d\d\d ms, must be below 1000 ms/);
  });

  test('without an LLM narratives are not measurable, and nothing else is the worse for it', async () => {
    const { url } = await reference('--no-llm');
    const only = ['--only', 'component-dsl-task,component-narrative'];
    const { code } = await run('no-llm', ['--target', url, ...only, ...BRISK]);
    expect([code, verdicts('no-llm')]).toEqual([0, { 'component-dsl-task': 'PASS', 'component-narrative': 'WARN' }]);
    expect(rowsOf('no-llm').get('component-narrative')).toMatchObject({
      measurable: false,
      value: null,
      reason: expect.stringMatching(/^not measurable on this target\. .*the server has no LLM configured/),
    });
  });

  test('behind several workers L1 is not measurable', async () => {
    const { url } = await reference('--workers', '4');
    const { code } = await run('workers', ['--target', url, '--only', 'component-l1', ...SHORT]);
    expect([code, verdicts('workers')]).toEqual([3, { 'component-l1': 'INVALID' }]);
    expect(rowsOf('workers').get('component-l1')?.reason).toMatch(
      /^not measurable on this target: several workers behind one address\./,
    );
  });

  test('symbols that are cached already do not pass for a provider’s speed', async () => {
    const { url } = await reference();
    let done = false;
    const keepWarm = async () => {
      const symbols = coldEquities();
      while (!done) {
        for (let at = 0; at < symbols.length && !done; at += 50) {
          await (await fetch(`${url}/api/market/prices?symbols=${symbols.slice(at, at + 50).join(',')}`)).text();
        }
      }
    };
    const warming = keepWarm();
    const { code } = await run('warm', ['--target', url, '--only', 'component-provider', ...SHORT]);
    done = true;
    await warming;
    expect([code, verdicts('warm')]).toEqual([3, { 'component-provider': 'INVALID' }]);
    expect(rowsOf('warm').get('component-provider')?.reason).toMatch(
      /^not measurable on this target: symbols that should be new to its cache were in it\./,
    );
  });

  test('on the embedded server there are no third parties to warn of', async () => {
    const { code, stderr } = await run('embedded', ['--only', 'component-provider', ...SHORT]);
    expect([code, verdicts('embedded')]).toEqual([0, { 'component-provider': 'PASS' }]);
    expect(stderr).not.toContain('third parties');
  });

  test('what cannot be measured over HTTP is refused when it is asked for alone; a plan is shown without load', async () => {
    const refused = await run('refused', ['--only', 'component-l2']);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('PERF_ONLY names nothing that the scenario components can measure over HTTP'),
    ]);
    const planned = await run('planned', ['--dry-run', '--only', 'component-provider']);
    expect([planned.code, planned.stdout]).toEqual([
      0,
      expect.stringMatching(/components: nothing was sent[\s\S]*provider 68/),
    ]);
  });

  test('with plain k6, two runs in a row ask for no symbol twice', async () => {
    const { url } = await reference();
    const dist = join(folder, 'dist');
    await buildScenarios({ root: repository, outDir: dist });
    const asked: { readonly symbol: string; readonly depth: string }[][] = [];
    for (const name of ['first', 'second']) {
      const cwd = join(folder, name);
      mkdirSync(cwd);
      const recorder = await startRecorder(url);
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
});
