import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { coldEquities } from '../../contract';
import { cli, temporaryFolder, verdictIn } from '../support/cli';
import { anew, firstPass, judged } from '../support/load';
import { reference, stopReferences } from '../support/reference';

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

beforeAll(() => {
  folder = temporaryFolder('components');
});
afterEach(stopReferences);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (name: string, args: readonly string[]) =>
  cli(['run', 'components', '--out', anew(join(folder, name)), ...args], {
    env: { PERF_HISTORY: join(folder, 'history'), PERF_RESULTS: join(folder, 'results') },
  });

const rowsOf = (name: string) => new Map(verdictIn(join(folder, name)).targets.map((row) => [row.id, row]));
const verdicts = (name: string) =>
  Object.fromEntries([...rowsOf(name)].map(([id, { verdict }]) => [id, verdict] as const));

describe('over HTTP', () => {
  test('each component is measured on its own, and what no request reaches is listed, never passed', async () => {
    // Of a server of its own each time: what was cold once is not the second time.
    const { code, stdout, stderr } = await firstPass(async () =>
      run('whole', ['--target', (await reference()).url, ...BRISK]),
    );
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
    const { code, stdout } = await judged(() => run('slow', ['--target', url, '--only', only, ...BRISK]));
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
});
