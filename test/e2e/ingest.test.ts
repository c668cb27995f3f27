import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingest } from '../../scripts/ingest';
import { compareCounts } from '../../scripts/result/agreement';
import { readJson } from '../../scripts/result/files';
import { answered, mergeSeries, quantile, selectSeries } from '../../scripts/result/query';
import type { Result } from '../../scripts/result/result';
import { type Summary, summarySchema } from '../../scripts/result/summary';
import { ensureK6, k6Environment } from '../../scripts/setup';

let folder: string;
let k6: string;
let server: Server;
let url: string;
let refused: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ingest-'));
  k6 = (await ensureK6()).path;
  let served = 0;
  server = createServer((request, response) => {
    served += 1;
    if (request.url === '/bad' || served % 7 === 0) response.statusCode = 503;
    response.end('x'.repeat(served % 500));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  refused = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
  gone.close();
}, 300_000);

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const STATS = ['count', 'min', 'max', 'med', 'p(90)', 'p(95)', 'p(99)'];

async function run(script: string, output: string): Promise<{ result: Result; summary: Summary }> {
  const [, name = ''] = output.split('=');
  const samples = join(folder, name);
  const summaryFile = join(folder, 'summary.json');
  const file = join(folder, 'script.js');
  writeFileSync(
    file,
    `import http from 'k6/http'; import { check, group } from 'k6';
     import { Trend, Counter, Rate, Gauge } from 'k6/metrics';
     const url = ${JSON.stringify(url)}, refused = ${JSON.stringify(refused)};
     ${script.replace('options = {', `options = { summaryTrendStats: ${JSON.stringify(STATS)},`)}
     export function handleSummary(data) { return { ${JSON.stringify(summaryFile)}: JSON.stringify(data) }; }`,
  );
  rmSync(summaryFile, { force: true });
  await new Promise<void>((resolve, reject) => {
    const args = ['run', '--quiet', '--out', output.replace(name, samples), file];
    execFile(k6, args, { env: k6Environment(process.env), timeout: 60_000 }, (error, _, stderr) =>
      error === null ? resolve() : reject(new Error(stderr || error.message)),
    );
  });
  const summary = readJson(summaryFile, summarySchema, 'the summary');
  const metricTypes = Object.fromEntries(Object.entries(summary.metrics).filter(([metric]) => !metric.includes('{')));
  return { result: await ingest(samples, { metricTypes }), summary };
}

/** What k6 prints of a Trend and what the result says of it. */
function expectSamePercentiles(result: Result, summary: Summary, csv: boolean): number {
  let compared = 0;
  for (const [metric, { type, values }] of Object.entries(summary.metrics)) {
    if (type !== 'trend' || metric.includes('{')) continue;
    const merged = mergeSeries(selectSeries(result, metric));
    for (const [name, q] of [
      ['med', 0.5],
      ['p(90)', 0.9],
      ['p(95)', 0.95],
      ['p(99)', 0.99],
    ] as const) {
      const exact = values[name] as number;
      // The CSV's six decimals are coarse for durations of nanoseconds.
      expect(Math.abs((quantile(merged, q) as number) - exact)).toBeLessThanOrEqual(
        exact * 0.005 + (csv ? 1e-6 : 1e-9),
      );
      compared += 1;
    }
  }
  return compared;
}

const GET = 'http.get(url)';
const SHAPES: [string, string, string][] = [
  [
    'plain requests',
    'json=a.json',
    `export const options = { vus: 2, iterations: 200 }; export default () => { ${GET}; }`,
  ],
  [
    'compressed JSON with tags',
    'json=b.json.gz',
    `export const options = { vus: 3, iterations: 150, tags: { run: 'a"b<é' }, thresholds: { 'http_req_duration{op:x}': [], 'http_reqs{op:x}': [] } };
    export default () => { http.get(url, { tags: { op: __ITER % 2 ? 'x' : 'y' } }); }`,
  ],
  [
    'CSV with tags',
    'csv=c.csv',
    `export const options = { vus: 2, iterations: 150, thresholds: { 'http_reqs{op:x,phase:steady}': [] } };
    export default () => { http.get(url, { tags: { op: __ITER % 2 ? 'x' : 'y', phase: 'steady' } }); }`,
  ],
  [
    'compressed CSV',
    'csv=d.csv.gz',
    `export const options = { vus: 2, duration: '1s' }; export default () => { ${GET}; }`,
  ],
  [
    'no HTTP, all four kinds of metric',
    'json=e.json',
    `const t = new Trend('took', true), c = new Counter('seen'), r = new Rate('good'), g = new Gauge('level');
    export const options = { vus: 2, iterations: 2000, thresholds: { 'took{a:x}': [], 'good{a:x}': [], 'seen{a:x}': [] } };
    export default () => { const tags = { a: Math.random() < 0.3 ? 'x' : 'y' }; add(tags); };
    const add = (tags) => { t.add(Math.exp(Math.random() * 10), tags); c.add(2.5, tags); r.add(Math.random() < 0.2, tags); g.add(3, tags); };`,
  ],
  [
    'groups and checks',
    'json=f.json.gz',
    `export const options = { vus: 2, iterations: 100, thresholds: { 'http_reqs{group:::outer::inner}': [], 'checks{check:ok}': [] } };
    export default () => group('outer', () => { group('inner', () => { check(${GET}, { ok: (r) => r.status === 200, never: () => false }); }); });`,
  ],
  [
    'refused connections and bad answers',
    'json=g.json',
    `export const options = { vus: 2, iterations: 60 };
    export default () => { http.get(refused); http.get(url + '/bad'); ${GET}; }`,
  ],
  [
    'several scenarios',
    'csv=h.csv',
    `export const options = { scenarios: {
      one: { executor: 'constant-arrival-rate', rate: 50, duration: '1s', preAllocatedVUs: 5 },
      two: { executor: 'per-vu-iterations', vus: 3, iterations: 20, exec: 'other' } }, thresholds: { 'http_reqs{scenario:two}': [] } };
    export default () => { ${GET}; }; export function other() { ${GET}; }`,
  ],
  [
    'setup and teardown',
    'json=i.json',
    `export const options = { vus: 2, iterations: 50, thresholds: { 'http_reqs{group:::setup}': [] } };
    export function setup() { ${GET}; } export function teardown() { ${GET}; } export default () => { ${GET}; }`,
  ],
  [
    'iterations that throw and a batch',
    'json=j.json.gz',
    `export const options = { vus: 2, iterations: 60 };
    export default () => { http.batch([['GET', url], ['GET', url]]); if (__ITER % 3 === 0) throw new Error('no'); }`,
  ],
];

it.each(SHAPES)(
  '%s: counts equal to k6, percentiles within 0.5 %',
  async (_, output, script) => {
    const { result, summary } = await run(script, output);
    expect(result.source).toMatchObject({ rejected: [], truncated: false, clockStepBackMs: 0 });
    expect(result.source.assumedTrends).toBeUndefined();
    expect(compareCounts(result, summary)).toEqual([]);
    expect(Object.keys(summary.metrics).length).toBeGreaterThan(3);
    expect(expectSamePercentiles(result, summary, output.startsWith('csv'))).toBeGreaterThan(0);
    if (output === 'json=g.json') {
      const series = selectSeries(result, 'http_req_duration');
      const without = mergeSeries(series.filter((one) => !answered(one)));
      expect([without.count, without.max]).toEqual([60, 0]);
      expect(mergeSeries(series.filter(answered)).count).toBe(120);
    }
    if (output === 'json=a.json') {
      // A lost line must show: the comparison would be worth nothing if it could not fail.
      const path = join(folder, 'a.json');
      const lines = readFileSync(path, 'utf8').split('\n');
      lines.splice(
        lines.findIndex((line) => line.startsWith('{"metric":"http_reqs","type":"Point"')),
        1,
      );
      writeFileSync(path, lines.join('\n'));
      expect(compareCounts(await ingest(path), summary)).toEqual([
        { metric: 'http_reqs', what: 'sum', fromSamples: 199, fromK6: 200 },
      ]);
    }
  },
  90_000,
);
