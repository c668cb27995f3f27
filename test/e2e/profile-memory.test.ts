import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cli, repository, startCli, temporaryFolder, until } from '../support/cli';
import { describeWithPrograms } from '../support/programs';
import { ended, startReferenceProcess } from '../support/reference';

let folder: string;
const stops: (() => unknown)[] = [];
beforeAll(() => {
  folder = temporaryFolder('memory');
});
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** The shortest that is judged. */
const LENGTH = '20s';
/** 8 MB a second: what a server that has just started collects again is not much beside it. */
const LEAK_BYTES = 400_000;
const EVERY_MS = 50;
const STARTED_AFTER = 400;
/** On a port of its own: that which SIGUSR1 opens is the same for all processes of a machine. */
const WITH_INSPECTOR = { ...process.env, NODE_OPTIONS: '--inspect=127.0.0.1:0' };

const memory = (name: string, ...args: string[]): string[] => [
  'profile',
  '--mode',
  'memory',
  '--out',
  join(folder, name),
  ...args,
];
const fileIn = (name: string, kind: string, extension: string): string => {
  const found = readdirSync(join(folder, name)).find((file) => file.startsWith(`${kind}_`) && file.endsWith(extension));
  return readFileSync(join(folder, name, found ?? `no ${kind}*${extension}`), 'utf8');
};

/**
 * A reference server that is asked something again and again until the tests are over. How long its start goes on, during which
 * its heap grows, is told by what it has answered, and on a busy machine not by time: so much of it is over before it is watched.
 */
async function busyReference(...args: string[]): Promise<string> {
  const { url, child, stop } = await startReferenceProcess(args, WITH_INSPECTOR);
  for (let count = 0; count < STARTED_AFTER; count++) await askOnce(url);
  stops.push(ask(url), stop);
  return String(child.pid);
}

/** A Python server likewise, in an environment without packages, so that memray is surely not there. */
async function busyPython(): Promise<string> {
  const venv = join(folder, 'venv');
  execFileSync('python3', ['-m', 'venv', '--without-pip', venv]);
  const script = join(repository, 'test', 'support', 'python-server.py');
  const child = spawn(join(venv, 'bin', 'python'), [script, '--leak', String(LEAK_BYTES)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  stops.push(() => end(child));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the Python server has ended')));
    createInterface({ input: child.stdout }).once('line', (line) => resolve((JSON.parse(line) as { url: string }).url));
  });
  stops.push(ask(url));
  return String(child.pid);
}

function end(child: ChildProcess): Promise<unknown> {
  child.kill('SIGKILL');
  return ended(child, 5000);
}

/** @returns a function that ends it. */
function ask(url: string): () => void {
  const timer = setInterval(() => void askOnce(url), EVERY_MS);
  return () => clearInterval(timer);
}

function askOnce(url: string): Promise<unknown> {
  const body = JSON.stringify({
    name: 'search-by-symbol',
    arguments: { symbol: 'AAPL', market: 'US', depth: 'quick' },
  });
  return fetch(`${url}/mcp/tools/call`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    .then((reply) => reply.arrayBuffer())
    .catch(() => undefined);
}

/** Does something as soon as the process is watched. */
async function onceWatching(args: string[], act: (child: ChildProcess) => void) {
  const { child, finished } = startCli(args);
  let said = '';
  child.stderr?.on('data', (text: string) => {
    said += text;
  });
  await until(() => said.includes('watching process'), 'the process is watched');
  act(child);
  return finished;
}

describeWithPrograms(['python3'], 'the memory of a process', () => {
  test('is judged: healthy servers are no leak, leaks are found with what allocates, and what ends early is neither', async () => {
    // It takes longest: the load goes on before and after the look.
    const load = cli(memory('loaded', '--target', 'cache', '--duration', '1s'), { env: WITH_INSPECTOR });
    const [healthy, leaking, python] = await Promise.all([
      busyReference(),
      busyReference('--leak-bytes', String(LEAK_BYTES)),
      busyPython(),
    ]);
    const sleeper = spawn('sleep', ['600']);
    const [calm, grown, grownPython, loaded, interrupted, gone] = await Promise.all([
      cli(memory('calm', '--pid', healthy, '--duration', LENGTH)),
      cli(memory('grown', '--pid', leaking, '--duration', LENGTH)),
      cli(memory('python', '--pid', python, '--duration', LENGTH)),
      load,
      onceWatching(memory('interrupted', '--pid', python), (child) => child.kill('SIGINT')),
      onceWatching(memory('gone', '--pid', String(sleeper.pid)), () => sleeper.kill('SIGKILL')),
    ]);

    expect(calm).toMatchObject({ code: 0, stdout: expect.stringMatching(/^PASS {2}resident memory does not go on/) });
    expect(grown).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^FAIL {2}resident memory goes on growing: \+\d+\.\d % over \d+s, from \d+ MB to/),
    });
    expect(grown.stdout).toMatch(/heap sampled by the inspector of Node/);
    expect(grown.stdout).toMatch(/\narrayBuffers +\d+ [KM]B +\d\d+ MB\n/);
    expect(grown.stdout).toMatch(/Functions by what they allocated .*\n.*\n *\d+ [KM]B +\d+\.\d %/);
    expect(JSON.parse(fileIn('grown', 'memory', '.heapprofile'))).toMatchObject({
      head: { children: expect.any(Array) },
    });
    expect(fileIn('grown', 'memory', '.html')).toContain('Memory over time: resident from ');
    expect(grown.stdout.startsWith(fileIn('grown', 'summary', '.txt'))).toBe(true);
    expect(fileIn('grown', 'memory', '.csv').trim().split('\n').length).toBeGreaterThan(20);

    expect(grownPython).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAIL {2}resident memory goes on/) });
    const interpreter = join(folder, 'venv', 'bin', 'python');
    expect(grownPython.stdout).toContain(
      `note: what allocates was not sampled: memray is not installed for ${interpreter}, which process ${python} runs: ${interpreter} -m pip install memray`,
    );

    expect(loaded).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^INVALID {2}\d+s are too short to tell a leak/),
    });
    expect(loaded.stdout).toMatch(
      /heap sampled by .*\nunder prices of hot symbols, sent to http:.*\nthe load itself, by its run: /,
    );

    expect(loaded.stdout).toMatch(
      /\nWhat sampling costs\n.*\nbefore .*\nsampled .*\nafter |what the look costs cannot be told/,
    );

    expect(interrupted).toMatchObject({ code: 3, stdout: expect.stringMatching(/^INVALID {2}\d+m?s are too short/) });
    expect(gone).toMatchObject({ code: 3, stdout: expect.stringMatching(/^INVALID {2}the process ended after /) });
    expect(gone.stdout).toContain('note: what allocates was not sampled: sleep is neither Node nor Python');
  }, 120_000);

  test('of nobody is refused, with how to find somebody', async () => {
    const { code, stdout, stderr } = await cli(memory('nobody', '--pid', String(2 ** 30)));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/there is no process 1073741824 here: pgrep -af fiml\.server finds/);
  });
});
