import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ensureK6 } from '../../scripts/setup';
import { cli, temporaryFolder, wrapK6 } from '../support/cli';
import { SHORT_LOAD } from '../support/load';
import { type ReferenceProcess, startReferenceProcess } from '../support/reference';

let folder: string;
let server: ReferenceProcess;

beforeAll(async () => {
  folder = temporaryFolder('environment');
  server = await startReferenceProcess();
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('no secret of a run is in one of its files, or in what it prints', async () => {
  const out = join(folder, 'run');
  const secrets = ['pa55word-of-mine', 't0ken-of-mine', 'key-of-mine'];
  const env = {
    PERF_TARGET: server.url.replace('http://', 'http://me:pa55word-of-mine@'),
    PERF_AUTHORIZATION: 'Bearer t0ken-of-mine',
    PERF_HEADERS: '{"X-Api-Key":"key-of-mine"}',
  };
  const page = join(folder, 'page.html');
  const { code, stdout, stderr } = await cli(['run', 'load', '--out', out, '--html', page, ...SHORT_LOAD], { env });
  // Too short to prove everything; but it ran, was judged, and every file is there.
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.not.stringContaining('fiml-perf:') });
  const files = readdirSync(out);
  expect(files).toEqual(expect.arrayContaining(['k6.log', 'report.md', 'run.json', 'samples.json.gz', 'verdict.json']));
  const texts = files.map((name) => {
    const bytes = readFileSync(join(out, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  });
  expect(readFileSync(page, 'utf8')).toBe(texts[files.indexOf('report.html')]);
  for (const secret of secrets) {
    for (const text of [stdout, stderr, ...texts]) expect(text.includes(secret)).toBe(false);
  }
}, 120_000);

test("k6 goes the preflight's way: through the override's proxy or none, whatever the environment says", async () => {
  const k6 = (await ensureK6()).path;
  const seen = join(folder, 'seen');
  const telling = wrapK6(temporaryFolder('telling'), k6, `env >'${seen}'\nexit 1`);
  const foreign = { HTTP_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1', no_proxy: '*' };
  const proxies = async (out: string, env: NodeJS.ProcessEnv) => {
    const options = { env: { PERF_K6: telling, PERF_TARGET: server.url, ...foreign, ...env } };
    expect((await cli(['run', 'load', '--out', join(folder, out)], options)).code).toBe(3);
    return readFileSync(seen, 'utf8')
      .split('\n')
      .filter((line) => /^(https?|no)_proxy=/i.test(line))
      .sort();
  };
  expect(await proxies('direct', {})).toEqual([]);
  const proxy = 'http://127.0.0.1:2';
  expect(await proxies('proxied', { PERF_PROXY: proxy })).toEqual([`HTTPS_PROXY=${proxy}`, `HTTP_PROXY=${proxy}`]);
}, 120_000);
