import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { type Browser, chromium } from 'playwright-core';
import { isAlive } from '../../scripts/is-alive';
import type { FlameGraph } from '../../scripts/profile/flame-graph';
import { flameGraphSvg } from '../../scripts/profile/flame-graph';
import { profileHtml } from '../../scripts/profile/page';
import { cli, exists, type Finished, repository, startCli, temporaryFolder, until, verdictIn } from '../support/cli';
import { testWhere } from '../support/k6';
import { describeWithPrograms } from '../support/programs';
import { startReferenceProcess } from '../support/reference';

jest.setTimeout(180_000);

/** Each on a port of its own: that which SIGUSR1 opens, for a test that goes on meanwhile, is the same for all of a machine. */
const WITH_INSPECTOR = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

let folder: string;
let browser: Browser | undefined;
/** Go on while the other tests wait for loads of their own. */
let embedded: Promise<Finished>;
let sessions: Promise<readonly [made: Finished, refused: Finished]>;
const started: ChildProcess[] = [];

beforeAll(() => {
  folder = temporaryFolder('profile');
  embedded = profile('embedded', ['--target', 'cache', '--duration', '2s'], WITH_INSPECTOR);
  sessions = embedded.then(profileSessions);
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const profile = (out: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  cli(['profile', '--out', join(folder, out), ...args], { env: { PERF_RESULTS: join(folder, 'results'), ...env } });

/** Of the embedded server, and of one that answers as FIML does without its PostgreSQL. */
async function profileSessions(): Promise<readonly [made: Finished, refused: Finished]> {
  const refusing = await startReferenceProcess(['--error-rate', 'inner:session-create=1'], {
    ...process.env,
    ...WITH_INSPECTOR,
  });
  started.push(refusing.child);
  const args = ['--target', 'sessions', '--duration', '1s'];
  return Promise.all([
    profile('sessions', args, WITH_INSPECTOR),
    profile('no-sessions', [...args, '--url', refusing.url]),
  ]);
}

/** The one file of a folder that ends so. */
function fileIn(out: string, ending: string): string {
  const [name = '', ...others] = readdirSync(join(folder, out)).filter((each) => each.endsWith(ending));
  expect(others).toEqual([]);
  return join(folder, out, name);
}

/** A program whose standard input stays open for as long as this process lives. */
function start(program: string, args: readonly string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], cwd: repository });
  started.push(child);
  if (child.pid === undefined) throw new Error(`${program} was not started`);
  return child as ChildProcess & { readonly pid: number };
}

const firstLine = ({ stdout }: ChildProcess): Promise<string> =>
  new Promise((done) => {
    if (stdout !== null) createInterface({ input: stdout }).once('line', done);
  });

/** The function in the first row of the summary's table of own times. */
const hottest = (summary: string): string | undefined =>
  /own time\n.*\n\s*[\d.]+ %\s+[\d.]+ %\s+(\S+)/.exec(summary)?.[1];

describe('Node', () => {
  test('what is hot is on top, and the inspector is closed again', async () => {
    const code = `
      function hotFunction() { let sum = 0; for (let i = 0; i < 5e6; i++) sum += i % 7; return sum; }
      setInterval(hotFunction, 10);
      process.on('SIGUSR2', () => console.log(require('node:inspector').url() ?? 'closed'));
      console.log('ready');`;
    const child = start(process.execPath, ['-e', code]);
    await firstLine(child);
    const finished = await profile('node', ['--pid', String(child.pid), '--duration', '1s']);
    expect(finished).toMatchObject({ code: 0, stderr: expect.not.stringContaining('fiml-perf:') });
    expect(hottest(finished.stdout)).toBe('hotFunction');
    const inspector = firstLine(child);
    child.kill('SIGUSR2');
    expect(await inspector).toBe('closed');
    expect(finished.stdout).toContain('no load of this suite was sent');
    // What only py-spy can do is refused, not ignored.
    const refused = await profile('refused', ['--pid', String(child.pid), '--gil']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('only py-spy, for Python, can do that') });
    child.kill('SIGTERM');
  });

  test('a process that ends meanwhile has no profile', async () => {
    const code = `
      const inspector = require('node:inspector');
      console.log('ready');
      setInterval(() => inspector.url() && setTimeout(() => process.exit(), 1000), 10);`;
    const child = start(process.execPath, ['-e', code]);
    await firstLine(child);
    const { code: exitCode, stderr } = await profile('vanished', ['--pid', String(child.pid), '--duration', '60s']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(new RegExp(`fiml-perf: process ${child.pid} ended while Node's inspector looked`)),
    });
  });
});

describeWithPrograms(['python3'], 'Python', () => {
  let servers: { readonly plain: Finished; readonly slower: Finished };

  beforeAll(async () => {
    // Once before the two, which would both install it.
    const { pid } = start('python3', ['-c', "print('ready', flush=True); input()"]);
    await profile('install', ['--pid', String(pid), '--duration', '1s', '--install']);
    const underLoad = async (name: string, args: readonly string[]) => {
      const child = start('python3', ['test/support/python-server.py', ...args]);
      const { url } = JSON.parse(await firstLine(child)) as { url: string };
      // Few enough for the slower one to keep up.
      const finished = await profile(name, ['--target', 'cache', '--url', url, '--duration', '2s'], {
        PERF_RATE: '60',
      });
      child.stdin?.end();
      return finished;
    };
    const [plain, slower] = await Promise.all([underLoad('plain', []), underLoad('slower', ['--slower'])]);
    servers = { plain, slower };
  });

  test('what is hot is on top of the summary', () => {
    expect(servers.plain).toMatchObject({ code: 0 });
    expect(hottest(servers.plain.stdout)).toBe('hot_function');
    expect(readdirSync(join(folder, 'plain')).filter((name) => name.startsWith('pyspy_cache_'))).toHaveLength(3);
  });

  test('the difference of two profiles names what was made slower', async () => {
    expect(hottest(servers.slower.stdout)).toBe('slower_function');
    const files = ['plain', 'slower'].map((name) => fileIn(name, '.speedscope.json'));
    const { code, stdout } = await cli(['profile', 'diff', ...files, '--out', join(folder, 'diff')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PROFILE {2}slower_function itself takes [\d.]+ % of the time, and took 0\.0 %\n/);
    const [same = ''] = files;
    const none = await cli(['profile', 'diff', same, same, '--out', join(folder, 'same')]);
    expect(none.stdout).toMatch(/^PROFILE {2}no function takes more or less of the time than chance would make it\n/);
  });

  testWhere(['chromium', '--version'], 'a browser draws the flame graphs, searches them, and asks nobody', async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    const page = await browser.newPage();
    const said: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', ({ message }) => said.push(message));
    page.on('request', (request) => asked.push(new URL(request.url()).protocol));
    for (const [out, ending] of [
      ['slower', '.svg'],
      ['slower', '.html'],
      ['diff', '.svg'],
    ] as const) {
      await page.goto(pathToFileURL(fileIn(out, ending)).href);
      const bar = page.locator('g.frame', { has: page.locator('title', { hasText: /^slower_function / }) });
      await bar.first().waitFor();
      const plain = await bar.locator('rect').first().getAttribute('fill');
      await page.locator('input[type=search]').fill('SLOWER_func');
      await page.locator('output', { hasText: /^\d+ frames, [1-9][\d.]* %/ }).waitFor();
      expect(await bar.locator('rect').first().getAttribute('fill')).not.toBe(plain);
      await page.locator('input[type=search]').fill('nothing of that name');
      await page.locator('output', { hasText: /^0 frames/ }).waitFor();
    }
    expect(said).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(['file:']));
  });

  test('a process that ends meanwhile has no profile', async () => {
    const { pid } = start('python3', ['-c', 'import time; time.sleep(2)']);
    const { code, stderr } = await profile('gone', ['--pid', String(pid), '--duration', '30s', '--install']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`process ${pid} ended while py-spy`) });
  });

  test('interrupted, it leaves no py-spy that goes on stopping the process, and no profile', async () => {
    const { pid } = start('python3', ['-c', 'input()']);
    const bin = join(folder, 'bin');
    const left = join(folder, 'py-spy.pid');
    mkdirSync(bin);
    const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo py-spy 0.0.0; exit; fi\necho $$ > ${left}\nexec sleep 600\n`;
    writeFileSync(join(bin, 'py-spy'), script, { mode: 0o755 });
    const { child, finished } = startCli(
      ['profile', '--pid', String(pid), '--duration', '60s', '--out', join(folder, 'interrupted')],
      { env: { PATH: `${bin}:${process.env.PATH}`, TMPDIR: bin } },
    );
    await until(() => exists(left) && readFileSync(left, 'utf8').endsWith('\n'), 'py-spy looks');
    child.kill('SIGTERM');
    const { code, stderr } = await finished;
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('interrupted before the look') });
    expect(isAlive(Number(readFileSync(left, 'utf8')))).toBe(false);
    expect(readdirSync(bin)).toEqual(['py-spy']);
  });

  test('without py-spy it says how to get it', async () => {
    const { pid } = start('python3', ['-c', 'input()']);
    const { code, stderr } = await profile('missing', ['--pid', String(pid)], {
      PATH: '/nonexistent',
      PERF_CACHE_DIR: join(folder, 'no-cache'),
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/pip install py-spy==[\d.]+\n.*--install/);
  });
});

test.each([
  [[], /say what to profile: --target cache\|/],
  [['--pid', '0x7'], /--pid must be the number of a process/],
  [['--pid', '4194305'], /there is no process 4194305 here: pgrep/],
  [['--target', 'cash'], /there is no load "cash"; did you mean cache\?/],
  [['--target', 'constructor'], /there is no load "constructor"\./],
  [['--target', 'http://127.0.0.1:1'], /--url names the server/],
  [['--target', 'cache', '--url', 'http://192.0.2.1:8000'], /192\.0\.2\.1 is not this machine/],
  [['--pid', '1', '--duration', 'soon'], /--duration must be at least a second/],
])('a mistake is told before anything is done: %j', async (args, message) => {
  const { code, stderr } = await profile('mistakes', args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
});

test('the embedded server is profiled under the load of a component, whose verdict stands beside it', async () => {
  const { code, stdout } = await embedded;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^PROFILE {2}[\d.]+ % of the time seen/),
  });
  const summary = readFileSync(fileIn('embedded', '.txt'), 'utf8');
  expect(stdout.startsWith(summary)).toBe(true);
  // By the bundle's source map: the bundle itself is one file.
  expect(summary).toMatch(/ handler +…\/[^/]+\/reference\/routes\.ts:\d+\n/);
  expect(summary).toMatch(/ fastify\n/);
  // On a machine too busy to keep the three apart it says so.
  expect(summary).toMatch(/^before .*\nsampled .*\nafter |^note: what sampling costs cannot be told: /m);
  const { verdict } = verdictIn(fileIn('embedded', '.run'));
  expect(summary).toMatch(new RegExp(`^Load +${verdict}$`, 'm'));
  expect(readdirSync(join(folder, 'embedded')).sort()).toEqual([
    expect.stringMatching(/^cpu_cache_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.html$/),
    expect.stringMatching(/^cpu_cache_.*\.speedscope\.json$/),
    expect.stringMatching(/^cpu_cache_.*\.svg$/),
    expect.stringMatching(/^load_cache_.*\.run$/),
    expect.stringMatching(/^summary_cache_.*\.txt$/),
  ]);
  // Neither a history nor the newest run: it was disturbed by being looked at.
  expect(exists(join(folder, 'results'))).toBe(false);
});

test('sessions are made and used, and a server that makes none is told what it takes', async () => {
  const [made, refused] = await sessions;
  expect(made).toMatchObject({ code: 0, stdout: expect.not.stringContaining("of the load's requests failed") });
  // Made and timed; how fast they are is this machine's affair.
  const { targets } = verdictIn(fileIn('sessions', '.run'));
  expect(targets).toEqual([
    expect.objectContaining({ id: 'component-session', value: expect.any(Number), reason: null }),
  ]);
  expect(refused).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Load +INVALID$/m) });
  expect(refused.stdout).toMatch(
    /^the load itself, .*: not measurable on this target\. Sessions need both Redis and PostgreSQL behind the server: /m,
  );
});

describe('names from the profiled program', () => {
  const hostile = ['</script><script>alert(1)</script>', ']]>', '&lt;', '\u0000\u2028', '<b>', '\ud800', '"quoted"'];

  const page = (graph: FlameGraph) =>
    profileHtml(
      'x',
      {
        kind: 'cpu',
        verdict: 'PROFILE',
        exitCode: 0,
        headline: hostile[0] ?? '',
        about: hostile,
        facts: [],
        notes: hostile,
        tables: [{ title: hostile[0] ?? '', hint: '', head: hostile, rows: [hostile], right: [] }],
        figures: [],
        flameGraph: graph,
      },
      hostile,
    );
  const graph: FlameGraph = {
    caption: '<i>',
    unit: 'ms',
    isDifferential: false,
    root: {
      name: 'all',
      where: '',
      value: hostile.length,
      children: hostile.map((name) => ({ name, where: name, value: 1, children: [] })),
    },
  };

  test('are neither markup nor script in the flame graph, and arrive as they are', () => {
    const svg = flameGraphSvg('<u>', graph);
    expect(XMLValidator.validate(svg)).toBe(true);
    const parser = new XMLParser({ ignoreAttributes: false, processEntities: true, parseTagValue: false });
    const { svg: parsed } = parser.parse(svg);
    const json = parsed.foreignObject.div.div.script['#text'];
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(graph)));
  });

  test('are text on the page, whose policy lets its one script run and no other', () => {
    const html = page(graph);
    expect(html).not.toContain('<script>alert');
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html).toMatch(/Content-Security-Policy" content="default-src 'none';[^"]*script-src 'sha256-[\w+/]{43}='"/);
  });
});
