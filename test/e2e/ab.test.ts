import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { abSchema } from '../../scripts/result/ab';
import { ab, comparisonIn, FASTER_LOAD } from '../support/ab';
import { cli, type Finished, startCli, temporaryFolder, until } from '../support/cli';
import { repeated } from '../support/load';
import {
  answered,
  type ReferenceProcess,
  reference,
  startReferenceProcess,
  stopReferences,
} from '../support/reference';

let folder: string;

beforeAll(() => {
  folder = temporaryFolder('ab');
});

afterEach(stopReferences);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a server that dies meanwhile gives no verdict', async () => {
  const [a, b] = [await reference('--control-port', '0'), await reference('--control-port', '0')];
  const running = startCli(
    ['ab', '--baseline-url', a.url, '--candidate-url', b.url, '--out', join(folder, 'dead'), '--max-duration', '20s'],
    { env: FASTER_LOAD },
  );
  await until(async () => (await answered(b)) > 600, 'the candidate is asked', 60_000);
  b.child.kill('SIGKILL');
  const finished = await running.finished;
  expect(finished).toMatchObject({ code: 3, stdout: expect.stringContaining('INVALID') });
  expect(comparisonIn(join(folder, 'dead')).reasons.join('\n')).toContain(
    'the candidate did not answer any more at the end',
  );
}, 120_000);

describe('what cannot be compared is refused before any load', () => {
  test('the same server twice', async () => {
    const { url } = await reference();
    expect(await ab(join(folder, 'twice'), url, url)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('both baseline and candidate'),
    });
  });

  test('one server, by run', async () => {
    const { url } = await reference();
    expect(await cli(['run', 'ab', '--target', url])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('fiml-perf ab'),
    });
  });

  test('a server that is not there', async () => {
    const { url } = await reference();
    const finished = await ab(join(folder, 'nobody'), url, 'http://127.0.0.1:1');
    expect(finished).toMatchObject({ code: 2, stderr: expect.stringContaining('127.0.0.1:1') });
  });

  test.each([
    ['5s', []],
    ['soon', []],
    ['30s', ['--restart-baseline', 'true']],
  ])('a longest duration of %s', async (duration, more) => {
    const finished = await ab(join(folder, 'short'), 'http://127.0.0.1:1', 'http://127.0.0.1:2', [
      '--max-duration',
      duration,
      ...more,
    ]);
    expect(finished).toMatchObject({ code: 2, stderr: expect.stringContaining('--max-duration must be') });
  });

  test('a restart command that fails says so, and where its output is', async () => {
    const [a, b] = [await reference(), await reference()];
    const finished = await ab(join(folder, 'failing'), a.url, b.url, [
      '--restart-candidate',
      'echo no such unit; exit 5',
    ]);
    expect(finished).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--restart-candidate: the command ended with 5.*restart\.log/),
    });
    expect(readFileSync(join(folder, 'failing', 'restart.log'), 'utf8')).toBe('no such unit\n');
  });
});

describe('two servers that are alike', () => {
  let servers: readonly [ReferenceProcess, ReferenceProcess];
  let finished: Finished;
  /** What they left. */
  let out = '';

  beforeAll(async () => {
    servers = [await startReferenceProcess(['--control-port', '0']), await startReferenceProcess()];
    const [a, b] = servers.map(({ url }) => url.replace('http://', 'http://user:geheim77@')) as [string, string];
    writeFileSync(join(folder, 'a-file'), '');
    const report = join(folder, 'a-file', 'report.txt');
    const load = { PERF_RATE: '40', PERF_HEADERS: '{"X-Key":"schluessel88"}' };
    finished = await repeated(
      (attempt) => {
        out = join(folder, `alike-${attempt}`);
        return ab(out, a, b, ['--max-duration', '20s', '--report', report], load);
      },
      ({ stdout }) => !/\nINVALID {2}candidate/.test(stdout),
    );
  }, 240_000);

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  test('are asked the same, as often', async () => {
    const kept = abSchema.parse(JSON.parse(readFileSync(join(out, 'ab.json'), 'utf8')));
    const { samples } = kept.rounds[0] ?? { samples: { side: [], operation: [] } };
    const counts = [0, 1].map((side) =>
      kept.operations.map(
        (_, operation) => samples.side.filter((of, at) => of === side && samples.operation[at] === operation).length,
      ),
    );
    // The first and the last second may hold a pair of which only one answer lies in the steady phase.
    kept.operations.forEach((_, at) => {
      expect(Math.abs((counts[0]?.[at] ?? 0) - (counts[1]?.[at] ?? 0))).toBeLessThanOrEqual(4);
    });
    expect(await answered(servers[0])).toBeGreaterThan(800);
    expect(comparisonIn(out).verdict).not.toBe('REGRESSED');
  });

  test('get their verdict even where it cannot be written', () => {
    expect(finished.stdout).toMatch(/\n(NO CHANGE|INCONCLUSIVE|IMPROVED) {2}candidate/);
    expect(finished).toMatchObject({ code: 2, stderr: expect.stringContaining('report.txt') });
  });

  test('leave no secret in a file', () => {
    for (const file of ['ab.json', 'comparison.json', 'k6-1.log', 'summary-1.json']) {
      expect(readFileSync(join(out, file), 'utf8')).not.toMatch(/geheim77|schluessel88/);
    }
  });
});
