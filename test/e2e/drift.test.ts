import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startCli, temporaryFolder, until, verdictIn } from '../support/cli';
import { firstPass } from '../support/load';
import { answered, type ReferenceProcess, reference, setFaults, stopReferences } from '../support/reference';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('drift');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(stopReferences);

/** 21.6 s of rounds after 6 s, at a rate that a busy machine keeps up with; the leak is 1 MB in 17 requests. */
const SHORT_ROUNDS = ['run', 'memory-leak', '--time-scale', '0.01', '--duration', '36m', '--rate', '60'];
const LEAK = ['--leak-bytes', '60000'];
/** An hour in 21.6 s. Memory, which grows after every start, is not judged: that takes longer. */
const SHORT_HOUR = [
  'run',
  'load',
  '--profile',
  'endurance',
  '--time-scale',
  '0.006',
  '--rate',
  '25',
  '--probe-rate',
  '15',
];
const NOTHING_WORSE = ['--only', 'endurance-p50,endurance-p95,endurance-error-rate'];
/** Most of an answer's time, so that what neighbours on this machine do is no trend. */
const SERVICE_MS = 300;
/** Each of the twelve parts of the phase adds a tenth of a second: more than busy neighbours do. */
const SLOWER_MS_PER_S = 60;

const on = (server: ReferenceProcess, name: string, args: readonly string[]) =>
  startCli([...args, '--target', server.url, '--out', join(folder, name)]).finished;
const verdictsIn = (name: string) =>
  Object.fromEntries(verdictIn(join(folder, name)).targets.map(({ id, verdict }) => [id, verdict]));

test('memory that a healthy server needs is no leak, and that of one that keeps 60 KB a request is', async () => {
  const [healthy, leaking] = [await reference(), await reference(...LEAK)];
  // On a machine that others keep busy a server is still growing to what it needs after so short a warm-up.
  const [calm, grown] = await Promise.all([
    firstPass((attempt) => on(healthy, `calm-${attempt}`, SHORT_ROUNDS)),
    on(leaking, 'grown', SHORT_ROUNDS),
  ]);
  expect(calm).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\nPASS/) });
  expect(grown).toMatchObject({ code: 1, stdout: expect.stringMatching(/^\nFAIL/) });
  expect(grown.stdout).toMatch(
    /Growth of the server's memory over identical rounds: \+\d+\.\d % over 21s 600ms, from \d+ MB to \d+ MB \(95 % interval \+.*, p /,
  );
  expect(verdictsIn('grown')).toEqual({ 'memory-leak-growth': 'FAIL', 'memory-leak-error-rate': 'PASS' });
}, 360_000);

test('a server that stays as it is passes, and one that gets slower and worse all the time fails', async () => {
  const args = ['--control-port', '0', '--latency-add-ms', String(SERVICE_MS)];
  const worse = await reference(...args);
  const same = firstPass(async (attempt) =>
    on(await reference(...args), `steady-${attempt}`, [...SHORT_HOUR, ...NOTHING_WORSE]),
  );
  const worsening = on(worse, 'worse', [...SHORT_HOUR, ...NOTHING_WORSE]);
  await until(async () => (await answered(worse)) > 100, 'the load is under way');
  for (let second = 1; second <= 20; second++) {
    await setFaults(worse, {
      latencyAddMs: { all: SERVICE_MS + SLOWER_MS_PER_S * second },
      errorRate: { data: second / 100 },
    });
    await new Promise((done) => setTimeout(done, 1000));
  }
  expect(await same).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\nPASS/) });
  const { code, stdout } = await worsening;
  expect(code).toBe(1);
  expect(verdictsIn('worse')).toMatchObject({
    'endurance-p50': 'FAIL',
    'endurance-p95': 'FAIL',
    'endurance-error-rate': 'FAIL',
  });
  expect(stdout).toMatch(
    /Growth of the P50 latency, interactive requests: \+\d+\.\d % over 21s 600ms \(95 % interval \+\d+\.\d to \+\d+\.\d %, p /,
  );
}, 240_000);
