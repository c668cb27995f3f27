import { type DoctorReport, diagnose, doctorExitCode, type Finding, renderDoctor } from '../../../scripts/doctor';
import { VirtualClock } from '../reference/virtual-clock';
import { changed, changeTool, clientOf, closeAll, configOf, deadAddress, reference, serveAlways } from './servers';

afterEach(closeAll);

interface Wish {
  readonly overrides?: Record<string, string>;
  readonly env?: NodeJS.ProcessEnv;
  readonly watchTtlMs?: number;
}

/** Without k6 anywhere: what this machine has is not what these tests are about. */
const NOWHERE = { PATH: '', PERF_CACHE_DIR: '/nonexistent' };

const examine = (url: string | null, { overrides = {}, env = NOWHERE, watchTtlMs = 0 }: Wish = {}) =>
  diagnose({
    config: configOf(url ?? '', overrides),
    client: url === null ? null : clientOf(url, overrides),
    resultsFolder: 'results',
    env,
    watchTtlMs,
  });

const of = ({ findings }: DoctorReport, id: string): Finding => {
  const found = findings.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no finding ${id}`);
  return found;
};
const SERVER_SIDE = [
  'server',
  'version',
  'search',
  'redis',
  'database',
  'providers',
  'workers',
  'hit-rate',
  'cache',
  'cache-ttl',
];
const MACHINE_SIDE = ['faults', 'cpu', 'memory', 'disk', 'connections', 'k6'];

test('a healthy server has nothing bad, and what was not looked into says so', async () => {
  const report = await examine((await reference()).url);
  expect(report.findings.map(({ id }) => id)).toEqual([...SERVER_SIDE, ...MACHINE_SIDE]);
  const statuses = Object.fromEntries(report.findings.map(({ id, status }) => [id, status]));
  for (const id of ['server', 'version', 'search', 'redis', 'database', 'providers', 'workers', 'cache']) {
    expect([id, statuses[id]]).toEqual([id, 'ok']);
  }
  expect(statuses['hit-rate']).toBe('unknown');
  expect(of(report, 'cache-ttl')).toMatchObject({ status: 'unknown', detail: expect.stringContaining('10s') });
  expect(doctorExitCode({ ...report, findings: report.findings.filter(({ id }) => SERVER_SIDE.includes(id)) })).toBe(0);
});

test('neither what blocks the server nor what is always zero is asked for', async () => {
  const { url, paths } = await changed(await reference(), () => undefined);
  await examine(url);
  expect(paths).toContain('/api/metrics/cache');
  expect(paths.filter((path) => /tasks|performance|watchdog/.test(path))).toEqual([]);
});

test('without a target this machine alone is looked at, and the report says how to name one', async () => {
  const report = await examine(null);
  expect(report.findings.map(({ id }) => id)).toEqual(MACHINE_SIDE);
  expect(renderDoctor(report)).toContain('No server was looked at: name one with --target URL or PERF_TARGET.');
  expect(renderDoctor({ ...report, target: 'http://fiml' })).not.toContain('No server was looked at');
});

test('a server that is not there is bad, and no more is asked', async () => {
  const report = await examine(await deadAddress());
  expect(report.findings.map(({ id }) => id)).toEqual(['server', ...MACHINE_SIDE]);
  expect(of(report, 'server')).toMatchObject({ status: 'bad', next: expect.stringContaining('Start the server') });
  expect(doctorExitCode(report)).toBe(2);
});

test('a server that is no FIML is bad, with what was seen', async () => {
  const report = await examine(await serveAlways(200, 'text/html', '<title>Hello\u0007</title>'));
  expect(of(report, 'server')).toMatchObject({ status: 'bad', detail: expect.stringContaining('titled "Hello"') });
});

test('with Redis stopped the server is told from its cache', async () => {
  const clock = new VirtualClock();
  const { url } = await reference({ clock, faults: { cacheDown: true } });
  const report = await clock.until(examine(url));
  expect(of(report, 'server').status).toBe('ok');
  expect(of(report, 'redis')).toMatchObject({ status: 'bad', next: expect.stringContaining('redis-cli ping') });
  expect(of(report, 'database').status).toBe('ok');
  for (const id of ['cache', 'cache-ttl']) {
    expect(of(report, id)).toMatchObject({
      status: 'unknown',
      detail: expect.stringContaining('does not reach Redis'),
    });
  }
  expect(doctorExitCode(report)).toBe(2);
});

test('a server that found no Redis when it started needs more than Redis', async () => {
  const { url } = await changed(await reference(), (answer) => {
    if (!answer.sent.includes('search-by-symbol')) return;
    changeTool(answer, (inner) => Object.assign(inner.cached as object, { price: 0, source: 'error', confidence: 0 }));
  });
  expect(of(await examine(url), 'search')).toMatchObject({
    status: 'bad',
    detail: 'HTTP 200 with source error (layer data)',
    next: expect.stringContaining('restart the server'),
  });
});

test('a database that is gone is bad', async () => {
  const nowhere = `${(await deadAddress()).replace('http', 'postgres')}/fiml`;
  const { url } = await reference({ databaseUrl: nowhere });
  expect(of(await examine(url), 'database')).toMatchObject({
    status: 'bad',
    next: expect.stringContaining('pg_isready'),
  });
});

test('dead providers are bad, and one that fails is a warning', async () => {
  const dead = await examine((await reference({ faults: { providerDown: true } })).url);
  expect(of(dead, 'providers').status).toBe('bad');
  expect(of(dead, 'search')).toMatchObject({ status: 'bad', next: expect.stringContaining('FIML_ENV=test') });
  expect(of(dead, 'cache').status).toBe('unknown');
  const { url } = await changed(await reference(), (answer) => {
    if (answer.path === '/health/providers')
      answer.body = answer.body.replace('"success_rate":1.0', '"success_rate":0.5');
  });
  expect(of(await examine(url), 'providers')).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining('"mock_provider" 50.0 %'),
  });
});

test('several workers are a warning, and their hit rate is nobody’s', async () => {
  const report = await examine((await reference({ workers: 3 })).url);
  expect(of(report, 'workers')).toMatchObject({ status: 'warn', detail: expect.stringContaining('3 processes') });
  expect(of(report, 'hit-rate').status).toBe('unknown');
});

test('another version is a warning that leads to the comparison', async () => {
  const { url } = await changed(await reference(), (answer) => {
    if (answer.path === '/health') answer.body = answer.body.replace('0.4.1', '2.0.0');
  });
  expect(of(await examine(url), 'version')).toMatchObject({
    status: 'warn',
    next: expect.stringContaining('--conformance'),
  });
});

/** A server whose cache counters are a test's. */
async function counting(countersAt: (searches: number) => { hits: number; misses: number }) {
  let searches = 0;
  const { url } = await changed(await reference(), (answer) => {
    if (answer.sent.includes('search-by-coin')) searches++;
    if (answer.path === '/api/metrics/cache') answer.body = JSON.stringify({ l1_cache: countersAt(searches) });
  });
  return url;
}

test.each([
  [
    'keeps what it is given',
    (n: number) => ({ hits: n > 1 ? n - 1 : 0, misses: Math.min(n, 1) }),
    'ok',
    'the second time',
  ],
  [
    'lost one between two questions',
    (n: number) => ({ hits: n === 4 ? 1 : 0, misses: Math.min(n, 3) }),
    'ok',
    'the second time',
  ],
  ['keeps nothing', (n: number) => ({ hits: 0, misses: n }), 'bad', 'fetched twice'],
  ['serves others as well', (n: number) => ({ hits: n * 3, misses: 0 }), 'unknown', 'others use the server'],
  ['does not count', () => ({ hits: 5, misses: 5 }), 'unknown', 'do not move'],
])('a cache that %s', async (_name, countersAt, status, detail) => {
  expect(of(await examine(await counting(countersAt)), 'cache')).toMatchObject({
    status,
    detail: expect.stringContaining(detail),
  });
});

test.each([
  [90, 10, 'ok'],
  [79, 21, 'warn'],
  [9, 1, 'unknown'],
])('%d hits and %d misses are %s', async (hits, misses, status) => {
  expect(of(await examine(await counting(() => ({ hits, misses }))), 'hit-rate').status).toBe(status);
});

/** The first answer is kept by the cache for two more; then it is fetched anew. */
const everyThird = (n: number) => ({ hits: n - Math.ceil(n / 3), misses: Math.ceil(n / 3) });

test('a price that is gone sooner than PERF_CACHE_TTL says is a warning, when its life is measured', async () => {
  const url = await counting(everyThird);
  expect(of(await examine(url, { watchTtlMs: 20_000 }), 'cache-ttl')).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining('PERF_CACHE_TTL says 10s, but a price was there after'),
  });
});

test('a price that outlives the time it is watched for says nothing', async () => {
  const url = await counting((n) => ({ hits: Math.max(0, n - 1), misses: Math.min(n, 1) }));
  expect(of(await examine(url, { watchTtlMs: 1 }), 'cache-ttl')).toMatchObject({
    status: 'unknown',
    detail: expect.stringContaining('no price expired within'),
  });
});

test('k6 is looked for, and none is fetched', async () => {
  expect(of(await examine(null), 'k6')).toMatchObject({ status: 'warn', next: expect.stringContaining('make setup') });
  const named = await examine(null, { env: { ...NOWHERE, PERF_K6: '/nonexistent/k6' } });
  expect(of(named, 'k6')).toMatchObject({ status: 'bad', detail: expect.stringContaining('does not exist') });
  expect(doctorExitCode(named)).toBe(2);
  expect(of(await examine(null, { env: { ...NOWHERE, PERF_K6: process.execPath } }), 'k6').status).toBe('bad');
});

test('a dependency’s words are cut and cleaned', async () => {
  const { url } = await changed(await reference(), (answer) => {
    if (answer.path !== '/health/cache') return;
    answer.status = 503;
    answer.body = JSON.stringify({ detail: `gone\u001b[31m${'z'.repeat(5000)}` });
  });
  const { detail } = of(await examine(url), 'redis');
  expect(detail).toContain('gone');
  expect(detail).not.toMatch(/\p{Cc}/u);
  expect(detail.length).toBeLessThan(300);
});

test('the report shows each finding with what to try next, without control characters', () => {
  const findings: Finding[] = [
    { id: 'a', title: 'Server', status: 'ok', detail: 'fine', next: null },
    { id: 'b', title: 'Redis', status: 'bad', detail: 'gone '.repeat(40).trim(), next: 'start it' },
  ];
  const lines = renderDoctor({ target: 'http://fiml', findings }).split('\n');
  expect(lines).toContain('ok       Server  fine');
  expect(lines).toContain('                 next: start it');
  expect(lines).toContain('1 bad, 0 warn, 0 unknown, 1 ok.');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(lines.join('')).not.toMatch(/\p{Cc}/u);
});
