import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { exists, repository, type Started, startCli, temporaryFolder, until } from '../support/cli';
import { testWhere } from '../support/k6';
import { type ReferenceProcess, startReferenceProcess } from '../support/reference';

jest.setTimeout(120_000);

const PROGRAM = 'chromium';
const PASSWORD = 'opensesame';
const TOKEN = 'shibboleth';
/** As on Locust's form; the rate of requests rises for as long as users are added. */
const FORM = { PERF_USERS: '60', PERF_SPAWN_RATE: '15', PERF_DURATION: '3s' };

let folder: string;
let server: ReferenceProcess;
let browser: Browser | undefined;
let live: Started | undefined;

beforeAll(async () => {
  folder = temporaryFolder('live-page');
  server = await startReferenceProcess();
});
afterAll(async () => {
  live?.child.kill('SIGKILL');
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What make hands to the command. */
function recipe(target: string): string[] {
  // These tests may be run by make themselves, which would hand down its options, and print where it is.
  const { MAKEFLAGS: _flags, MAKELEVEL: _level, MFLAGS: _more, ...env } = process.env;
  const lines = execFileSync('make', ['-n', target], { cwd: repository, env, encoding: 'utf8' });
  const [, args] = /fiml-perf\.js (.*)$/m.exec(lines) ?? [];
  if (args === undefined) throw new Error(`make ${target} does not start fiml-perf: ${lines}`);
  return args.trim().split(' ');
}

/** The figure below a title of the page, such as `96.5/s`. */
const figure = async (page: Page, title: string): Promise<number> => {
  const text = await page.locator('body').innerText();
  return Number(new RegExp(`${title}\\s+([\\d.]+)`).exec(text)?.[1] ?? Number.NaN);
};

/** The data that k6 packs into the page it keeps. */
function packed(html: string): string {
  const [, base64 = ''] = /<script id="data"[^>]*>\s*([\w+/=]+)/.exec(html) ?? [];
  return gunzipSync(Buffer.from(base64, 'base64')).toString();
}

testWhere(
  [PROGRAM, '--version'],
  "make test-load shows the run on k6's page while it goes on, and keeps it",
  async () => {
    const out = join(folder, 'run');
    live = startCli([...recipe('test-load'), '--out', out, '--probe-rate', '2'], {
      env: {
        ...FORM,
        PERF_TARGET: server.url.replace('://', `://user:${PASSWORD}@`),
        PERF_HEADERS: JSON.stringify({ 'x-token': TOKEN }),
      },
    });
    let said = '';
    live.child.stderr?.on('data', (text: string) => {
      said += text;
    });
    await until(() => /live page: \S+/.test(said), 'the address of the live page', 60_000);
    const url = /live page: (\S+)/.exec(said)?.[1] ?? '';

    const executablePath = execFileSync('which', [PROGRAM], { encoding: 'utf8' }).trim();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const page = await browser.newPage();
    await page.goto(url);
    await until(async () => (await figure(page, 'HTTP Request Rate')) > 0, 'a first figure');
    const first = await figure(page, 'HTTP Request Rate');
    await until(async () => (await figure(page, 'HTTP Request Rate')) !== first, 'another figure', 20_000);

    // The page is still open: k6 alone would wait for as long as it is.
    const { stdout, stderr } = await live.finished;
    expect(page.url()).toContain(url);
    expect(stdout).toContain('requests in the steady phase');
    expect(exists(join(out, 'verdict.json'))).toBe(true);

    const kept = join(out, 'k6-dashboard.html');
    const report = await browser.newPage();
    const asked: string[] = [];
    report.on('request', (request) => asked.push(request.url()));
    await report.goto(pathToFileURL(kept).href);
    await until(async () => (await figure(report, 'http_reqs')) > 0, 'the count of requests in what is kept');
    const { metrics } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    const requests: number = metrics.http_reqs.values.count;
    // It is shown in short, such as 1.2k.
    expect(await report.locator('body').innerText()).toMatch(
      new RegExp(`http_reqs\\s+(${requests}|${Math.floor(requests / 1000)}(\\.\\d+)?k)\\s`),
    );
    expect(asked.filter((address) => !/^(file|data|blob):/.test(address))).toEqual([]);

    const html = readFileSync(kept, 'utf8');
    const data = packed(html);
    expect(data).toContain('http_req_duration');
    for (const secret of [PASSWORD, TOKEN]) {
      for (const text of [html, data, await page.content(), stdout, stderr]) expect(text).not.toContain(secret);
    }
  },
);

test('make test-load-headless has no page', () => {
  expect(recipe('test-load-headless').join(' ')).toBe('run load --profile load --ci');
});
