import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Full, fullSchema } from '../../scripts/result/full';
import { verdictSchema } from '../../scripts/result/verdict';
import { cli, type Finished, startCli, temporaryFolder, until } from '../support/cli';
import { suitesIn } from '../support/junit';
import { firstPass, judged } from '../support/load';
import { answered, type ReferenceProcess, startReferenceProcess } from '../support/reference';

let folder: string;
let server: ReferenceProcess;

beforeAll(async () => {
  folder = temporaryFolder('full');
  server = await startReferenceProcess(['--control-port', '0']);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Limits that take few samples, so that a few seconds are enough. */
function limits(changes: Readonly<Record<string, object>> = {}): string {
  const path = join(folder, `limits-${Object.keys(changes).join('-')}.json`);
  writeFileSync(
    path,
    JSON.stringify({ version: 1, targets: { 'task-completion': { limit: 0.5 }, uptime: { limit: 0.9 }, ...changes } }),
  );
  return path;
}

const resultsOf = (name: string) => join(folder, name);
const environment = (name: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PERF_RESULTS: resultsOf(name),
  PERF_RATE: '40',
  PERF_THRESHOLDS: limits(),
  ...more,
});
/** The newest suite of a folder of results. */
function suiteIn(name: string): { path: string; full: Full } {
  const path = join(resultsOf(name), readlinkSync(join(resultsOf(name), 'latest')));
  return { path, full: fullSchema.parse(JSON.parse(readFileSync(join(path, 'full.json'), 'utf8'))) };
}
const namesOf = (text: string) => [...text.matchAll(/^\| \[?([a-z-]+)/gm)].map(([, name]) => name);

test('two parts that pass are one PASS, each with a report of its own, and the budget is told first', async () => {
  // Where no Redis is on PATH each part has an embedded server.
  const env = environment('green', { PATH: folder });
  const { code, stdout } = await firstPass(() =>
    cli(['full', '--only', 'targets,peak', '--time-scale', '0.3'], { env }),
  );
  expect(stdout).toMatch(/^full: 2 of 2 parts in about .*; each on an embedded server of its own/);
  expect(stdout).toMatch(/targets +\d+s +scaled to 0\.15\n/);
  expect(stdout).toMatch(/\nPASS +full: 2 parts: 2 PASS; it took /);
  expect(code).toBe(0);
  const { path, full } = suiteIn('green');
  expect(path).toMatch(/-full$/);
  expect(full).toMatchObject({ verdict: 'PASS', exitCode: 0 });
  expect(full.parts.map(({ name, verdict, profile }) => [name, verdict, profile])).toEqual([
    ['targets', 'PASS', 'smoke'],
    ['peak', 'PASS', 'peak'],
  ]);
  for (const part of full.parts) {
    const verdict = verdictSchema.parse(JSON.parse(readFileSync(join(path, part.name, 'verdict.json'), 'utf8')));
    expect(verdict.verdict).toBe('PASS');
  }
  const report = readFileSync(join(path, 'report.md'), 'utf8');
  for (const [, link = ''] of report.matchAll(/\]\(([^)]+)\)/g)) expect(existsSync(join(path, link))).toBe(true);
  expect((await cli(['report', join(resultsOf('green'), 'latest')])).stdout).toBe(report);
  const junit = readFileSync(join(path, 'junit.xml'), 'utf8');
  expect(suitesIn(junit).map(({ name }) => name)).toEqual(['full', 'full.targets', 'full.peak']);
  expect(junit).not.toMatch(/<(?:failure|error) /);
}, 300_000);

test('a part that fails fails all and is told first; one for which nothing is at hand is not run, and no pass', async () => {
  const env = environment('red', {
    PERF_TARGET: server.url,
    PERF_PROBE_RATE: '15',
    PERF_THRESHOLDS: limits({ 'peak-p95': { limit: 0.001 } }),
  });
  const args = ['full', '--only', 'redis-slow,peak', '--time-scale', '0.2', '--ci'];
  const { code, stdout } = await judged(() => cli(args, { env }));
  expect({ code, stdout }).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/\nFAIL +full: 2 parts: 1 FAIL, 1 NOT RUN; /),
  });
  expect(stdout).toMatch(
    /redis-slow +not run +Redis answers \d+ ms later: it takes Toxiproxy with a proxy called redis/,
  );
  expect(stdout).toMatch(/^::error title=fiml-perf peak FAIL::P95 latency at twice the load/m);
  expect(stdout).toMatch(/^::warning title=fiml-perf redis-slow NOT RUN::/m);
  const { path, full } = suiteIn('red');
  expect(full.parts.find(({ name }) => name === 'redis-slow')).toMatchObject({
    verdict: 'NOT RUN',
    countsAs: 'WARN',
    folder: null,
    fault: 'redis-slow',
  });
  expect(namesOf(readFileSync(join(path, 'report.md'), 'utf8'))).toEqual(['peak', 'redis-slow']);
  expect(existsSync(join(path, 'redis-slow'))).toBe(false);
}, 240_000);

test('Ctrl-C ends the part that is going on in order, and leaves the rest not run', async () => {
  const env = environment('interrupted', { PERF_TARGET: server.url });
  const before = await answered(server);
  const { child, finished } = startCli(['full', '--only', 'targets,peak'], { env });
  await until(async () => (await answered(server)) > before + 100, 'load on the server');
  child.kill('SIGINT');
  const { code, stdout } = await finished;
  expect({ code, stdout }).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/\nINVALID +full: 2 parts: 1 INVALID, 1 NOT RUN/),
  });
  const { path, full } = suiteIn('interrupted');
  expect(full.parts.map(({ name, verdict, countsAs, headline }) => [name, verdict, countsAs, headline])).toEqual([
    ['targets', 'INVALID', 'INVALID', expect.any(String)],
    ['peak', 'NOT RUN', 'INVALID', 'the suite was interrupted before its turn'],
  ]);
  expect(readdirSync(path).sort()).toEqual(['full.json', 'junit.xml', 'report.html', 'report.md', 'targets']);
}, 120_000);

describe('before any load', () => {
  const full = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Finished> =>
    cli(['full', ...args], { env: { PERF_RESULTS: resultsOf('never'), ...env } });
  afterEach(() => expect(existsSync(resultsOf('never'))).toBe(false));

  test('--dry-run tells what each part takes, and sends nothing', async () => {
    const before = await answered(server);
    const { code, stdout, stderr } = await full(['--dry-run'], { PERF_TARGET: server.url });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^full: 8 of 18 parts in about \d+m \d+s, over at about \d\d:\d\d:\d\d; all on the server at/,
    );
    expect(stdout).toMatch(/\nsmoke +43s +scaled to 0\.6\n/);
    // What it calls cold may still be cached.
    expect(stdout).toMatch(
      /\ntargets +39s +scaled to 0\.5, after 34s until the cache has forgotten the parts before\n/,
    );
    expect(stdout.match(/not run/g)).toHaveLength(10);
    expect(await answered(server)).toBe(before);
  });

  test('drivers of faults make more parts possible', async () => {
    const control = { PERF_TARGET: server.url, PERF_CONTROL: server.controlUrl as string };
    const one = await full(['--dry-run', '--only', 'provider-failure,network'], control);
    expect(one.stdout).toMatch(/^full: 1 of 4 parts/);
    const toxiproxy = { PERF_TARGET: server.url, PERF_TOXIPROXY: 'http://127.0.0.1:1' };
    const three = await full(['--dry-run', '--only', 'provider-failure,network'], toxiproxy);
    expect(three.stdout).toMatch(/^full: 3 of 4 parts/);
    const commands = { PERF_TARGET: server.url, PERF_FAULT_ON: 'true', PERF_FAULT_OFF: 'true' };
    expect((await full(['--dry-run', '--only', 'redis-slow'], commands)).stdout).toMatch(/^full: 1 of 1 part/);
  });

  test.each<[string, readonly string[], NodeJS.ProcessEnv, RegExp]>([
    ['a part that there is not', ['--only', 'spkie'], {}, /no part spkie; did you mean spike\?/],
    ['a profile for all', [], { PERF_PROFILE: 'high' }, /PERF_PROFILE: each part of full has its own/],
    [
      'one command for several faults',
      [],
      { PERF_FAULT_ON: 'true', PERF_FAULT_OFF: 'true' },
      /choose one part with --only/,
    ],
    ['a scale that is none', ['--time-scale', 'half'], {}, /PERF_TIME_SCALE must be a number/],
    ['a verdict that is none', ['--fail-on', 'bad'], {}, /--fail-on: BAD is no verdict/],
  ])('%s is refused', async (_, args, env, message) => {
    const { code, stdout, stderr } = await full(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('a host that may not be put under stress is left alone, and a server that does not answer ends with exit code 2', async () => {
    const foreign = await full(['--dry-run', '--only', 'spike,smoke'], { PERF_TARGET: 'https://fiml.example.org' });
    expect(foreign.stdout).toMatch(
      /\nspike +not run +fiml\.example\.org is neither this machine nor in a private network/,
    );
    const silent = await full(['--only', 'smoke,peak'], {
      PERF_TARGET: 'http://127.0.0.1:1',
      PERF_RESULTS: resultsOf('silent'),
    });
    expect(silent.code).toBe(2);
    expect(silent.stdout).toMatch(/\nINVALID +full: none of 2 parts was run/);
    expect(silent.stdout).toMatch(/smoke: NOT RUN\n {2}- .*does not answer/);
    expect(readdirSync(resultsOf('silent'))).toEqual([]);
  }, 60_000);
});
