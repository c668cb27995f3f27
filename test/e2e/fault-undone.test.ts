import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../scripts/is-alive';
import { flagOf } from '../../scripts/overrides/flags';
import { ensureK6 } from '../../scripts/setup';
import { cli, type Started, startCli, temporaryFolder, until } from '../support/cli';
import { runK6 } from '../support/k6';
import { SHORT_LOAD } from '../support/load';
import { type ReferenceProcess, reference, stopReferences } from '../support/reference';

/** A fault that lasts until somebody undoes it. */
const LONG_FAULT = ['--rate', '20', '--spawn-rate', '1000', '--time-scale', '0.1', '--duration', '600s'];
const SHORT_FAULT = { PERF_RATE: '80', PERF_SPAWN_RATE: '1000', PERF_PROBE_RATE: '15', PERF_TIME_SCALE: '0.14' };

let folder: string;
let k6: string;
let server: ReferenceProcess;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = temporaryFolder('undone');
  k6 = (await ensureK6()).path;
}, 300_000);
beforeEach(async () => {
  server = await reference('--control-port', '0');
  const cache = join(folder, `cache-${new URL(server.url).port}`);
  mkdirSync(cache);
  env = { PERF_CONTROL: server.controlUrl ?? '', PERF_CACHE_DIR: cache, PERF_K6: k6 };
});
afterEach(stopReferences);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isBroken = async (): Promise<boolean> =>
  ((await (await fetch(`${server.controlUrl}/faults`)).json()) as { providerDown: boolean }).providerDown;
const leasesLeft = () => readdirSync(join(env.PERF_CACHE_DIR ?? '', 'faults')).length;
/** The k6 that a run has started. */
const k6Of = ({ child }: Started): number => Number(execFileSync('pgrep', ['-P', String(child.pid), 'k6']).toString());

async function inMidFault(name: string): Promise<Started> {
  const out = join(folder, name);
  const started = startCli(['run', 'provider-failure', '--target', server.url, '--out', out, ...LONG_FAULT], { env });
  await until(isBroken, 'the fault is made', 60_000);
  return started;
}

test('Ctrl-C in mid-fault undoes it', async () => {
  const running = await inMidFault('interrupted');
  running.child.kill('SIGINT');
  expect((await running.finished).code).toBe(3);
  expect([await isBroken(), leasesLeft()]).toEqual([false, 0]);
}, 90_000);

test('a k6 that is killed in mid-fault leaves nothing broken', async () => {
  const running = await inMidFault('k6-killed');
  process.kill(k6Of(running), 'SIGKILL');
  expect((await running.finished).code).toBe(3);
  expect([await isBroken(), leasesLeft()]).toEqual([false, 0]);
}, 90_000);

test.each([
  ['doctor', () => ['doctor']],
  ['run', () => ['run', 'load', '--target', server.url, '--out', join(folder, 'next'), ...SHORT_LOAD]],
])(
  'what a run that is killed in mid-fault leaves is found and undone by the next %s',
  async (_, args) => {
    const running = await inMidFault(`killed-${args()[0]}`);
    const orphan = k6Of(running);
    running.child.kill('SIGKILL');
    await running.finished;
    // Nobody is there to undo it, and k6 goes on by itself.
    expect([await isBroken(), isAlive(orphan), leasesLeft()]).toEqual([true, true, 1]);
    const { stdout, stderr } = await cli(args(), { env });
    expect(stdout + stderr).toMatch(
      /a killed run had left the fault provider-down on http:\/\/127\.0\.0\.1:\d+: it is undone/,
    );
    expect([await isBroken(), isAlive(orphan), leasesLeft()]).toEqual([false, false, 0]);
  },
  90_000,
);

test('while a run makes a fault no other may make one on the same server, and none is undone from under it', async () => {
  const running = await inMidFault('first');
  const second = await cli(
    ['run', 'provider-failure', '--target', server.url, '--out', join(folder, 'second'), ...LONG_FAULT],
    { env },
  );
  expect(second).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/another run \(process \d+\) is making the fault/),
  });
  await cli(['doctor'], { env });
  expect(await isBroken()).toBe(true);
  running.child.kill('SIGINT');
  await running.finished;
}, 90_000);

test('plain k6 makes the fault over HTTP, judges it, and undoes it', async () => {
  const script = join(__dirname, '../../dist/provider-failure.js');
  const load = { ...SHORT_FAULT, PERF_DURATION: '36s', PERF_TARGET: server.url, PERF_CONTROL: server.controlUrl ?? '' };
  const { code, stdout } = await runK6(script, { cwd: folder, env: load });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/fiml_graceful\{phase:fault\}/) });
  expect(await isBroken()).toBe(false);
}, 90_000);

test('a server that crashes when its providers fail is failed by its targets, with nothing of them left unjudged', async () => {
  const crash = { PERF_FAULT_ON: `kill -9 ${server.child.pid}`, PERF_FAULT_OFF: 'true' };
  // Long enough that what is answered until the hook's process gets its turn on a busy machine is a small share of it.
  const load = [...Object.entries(SHORT_FAULT).flatMap(([name, value]) => [flagOf(name), value]), '--duration', '108s'];
  const args = ['run', 'provider-failure', '--target', server.url, '--out', join(folder, 'crash'), ...load];
  const { code, stdout } = await cli(args, { env: { ...env, ...crash } });
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/say that there is no data: 0\.\d\d %/) });
  expect(stdout).toMatch(/the server did not answer any more after the run/);
}, 90_000);

test('without a driver nothing is sent, and it is said what it takes', async () => {
  const args = ['run', 'redis-down', '--target', server.url, '--out', join(folder, 'no-driver')];
  const { code, stderr } = await cli(args, { env: { PERF_K6: k6 } });
  expect(code).toBe(2);
  expect(stderr).toMatch(/not run: Redis refuses connections cannot be made here; it takes Toxiproxy .*PERF_TOXIPROXY/);
  const plain = await runK6(join(__dirname, '../../dist/redis-down.js'), {
    cwd: folder,
    env: { PERF_TARGET: server.url },
  });
  expect(plain).toMatchObject({ code: 107, stderr: expect.stringContaining('PERF_TOXIPROXY') });
});

test('a server that others may be behind is not put under stress, unless it is named', async () => {
  const refused = /set PERF_ALLOW_STRESS=fiml\.example\.com/;
  for (const args of [['provider-failure'], ['load', '--profile', 'spike']]) {
    const { code, stderr } = await cli(['run', ...args, '--target', 'http://fiml.example.com'], { env });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(refused) });
  }
  const plain = await runK6(join(__dirname, '../../dist/load.js'), {
    cwd: folder,
    env: { PERF_TARGET: 'http://fiml.example.com', PERF_PROFILE: 'peak' },
  });
  expect(plain).toMatchObject({ code: 107, stderr: expect.stringMatching(refused) });
});
