import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { cli, type Finished, repository, startCli, temporaryFolder, until, verdictIn } from '../support/cli';
import { testWhere } from '../support/k6';
import { anew, firstPass, judged, PROVABLE, repeated, SHORT_LOAD } from '../support/load';
import { answered, type ReferenceProcess, startReferenceProcess } from '../support/reference';

let folder: string;
let server: ReferenceProcess;
/** A run that passed, of which each test damages a copy. */
let healthy: string;

beforeAll(async () => {
  folder = temporaryFolder('bad-days');
  const { code, stdout } = await firstPass(async (attempt) => {
    // Another server each time: with the answers of the try before in its cache nothing would pass.
    if (attempt > 1) await server.stop();
    server = await startReferenceProcess();
    healthy = join(folder, `healthy-${attempt}`);
    return run(['--out', healthy, ...SHORT_LOAD, ...PROVABLE]);
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\nPASS/) });
}, 300_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  cli(['run', 'load', '--target', server.url, ...args], { env });

const NO_STACK = /\n\s+at .*:\d+:\d+/;

/** A mistake or a missing thing, said before anything was sent, and without a stack trace. */
function expectRefused({ code, stdout, stderr }: Finished, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(NO_STACK);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
}

describe('a target that is no FIML server', () => {
  const strangers: Server[] = [];
  afterAll(() => {
    for (const stranger of strangers) stranger.close().closeAllConnections();
  });

  async function stranger(listener: RequestListener): Promise<string> {
    const made = createServer(listener);
    strangers.push(made);
    await new Promise<void>((done) => made.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  }

  test.each<[string, RequestListener, RegExp]>([
    ['answers HTML', (_, answer) => answer.end('<html><title>Welcome</title></html>'), /HTML page titled "Welcome"/],
    ['answers 404', (_, answer) => answer.writeHead(404).end('{"detail":"Not Found"}'), /404/],
    ['answers other JSON', (_, answer) => answer.end('{"ok":true}'), /JSON/],
    ['accepts and never answers', () => undefined, /no answer|did not answer/i],
  ])('because it %s is refused before any load', async (_, listener, message) => {
    const url = await stranger(listener);
    const out = join(folder, 'never');
    expectRefused(await run(['--target', url, '--out', out, ...SHORT_LOAD]), message);
    expect(existsSync(out)).toBe(false);
  });

  test('because nothing listens is refused, with what to do', async () => {
    const url = await stranger(() => undefined);
    strangers.pop()?.close();
    expectRefused(await run(['--target', url, ...SHORT_LOAD]), /connection refused/i);
  });
});

test('a server that fails every request at HTTP 200 is measured, and fails', async () => {
  const failing = await startReferenceProcess(['--error-rate', 'data=1']);
  try {
    const out = join(folder, 'all-fail');
    const { code, stdout } = await judged(() => run(['--target', failing.url, '--out', anew(out), ...SHORT_LOAD]));
    expect({ code, verdict: verdictIn(out).verdict }).toEqual({ code: 1, verdict: 'FAIL' });
    expect(stdout).toMatch(/Error rate.*failures by layer: data/);
  } finally {
    await failing.stop();
  }
}, 120_000);

test('two runs at once keep to their own folders, and each is judged by what it sent itself', async () => {
  let results = '';
  const both = await repeated(
    (attempt) => {
      results = join(folder, `results-${attempt}`);
      const load = ['--results', results, '--only', 'p95-cached,error-rate', ...SHORT_LOAD];
      return Promise.all(['1', '2'].map((seed) => run([...load, '--seed', seed])));
    },
    (runs) => runs.every(({ stdout }) => !stdout.includes('starved the generator')),
  );
  const runs = readdirSync(results).filter((name) => name !== 'latest');
  expect(runs).toHaveLength(2);
  expect(runs).toContain(readlinkSync(join(results, 'latest')));
  for (const name of runs) {
    // How fast a server is that two loads share is not the question here; whether each saw all of its own is.
    const { checks, runId } = verdictIn(join(results, name));
    expect(checks.filter(({ kind, ok }) => kind === 'blinding' && !ok)).toEqual([]);
    expect(runId).toBe(name);
  }
  expect(both.map(({ stderr }) => stderr).join()).not.toMatch(NO_STACK);
}, 240_000);

describe('samples that are not what k6 wrote', () => {
  const samplesOf = (path: string) => join(path, 'samples.json.gz');
  const plain = () => gunzipSync(readFileSync(samplesOf(healthy))).toString('utf8');

  /** A copy of the healthy run with other samples. */
  function damaged(name: string, samples: Buffer | string): string {
    const path = join(folder, name);
    cpSync(healthy, path, { recursive: true });
    writeFileSync(samplesOf(path), samples);
    return path;
  }

  test.each<[string, () => Buffer | string, RegExp]>([
    [
      'cut, compressed',
      () => {
        const whole = readFileSync(samplesOf(healthy));
        return whole.subarray(0, Math.floor(whole.length * 0.7));
      },
      /the file of samples is cut off/,
    ],
    // In the middle of a line: cut between two, nothing but the counts can tell that lines are missing.
    ['cut, plain', () => plain().slice(0, plain().lastIndexOf('{') + 10), /the file of samples is cut off/],
    [
      'without some of their lines',
      () =>
        plain()
          .split('\n')
          .filter((_, at) => at % 100 !== 50)
          .join('\n'),
      /(sum|samples) [\d.]+ here, [\d.]+ in k6/,
    ],
    [
      'with lines that are no UTF-8',
      () => Buffer.concat([Buffer.from(plain()), Buffer.from([0x7b, 0xff, 0xfe, 0x0a])]),
      /1 line could not be read: not UTF-8/,
    ],
    [
      'with a line of 50 MB',
      () => gzipSync(`${plain()}${'x'.repeat(50e6)}\n`),
      /1 line could not be read: longer than 1 MB/,
    ],
    [
      'with values that are no numbers',
      () => plain().replace(/"value":[\d.e-]+/, '"value":NaN'),
      /1 line could not be read: not JSON/,
    ],
    [
      'with a negative number of requests',
      () => plain().replace(/(\{"metric":"http_reqs"[^\n]*"value":)1,/, '$1-1,'),
      /http_reqs.*: sum \d+ here, \d+ in k6/,
    ],
    [
      'from a clock that went back',
      () =>
        plain()
          .split('\n')
          .map((line, at, { length }) =>
            at > length / 2 ? line.replace(/"time":"(\d{4})/, (_, year) => `"time":"${Number(year) - 1}`) : line,
          )
          .join('\n'),
      /the clock went back by \d+ ms/,
    ],
    [
      'in a hundred thousand sets of tags',
      () =>
        plain() +
        Array.from(
          { length: 100_000 },
          (_, at) =>
            `{"metric":"extra","type":"Point","data":{"time":"2026-11-24T10:00:00Z","value":1,"tags":{"id":"${at}"}}}\n`,
        ).join(''),
      /samples in \d+ sets of tags beyond the first 5000 are in no series/,
    ],
  ])(
    '%s, make a run that passed INVALID',
    async (name, samples, reason) => {
      const path = damaged(name.replace(/\W/g, '-'), samples());
      // Not ingested anew, the former result would hide what became of its samples.
      const unnoticed = await cli(['judge', path]);
      const ingested = await cli(['ingest', path]);
      const judged = await cli(['judge', path]);
      expect(ingested.code).toBe(0);
      expect(judged.stdout).toMatch(reason);
      expect([unnoticed.code, judged.code]).toEqual([3, 3]);
      expect(unnoticed.stderr + ingested.stderr + judged.stderr).not.toMatch(NO_STACK);
    },
    60_000,
  );

  test.each<[string, string, RegExp]>([
    ['empty', '', /is empty: k6 wrote nothing/],
    ['of something else', 'hello\nworld\n', /holds no sample of k6/],
  ])('%s, are an error to the ingest and INVALID to the judge', async (name, samples, reason) => {
    const path = damaged(name.replace(/\W/g, '-'), samples);
    expectRefused(await cli(['ingest', path]), reason);
    expect(await cli(['judge', path])).toMatchObject({ code: 3, stdout: expect.stringMatching(/^\nINVALID/) });
  });
});

describe('a full disk', () => {
  const mountable = [
    'sh',
    '-c',
    'at=$(mktemp -d) && mount -t tmpfs tmpfs "$at" && umount "$at" && rmdir "$at"',
  ] as const;

  testWhere(mountable, 'in mid-run makes it INVALID, and the verdict is told though it cannot be kept', async () => {
    const disk = temporaryFolder('full');
    const watched = await startReferenceProcess(['--control-port', '0']);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk]);
    try {
      const running = startCli(['run', 'load', '--target', watched.url, '--out', join(disk, 'run'), ...SHORT_LOAD]);
      await until(async () => (await answered(watched)) > 100, 'the load is under way');
      spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'ballast')}`, 'bs=64k']);
      const { code, stdout, stderr } = await running.finished;
      expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringMatching(/^\nINVALID/) });
      expect(stderr).toMatch(/cannot be written: the disk is full: free some space/);
      expect(stderr).not.toMatch(NO_STACK);
    } finally {
      await watched.stop();
      execFileSync('umount', [disk]);
    }
  });

  test('that a run would fill is refused before it', async () => {
    const out = join(folder, 'too-large');
    expectRefused(await run(['--out', out, '--rate', '200', '--duration', '200000h']), /disk/);
    expect(existsSync(out)).toBe(false);
  });
});

describe('a mistake on the command line', () => {
  test.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
    ['an unknown scenario', ['run', 'laod'], {}, /no scenario "laod"; did you mean load\?/],
    ['an unknown profile', ['run', 'load', '--profile', 'smok'], {}, /no profile "smok"; did you mean smoke\?/],
    ['an unknown option', ['run', 'load', '--profil', 'smoke'], {}, /unknown option '--profil'[\s\S]*--profile/],
    ['an unknown command', ['rnu', 'load'], {}, /unknown command 'rnu'[\s\S]*run/],
    ['an unknown override', ['run', 'load'], { PERF_PROFLE: 'smoke' }, /PERF_PROFLE .*did you mean PERF_PROFILE\?/],
    [
      'several wrong overrides, all told at once',
      ['run', 'load', '--rate', 'fast', '--duration', '10'],
      { PERF_SEED: '-1' },
      /(?=[\s\S]*PERF_RATE must)(?=[\s\S]*PERF_DURATION must)(?=[\s\S]*PERF_SEED must)/,
    ],
    ['an unknown target id', ['run', 'targets', '--only', 'p95'], {}, /"p95" is not a target .* it has p95-cached/],
    [
      'a plan that cannot reach the hit rate',
      ['run', 'load', '--cold-share', '0.9'],
      {},
      /cannot reach a cache hit rate/,
    ],
    [
      'a limits file that is missing',
      ['run', 'load', '--thresholds', '/nowhere.json'],
      {},
      /nowhere\.json does not exist/,
    ],
    ['a verdict that there is not', ['run', 'load', '--fail-on', 'BAD'], {}, /BAD is no verdict/],
    ['a results folder that is a file', ['run', 'load', '--results', '/dev/null'], {}, /\/dev\/null is not a folder/],
    [
      'a results folder that cannot be written',
      ['run', 'load', '--out', '/sys/run'],
      {},
      /\/sys\/run .*choose another/,
    ],
    ['a folder that holds no run', ['judge', '/tmp'], {}, /\/tmp holds no run\.json/],
    [
      'a file that is not there',
      ['ingest', '/nowhere.json.gz'],
      {},
      /nowhere\.json\.gz cannot be read: there is no such file/,
    ],
    ['a k6 that is none', ['run', 'load'], { PERF_K6: '/bin/true' }, /PERF_K6=\/bin\/true: this file/],
  ])('%s is told in a sentence, with exit code 2', async (_, args, env, message) => {
    expectRefused(await cli(args, { env: { PERF_TARGET: server.url, ...env } }), message);
  });

  test('a run.json that was changed by hand is named, with what is wrong in it', async () => {
    const path = join(folder, 'edited');
    cpSync(healthy, path, { recursive: true });
    const record = JSON.parse(readFileSync(join(path, 'run.json'), 'utf8'));
    writeFileSync(join(path, 'run.json'), JSON.stringify({ ...record, version: 99, plan: 'none' }));
    expectRefused(await cli(['judge', path]), /run\.json.*does not have the expected form[\s\S]*version[\s\S]*plan/);
  });

  test('a folder that already holds a run is refused, and the run is left as it is', async () => {
    const before = readFileSync(join(healthy, 'verdict.json'), 'utf8');
    expectRefused(await run(['--out', healthy, ...SHORT_LOAD]), /already holds a run/);
    expect(readFileSync(join(healthy, 'verdict.json'), 'utf8')).toBe(before);
  });
});

test('a target whose tag never occurs is INVALID: nothing was measured', async () => {
  const limits = join(folder, 'limits.json');
  const target = {
    id: 'never',
    title: 'Never',
    metric: 'http_req_duration',
    selector: { op: 'nothing' },
    statistic: 'p95',
    operator: '<',
    limit: 1,
    unit: 'ms',
  };
  writeFileSync(limits, JSON.stringify({ version: 1, add: [target] }));
  const out = join(folder, 'never-occurs');
  const { code, stdout } = await run(['--out', out, '--thresholds', limits, '--only', 'never', ...SHORT_LOAD]);
  expect(code).toBe(3);
  expect(stdout).toMatch(/Never: nothing was measured/);
}, 60_000);

test('names that would be markup are shown as they are, and obeyed by neither terminal nor Markdown', async () => {
  const path = join(folder, 'hostile');
  cpSync(healthy, path, { recursive: true });
  const hostile = 'a|b`c`<script>alert(1)</script>\u001b[31m\nred @all [x](http://evil)';
  const name = JSON.stringify(hostile).slice(1, -1).replaceAll('$', '$$$$');
  const samples = gunzipSync(readFileSync(join(healthy, 'samples.json.gz'))).toString('utf8');
  writeFileSync(join(path, 'samples.json.gz'), samples.replaceAll('"name":"health"', `"name":"${name}"`));
  expect((await cli(['ingest', path])).code).toBe(0);
  expect((await cli(['judge', path])).stdout).not.toContain('\u001b');
  const { stdout, code } = await cli(['report', path]);
  expect(code).toBe(0);
  expect(stdout).toContain('a\\|b');
  for (const obeyed of ['<script>', '\u001b', ' [x](']) expect(stdout).not.toContain(obeyed);
});

test('what a foreign script recorded is read too, with whatever series it has', async () => {
  const path = join(folder, 'foreign.json');
  writeFileSync(
    path,
    [
      '{"type":"Metric","data":{"name":"my_trend","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"my_trend"}',
      '{"metric":"my_trend","type":"Point","data":{"time":"2026-11-24T10:00:00Z","value":12.5,"tags":{"group":"","scenario":"default"}}}',
      '',
    ].join('\n'),
  );
  const { code, stdout } = await cli(['ingest', path]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/my_trend +trend +1 .*12\.\d/);
  const { source, ...rest } = JSON.parse(readFileSync(join(folder, 'foreign.result.json'), 'utf8'));

  // Through a pipe, which tells neither its size nor what it is.
  const piped = (command: string) =>
    spawnSync(
      'sh',
      ['-c', `${command} | "$0" "$1" ingest -`, process.execPath, join(repository, 'bin', 'fiml-perf.js'), path],
      {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
      },
    );
  const pipe = piped('cat "$2"');
  expect([pipe.status, pipe.stderr]).toEqual([0, '']);
  expect(pipe.stdout).toMatch(/my_trend +trend +1 [\s\S]*written: stdin\.result\.json/);
  const fromPipe = JSON.parse(readFileSync(join(folder, 'stdin.result.json'), 'utf8'));
  expect(fromPipe).toEqual({ ...rest, source: { ...source, file: 'stdin' } });
  const nothing = piped('true');
  expect([nothing.status, nothing.stdout]).toEqual([2, '']);
  expect(nothing.stderr).toMatch(/is empty: k6 wrote nothing/);
});
