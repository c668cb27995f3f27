import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../scripts/result/files';
import { runSchema } from '../../scripts/result/run';
import { summarySchema } from '../../scripts/result/summary';
import { ensureK6 } from '../../scripts/setup';
import {
  cli,
  copyOfRepository,
  type Finished,
  startCli,
  temporaryFolder,
  until,
  verdictIn,
  wrapK6,
} from '../support/cli';
import { schemaErrors, suitesIn } from '../support/junit';
import { anew, FULL_LOAD, firstPass, judged, SHORT_LOAD } from '../support/load';
import { answered, type ReferenceProcess, reference, setFaults, stopReferences } from '../support/reference';

let folder: string;
let k6: string;

beforeAll(async () => {
  folder = temporaryFolder('verdicts');
  k6 = (await ensureK6()).path;
}, 300_000);

afterEach(stopReferences);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (name: string, url: string, load: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  cli(['run', 'load', '--profile', 'smoke', '--target', url, '--out', anew(join(folder, name)), ...load], { env });

/** A run during which something befalls the server. */
async function halfway(
  name: string,
  befalls: (server: ReferenceProcess) => unknown,
  env: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const server = await reference('--control-port', '0');
  const running = startCli(['run', 'load', '--target', server.url, '--out', anew(join(folder, name)), ...SHORT_LOAD], {
    env,
  });
  await until(async () => (await answered(server)) > 200, 'the load is under way');
  await befalls(server);
  return running.finished;
}

const readRun = (name: string) => readJson(join(folder, name, 'run.json'), runSchema, 'run.json');
const rows = (name: string) => new Map(verdictIn(join(folder, name)).targets.map((row) => [row.id, row]));
const failedIds = (name: string) =>
  [...rows(name).values()].filter(({ verdict }) => verdict === 'FAIL').map(({ id }) => id);

test('a healthy server passes every target, and all of it is written down', async () => {
  let name = '';
  const inRun = (file: string) => join(folder, name, file);
  const summary = () => `${join(folder, name)}-step-summary.md`;
  const {
    code,
    stdout: json,
    stderr: stdout,
  } = await firstPass(async (attempt) => {
    name = `healthy-${attempt}`;
    // Of a server of its own each time: with the answers of the try before in its cache nothing would pass.
    return run(name, (await reference()).url, [...FULL_LOAD, '--json', '--ci'], { GITHUB_STEP_SUMMARY: summary() });
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^PASS {2}load, profile smoke/m) });
  const verdict = verdictIn(join(folder, name));
  expect(JSON.parse(json)).toEqual(verdict);
  expect(readFileSync(summary(), 'utf8')).toMatch(/^### PASS: load, profile smoke/);
  const junit = readFileSync(inRun('junit.xml'), 'utf8');
  expect(await schemaErrors([junit])).toEqual([]);
  expect(suitesIn(junit)[0]?.counts).toMatchObject({ failures: 0, errors: 0, skipped: 0 });
  expect(verdict.reasons).toEqual([]);
  expect(verdict.targets.map((row) => row.verdict)).toEqual(verdict.targets.map(() => 'PASS'));
  for (const { title } of verdict.targets) expect(stdout).toContain(title);
  for (const file of [
    'run.json',
    'summary.json',
    'result.json',
    'report.md',
    'report.html',
    'k6.log',
    'samples.json.gz',
  ]) {
    expect(existsSync(inRun(file))).toBe(true);
  }
}, 240_000);

describe('a server that is not well', () => {
  test('and answers 300 ms later fails the latency targets by name', async () => {
    const { url } = await reference('--latency-add-ms', '300');
    const { code, stdout } = await judged(() => run('slow', url, SHORT_LOAD));
    expect({ code, stdout }).toMatchObject({ code: 1 });
    expect(failedIds('slow')).toEqual(expect.arrayContaining(['p95-cached', 'mean-api']));
    expect(stdout).toMatch(/P95 latency, cached queries: [3-9]\d\d ms, must be below 200 ms/);
  }, 120_000);

  test('fails likewise when k6 had no thresholds, as of a load that leaves them to the judge', async () => {
    const { url } = await reference('--latency-add-ms', '300');
    const without = wrapK6(temporaryFolder('without'), k6, 'export K6_NO_THRESHOLDS=true');
    const { code, stdout } = await judged(() => run('left', url, SHORT_LOAD, { PERF_K6: without }));
    expect({ code, stdout }).toMatchObject({ code: 1 });
    expect(failedIds('left')).toEqual(expect.arrayContaining(['p95-cached', 'mean-api']));
    const { metrics } = readJson(join(folder, 'left', 'summary.json'), summarySchema, "k6's summary");
    expect(metrics.http_req_duration?.values.count).toBeGreaterThan(0);
    // Neither has k6 judged, nor kept what it would have judged by.
    expect(Object.keys(metrics).filter((name) => name.includes('{'))).toEqual([]);
    expect(readRun('left').k6.exitCode).toBe(0);
  }, 120_000);

  test('and has no data in 3 % of its answers, at HTTP 200, fails with the layer named', async () => {
    const { url } = await reference('--error-rate', 'data=0.03');
    const { code, stdout } = await judged(() => run('dataless', url, SHORT_LOAD));
    expect({ code, stdout }).toMatchObject({ code: 1 });
    expect(failedIds('dataless')).toContain('error-rate');
    expect(stdout).toMatch(/Error rate.* must be below 1 %; \d+ failures by layer: data \d+ \(100 %\)/);
  }, 120_000);

  test('and cannot take the rate fails: what it left out can only have flattered it', async () => {
    const { url } = await reference('--capacity', '1', '--latency-add-ms', '25');
    const { code, stdout } = await judged(() => run('overloaded', url, SHORT_LOAD));
    expect({ code, stdout }).toMatchObject({ code: 1 });
    const verdict = verdictIn(join(folder, 'overloaded'));
    expect(verdict.verdict).toBe('FAIL');
    expect(failedIds('overloaded')).toContain('p95-cached');
    expect(verdict.checks.filter(({ ok }) => !ok).map(({ kind }) => kind)).not.toContain('blinding');
  }, 120_000);

  test('and dies at half-time fails with what was not answered', async () => {
    const { code, stdout } = await judged(() => halfway('dies', ({ child }) => child.kill('SIGKILL')));
    expect({ code, stdout }).toMatchObject({ code: 1 });
    expect(failedIds('dies')).toEqual(expect.arrayContaining(['error-rate', 'uptime']));
    expect(stdout).toMatch(/failures by layer: transport \d+/);
  }, 120_000);

  test('and freezes at half-time fails with what was not answered', async () => {
    const { code, stdout } = await judged(() =>
      halfway('freezes', (server) => setFaults(server, { freeze: true }), { PERF_TIMEOUT: '2s' }),
    );
    expect({ code, stdout }).toMatchObject({ code: 1 });
    expect(stdout).toMatch(/failures by layer: transport \d+/);
    const unanswered = verdictIn(join(folder, 'freezes')).checks.find(({ id }) => id === 'unanswered');
    expect(unanswered).toMatchObject({ kind: 'flattering', ok: false });
  }, 120_000);

  test('and is restarted at half-time cannot be judged: two processes were measured', async () => {
    const { code, stdout } = await halfway('restarts', async (server) => {
      await server.stop();
      await reference('--port', new URL(server.url).port);
    });
    expect(code).toBe(3);
    expect(stdout).toContain('the server was restarted during the run');
  }, 120_000);
});

test('k6 has its thresholds, and of a larger load none, which the run says, and less room for garbage', async () => {
  const { url } = await reference();
  // Tells what it was given, and sends nothing: such a load takes an hour.
  const noted = join(folder, 'noted');
  const silent = wrapK6(temporaryFolder('silent'), k6, `echo "[$K6_NO_THRESHOLDS] $GOGC" >>'${noted}'; exit 0`);
  const sendsNothing = (name: string, load: readonly string[], env = {}) =>
    run(name, url, load, { PERF_K6: silent, ...env });
  expect((await sendsNothing('small', ['--rate', '100', '--duration', '10m'])).code).toBe(3);
  expect((await sendsNothing('large', ['--rate', '100', '--duration', '1h'])).code).toBe(3);
  expect((await sendsNothing('own room', ['--rate', '100', '--duration', '10m'], { GOGC: '200' })).code).toBe(3);
  const given = readFileSync(noted, 'utf8').trim().split('\n');
  expect(given.map((line) => line.split(' ')[0])).toEqual(['[]', '[true]', '[]']);
  const [small, large, own] = given.map((line) => Number(line.split(' ')[1]));
  expect(small).toBeGreaterThan(large as number);
  expect(own).toBe(200);
  expect(readRun('small').k6).not.toHaveProperty('leftToJudge');
  expect(readRun('large').k6).toMatchObject({ leftToJudge: true });
}, 120_000);

describe('a measurement that says nothing', () => {
  test('because every iteration throws is INVALID, with the message and the line', async () => {
    const source = readFileSync(join(__dirname, '../../lib/users.ts'), 'utf8');
    const throwing = source.replace('    traffic() {', '$&\n      JSON.parse("nothing");');
    const copy = copyOfRepository({ 'lib/users.ts': throwing });
    try {
      const { url } = await reference();
      const args = ['run', 'load', '--target', url, '--out', join(folder, 'throwing'), ...SHORT_LOAD];
      const { code, stdout } = await cli(args, { root: copy.root, env: { PERF_K6: k6 } });
      expect(code).toBe(3);
      expect(stdout).toMatch(/this run cannot be judged: \d+ iterations threw; the first: SyntaxError.*users\.ts:\d+/);
    } finally {
      copy.remove();
    }
  }, 120_000);

  test('because k6 was killed is INVALID, and what there is was still read', async () => {
    const { url } = await reference();
    const killed = wrapK6(temporaryFolder('killed'), k6, '(sleep 4; kill -9 $$) &');
    // As CSV: what k6 has compressed and not yet written goes with it.
    const { code, stdout } = await run('killed', url, [...SHORT_LOAD, '--record', 'csv'], { PERF_K6: killed });
    expect(code).toBe(3);
    expect(stdout).toContain('this run cannot be judged: k6 was ended by SIGKILL');
    expect(existsSync(join(folder, 'killed', 'result.json'))).toBe(true);
    expect(existsSync(join(folder, 'killed', 'report.md'))).toBe(true);
  }, 120_000);

  test('because it was interrupted is INVALID, in order and with what there is', async () => {
    const server = await reference('--control-port', '0');
    const running = startCli([
      'run',
      'load',
      '--target',
      server.url,
      '--out',
      join(folder, 'interrupted'),
      ...FULL_LOAD,
    ]);
    await until(async () => (await answered(server)) > 200, 'the load is under way');
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    expect(code).toBe(3);
    expect(stdout).toContain('this run cannot be judged: the run was interrupted');
    expect(existsSync(join(folder, 'interrupted', 'summary.json'))).toBe(true);
  }, 120_000);
});
