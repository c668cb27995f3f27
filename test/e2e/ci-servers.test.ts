import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseConfig } from '../../config';
import { Server } from '../../scripts/ci/server';
import { targetClient } from '../../scripts/http';
import { ciSchema } from '../../scripts/result/ci';
import { freePort } from '../../scripts/services/free-port';
import { cli, exists, repository, startCli, temporaryFolder, until } from '../support/cli';
import { suitesIn } from '../support/junit';

let folder: string;
let port: number;
let servers: Server[];

beforeEach(async () => {
  folder = temporaryFolder('ci-servers');
  port = await freePort();
  servers = [];
});

afterEach(async () => {
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const url = () => `http://127.0.0.1:${port}`;
/** A server in a line, which names its process. */
const listen = () =>
  `'${process.execPath}' -e 'require("http").createServer((_, answer) => answer.end(String(process.pid))).listen(${port}, "127.0.0.1")'`;

function serverOf(command: string): Server {
  const server = new Server({
    option: '--start',
    command,
    client: targetClient(parseConfig({ PERF_TARGET: url() })),
    log: join(folder, 'head.log'),
    stopped: new AbortController().signal,
  });
  servers.push(server);
  return server;
}

const answer = async (): Promise<string> => (await fetch(`${url()}/health`)).text();
const isGone = () =>
  answer().then(
    () => false,
    () => true,
  );

describe('a command that starts a server', () => {
  test.each([
    ['is the server', () => listen()],
    ['leaves it in the background', () => `${listen()} &`],
    ['does something before', () => `cd / && true\n${listen()}`],
  ])('may be one that %s: it is started once, anew when asked, and ended with all it left', async (_, command) => {
    const server = serverOf(command());
    await server.ready();
    const first = await answer();
    await server.ready();
    expect(await answer()).toBe(first);
    await server.restart();
    expect(await answer()).not.toBe(first);
    await server.close();
    await until(isGone, 'nothing answers any more');
  });

  test('that fails is told at once, with what it said, and not tried again', async () => {
    const server = serverOf(`echo tried >> '${join(folder, 'tries')}'; echo no such module >&2; exit 5`);
    await expect(server.ready()).rejects.toThrow(/^--start: the command ended with 5; .*head\.log\nno such module$/);
    await expect(server.ready()).rejects.toThrow('ended with 5');
  });

  test('must start it anew: one that left its group and goes on is not measured as another', async () => {
    const program = `require("http").createServer(({ url }, answer) => answer.end(url === "/health" ? String(process.pid) : "process_start_time_seconds 1.7e9\\n")).listen(${port}, "127.0.0.1")`;
    writeFileSync(join(folder, 'daemon.js'), program);
    const once = join(folder, 'once');
    const server = serverOf(
      `[ -e '${once}' ] || { touch '${once}'; setsid '${process.execPath}' '${join(folder, 'daemon.js')}' & }`,
    );
    await server.ready();
    const pid = Number(await answer());
    try {
      await expect(server.restart()).rejects.toThrow(/^--start: what answers was not started anew/);
    } finally {
      process.kill(pid);
    }
  });

  test('is refused where something else answers already', async () => {
    const other: HttpServer = createServer((_, response) => response.end('other')).listen(port, '127.0.0.1');
    await until(() => other.listening && (other.address() as AddressInfo).port === port, 'the other listens');
    await expect(serverOf(listen()).ready()).rejects.toThrow(/answers already, before --start/);
    expect(exists(join(folder, 'head.log'))).toBe(false);
    other.closeAllConnections();
    await new Promise((closed) => other.close(closed));
  });
});

test('a comment that cannot be made is a warning beside the job, whose step may fail', async () => {
  const finished = await cli(['ci', 'comment', folder], { env: { GITHUB_TOKEN: '', GITHUB_REPOSITORY: 'acme/fiml' } });
  expect(finished).toMatchObject({ code: 2, stderr: expect.stringContaining('GITHUB_TOKEN is not set') });
  expect(finished.stdout).toMatch(/^::warning title=fiml-perf comment::GITHUB_TOKEN is not set[^\n]*\n$/);
});

describe('ci measure', () => {
  const measure = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    cli(['ci', 'measure', '--out', join(folder, 'report'), ...args], { env: { PERF_TARGET: url(), ...env } });

  test('is INVALID, with every part that was to be measured, where the server does not start', async () => {
    const output = join(folder, 'output');
    // GitHub obeys a line that begins with `::`, whatever stands before that is blank.
    const command = 'echo ::warning::me >&2; exit 5';
    const finished = await measure(['--start', command, '--base', `http://127.0.0.1:${port + 1}`], {
      GITHUB_OUTPUT: output,
    });
    expect(finished).toMatchObject({ code: 2, stdout: expect.stringContaining('INVALID; written: ') });
    expect(readFileSync(output, 'utf8')).toMatch(/^verdict=INVALID\n/);
    expect(finished.stdout).toMatch(/^::error title=fiml-perf targets INVALID::--start: the command ended with 5/m);
    expect(finished.stdout).not.toMatch(/^\s*::warning/m);
    const [targets] = suitesIn(readFileSync(join(folder, 'report', 'junit.xml'), 'utf8'));
    expect(targets?.cases.map(({ outcome }) => outcome)).toEqual(['error']);
    const report = await cli(['report', join(folder, 'report'), '--format', 'json']);
    const { verdict, parts } = JSON.parse(report.stdout) as { verdict: string; parts: { what: string }[] };
    expect({ verdict, parts: parts.map(({ what }) => what) }).toEqual({ verdict: 'INVALID', parts: ['targets', 'ab'] });
    expect(await measure([])).toMatchObject({ code: 2, stderr: expect.stringContaining('already holds') });
  });

  test('that is stopped has no verdict on what it did not come to, and leaves no server', async () => {
    const program = `'${process.execPath}' '${join(repository, 'dist', 'reference.js')}' --port ${port}`;
    const running = startCli(
      ['ci', 'measure', '--out', join(folder, 'report'), '--start', program, '--base', `http://127.0.0.1:${port + 1}`],
      { env: { PERF_TARGET: url(), PERF_RATE: '20', PERF_PROBE_RATE: '5', PERF_ONLY: 'p95-cached' } },
    );
    await until(() => exists(join(folder, 'report', 'targets', 'samples.json.gz')), 'the load has begun', 60_000);
    running.child.kill('SIGTERM');
    expect(await running.finished).toMatchObject({ code: 3, stdout: expect.stringContaining('it was interrupted') });
    const ci = ciSchema.parse(JSON.parse(readFileSync(join(folder, 'report', 'ci.json'), 'utf8')));
    expect(ci.parts.map(({ name, problem }) => [name, problem?.reasons])).toEqual([
      ['targets', undefined],
      ['ab', ['it was interrupted']],
    ]);
    expect(await isGone()).toBe(true);
  }, 120_000);

  test.each<[string, readonly string[], NodeJS.ProcessEnv, string]>([
    ['no server', [], { PERF_TARGET: '' }, 'set PERF_TARGET'],
    ['a command for a base without its address', ['--start-base', 'true'], {}, '--start-base needs --base'],
    ['an address that is none', ['--base', 'fiml'], {}, 'PERF_TARGET must be'],
    ['a length that is none', ['--max-duration', 'soon'], {}, '--max-duration must be'],
    ['a verdict that is none', ['--fail-on', 'SLOW'], {}, '--fail-on: SLOW is no verdict'],
    ['a scenario that is none', ['lod'], {}, 'load'],
  ])('refuses %s before it starts anything', async (_, args, env, said) => {
    const started = join(folder, 'started');
    const finished = await measure(['--start', `touch '${started}'`, ...args], env);
    expect(finished).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
    expect(exists(started)).toBe(false);
  });
});
