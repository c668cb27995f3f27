import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { k6Statistic, minimumSamples, seriesKeys, targetsFor } from '../../thresholds';
import { buildWith, type K6Run, type Recorder, runK6, startRecorder, testWhere } from '../support/k6';
import { firstPass } from '../support/load';
import { ended, type ReferenceProcess, reference, startReferenceProcess, stopReferences } from '../support/reference';

jest.setTimeout(120_000);

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 5000;

/** Three seconds of a light steady load, in which P95 of the cached queries gets its 59 samples. */
const LIGHT = { PERF_TIME_SCALE: '0.05', PERF_RATE: '40', PERF_PROBE_RATE: '1' };
const CACHED_ONLY = { ...LIGHT, PERF_ONLY: 'p95-cached' };

const CACHED = 'http_req_duration{cache:hot,phase:steady} p(95)';
const CACHED_COUNT = 'http_reqs{cache:hot,phase:steady} count';

const PASSWORD = 'opensesame';
const API_KEY = 'shibboleth';

/** The suite's traffic, with a setup that returns what it must not keep to itself. */
const TELLING = `
  export * from './load';
  import { setup as prepare } from './load';
  export function setup() { prepare(); return { token: '${PASSWORD}' }; }
`;

let folder: string;
let healthy: ReferenceProcess;
let slow: ReferenceProcess;
let failing: ReferenceProcess;
let stranger: Recorder;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plain-k6-'));
  await buildWith(folder, 'telling', TELLING);
  [healthy, slow, failing, stranger] = await Promise.all([
    startReferenceProcess(),
    startReferenceProcess(['--latency-add-ms', '300']),
    startReferenceProcess(['--error-rate', 'data=0.03']),
    startRecorder(null),
  ]);
});
afterEach(stopReferences);
afterAll(async () => {
  stranger?.close();
  await Promise.all([healthy, slow, failing].map((server) => server?.stop()));
  rmSync(folder, { recursive: true, force: true });
});

let started = 0;
/** Runs a scenario in a folder of its own, which is returned as well. */
async function run(
  env: Readonly<Record<string, string>>,
  { scenario = 'load', args = [] as readonly string[], through = [] as readonly string[] } = {},
): Promise<K6Run & { cwd: string }> {
  const cwd = join(folder, `run-${started++}`);
  mkdirSync(cwd);
  return { cwd, ...(await runK6(join(folder, 'dist', `${scenario}.js`), { cwd, env, args, through })) };
}

const limitsFile = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

/** Limits where it is no question how fast a server is that other tests leave little CPU. */
const patient = () => ({
  PERF_THRESHOLDS: limitsFile('patient.json', { version: 1, targets: { 'p95-cached': { limit: 10_000 } } }),
});

interface Row {
  readonly mark: string;
  readonly value: string;
  readonly limit: string;
}

/** The rows of the end-of-test text by series and statistic. */
function rowsOf(text: string): Map<string, Row> {
  const rows = [...text.matchAll(/^ {2}(pass|FAIL|none) {2}(.+?) {2,}(.+?) {2,}(.+)$/gm)];
  return new Map(rows.map(([, mark = '', name = '', value = '', limit = '']) => [name, { mark, value, limit }]));
}

const crossedIn = (text: string): string[] =>
  [...rowsOf(text)].filter(([, { mark }]) => mark === 'FAIL').map(([name]) => name);

test('a healthy server ends with 0, and the text shows every limit beside its value', async () => {
  // What every gated series needs in its shortest: 59 tasks are 1770 iterations, uptime 598 probes.
  const load = { PERF_RATE: '240', PERF_SPAWN_RATE: '1000', PERF_DURATION: '8s' };
  // Of a server of its own each time: what was cold once is not the second time.
  const { code, stdout, stderr, cwd } = await firstPass(async () =>
    run({ PERF_TARGET: (await reference()).url, PERF_SUMMARY: 'summary.json', ...load }),
  );
  expect([code, stderr]).toEqual([0, '']);

  const rows = rowsOf(stdout);
  const gates = targetsFor('load', { profile: 'smoke', fault: null }, null, null).filter(
    ({ severity }) => severity === 'fail',
  );
  expect(gates.length).toBeGreaterThan(10);
  for (const target of gates) {
    const limit = target.unit === 'ms' ? `${target.limit.toFixed(2)} ms` : `${(target.limit * 100).toFixed(2)} %`;
    for (const key of seriesKeys(target.metric, target.selector)) {
      const row = rows.get(`${key} ${k6Statistic(target)}`);
      expect(row).toEqual({ mark: 'pass', value: expect.stringMatching(/^\d/), limit: `${target.operator} ${limit}` });
    }
    // k6 passes any limit on a series without samples: each has a counter that must have counted.
    const guards = seriesKeys(target.guard.metric, target.guard.selector);
    for (const key of guards) {
      const row = rows.get(`${key} count`);
      expect(row).toMatchObject({ mark: 'pass', limit: expect.stringMatching(/^>= [1-9]/) });
      if (guards.length === 1) expect(Number(row?.value)).toBeGreaterThanOrEqual(minimumSamples(target));
    }
  }
  expect(stdout).toContain(`all ${rows.size} thresholds hold`);

  const summary = JSON.parse(readFileSync(join(cwd, 'summary.json'), 'utf8')) as {
    metrics: Record<string, { thresholds?: object }>;
  };
  const judged = Object.entries(summary.metrics).filter(
    ([, metric]) => Object.keys(metric.thresholds ?? {}).length > 0,
  );
  expect(judged.length).toBeGreaterThan(10);
  // Untagged, a limit on HTTP would judge the warm-up, the refills and the monitor as well.
  expect(judged.map(([name]) => name).filter((name) => /^http_[^{]*$/.test(name))).toEqual([]);
});

describe('a few seconds of load', () => {
  const limits = { version: 1, targets: { 'p95-cached': { limit: 0.001 } } };
  const warning = { version: 1, targets: { 'p95-cached': { limit: 0.001, severity: 'warn' } } };
  const neverSeen = {
    version: 1,
    add: [
      {
        id: 'never-seen',
        title: 'P95 of requests that nobody sends',
        metric: 'http_req_duration',
        selector: { op: 'nobody', phase: 'steady' },
        statistic: 'p95',
        operator: '<',
        limit: 100,
        unit: 'ms',
      },
    ],
  };
  let runs: Record<string, K6Run>;

  beforeAll(async () => {
    const cached = { PERF_TARGET: healthy.url, ...CACHED_ONLY };
    const jobs: Record<string, Promise<K6Run>> = {
      slow: run({ ...cached, PERF_TARGET: slow.url }),
      failing: run({ ...LIGHT, PERF_TARGET: failing.url, PERF_RATE: '200', PERF_ONLY: 'error-rate' }),
      short: run({ ...cached, PERF_RATE: '5', PERF_TIME_SCALE: '0.02' }),
      crossed: run({ ...cached, PERF_THRESHOLDS: limitsFile('strict.json', limits) }),
      warned: run({
        ...cached,
        PERF_ONLY: 'p95-cached,mean-api',
        PERF_THRESHOLDS: limitsFile('warning.json', warning),
      }),
      neverSeen: run({
        ...cached,
        PERF_ONLY: 'never-seen',
        PERF_THRESHOLDS: limitsFile('never-seen.json', neverSeen),
      }),
    };
    runs = Object.fromEntries(await Promise.all(Object.entries(jobs).map(async ([name, job]) => [name, await job])));
  });
  const outcome = (name: string): K6Run => runs[name] as K6Run;

  test('a server that is 300 ms slower ends with 99', () => {
    const { code, stdout, stderr } = outcome('slow');
    expect([code, crossedIn(stdout)]).toEqual([99, [CACHED]]);
    expect(Number.parseFloat(rowsOf(stdout).get(CACHED)?.value ?? '')).toBeGreaterThan(300);
    expect(stderr).toContain('http_req_duration{cache:hot,phase:steady}');
  });

  test('3 % of answers without data, all at HTTP 200, end with 99', () => {
    const { code, stdout, stderr } = outcome('failing');
    expect([code, crossedIn(stdout)]).toEqual([99, ['fiml_failed{phase:steady} rate']]);
    expect(stderr).toContain("thresholds on metrics 'fiml_failed{phase:steady}' have been crossed");
  });

  test('a limit that holds on too few samples ends with 99', () => {
    const { code, stdout } = outcome('short');
    expect([code, crossedIn(stdout)]).toEqual([99, [CACHED_COUNT]]);
    expect(rowsOf(stdout).get(CACHED)?.mark).toBe('pass');
  });

  test('an added target that no request belongs to ends with 99, and its limit is not said to hold', () => {
    const { code, stdout } = outcome('neverSeen');
    expect([code, crossedIn(stdout)]).toEqual([99, ['http_reqs{op:nobody,phase:steady} count']]);
    expect(rowsOf(stdout).get('http_req_duration{op:nobody,phase:steady} p(95)')).toMatchObject({
      mark: 'none',
      value: 'no data',
    });
  });

  test('a crossed limit ends with 99, and with 0 when it only warns', () => {
    const { code, stdout } = outcome('crossed');
    expect([code, crossedIn(stdout)]).toEqual([99, [CACHED]]);
    const warned = outcome('warned');
    expect([warned.code, crossedIn(warned.stdout)]).toEqual([0, []]);
    expect(warned.stdout).toContain('http_req_duration{op:price,phase:steady} avg');
  });

  test('targets measures and gates what it was asked for, and nothing else', async () => {
    const short = { PERF_TIME_SCALE: '0.1', PERF_RATE: '100', PERF_ONLY: 'p95-cached,cache-hit-rate' };
    const { code, stdout } = await firstPass(() =>
      run({ PERF_TARGET: healthy.url, ...short, ...patient() }, { scenario: 'targets' }),
    );
    expect([code, [...rowsOf(stdout).keys()]]).toEqual([
      0,
      ['fiml_cache_hit_rate{phase:steady} value', 'fiml_cache_reads{phase:steady} count', CACHED, CACHED_COUNT],
    ]);
  });
});

describe('what cannot be measured ends with 107 before any load', () => {
  /** The problems in the one error that k6 logs; its stack trace comes after them. */
  function problemsIn(stderr: string): string[] {
    const errors = stderr.split('\n').filter((line) => line.includes('level=error'));
    expect(errors).toHaveLength(1);
    const message = JSON.parse(/msg=("(?:[^"\\]|\\.)*")/.exec(errors[0] ?? '')?.[1] ?? '""') as string;
    const [said = ''] = message.split('\n\tat ');
    expect(said).toMatch(/^Error: fiml-perf cannot start:\n/);
    return said.split('\n- ').slice(1);
  }

  const badLimits = { version: 2, targets: { nope: {}, uptime: { limit: 99.5 } } };
  const CASES: [string, () => Record<string, string>, RegExp[]][] = [
    ['no target', () => ({}), [/^PERF_TARGET must say which server/]],
    [
      'wrong overrides, all of them',
      () => ({ PERF_TARGTE: 'http://127.0.0.1:1', PERF_RATE: 'many', PERF_TIMEOUT: '5' }),
      [/PERF_TARGTE .* did you mean PERF_TARGET\?/, /PERF_RATE .* "many"/, /PERF_TIMEOUT .* "5"/, /PERF_TARGET must/],
    ],
    [
      'an unknown profile and a limits file that is wrong in three ways',
      () => ({
        PERF_TARGET: stranger.url,
        PERF_PROFILE: 'smoek',
        PERF_THRESHOLDS: limitsFile('bad.json', badLimits),
      }),
      [/"smoek"; did you mean smoke\?/, /^"version" must be 1/, /^targets\.nope: /, /^targets\.uptime\.limit .*0\.995/],
    ],
    [
      'a limits file that is no JSON',
      () => ({ PERF_TARGET: stranger.url, PERF_THRESHOLDS: limitsFile('torn.json', '{"version": 1,') }),
      [/^not JSON: /],
    ],
    [
      'files that are not there, relative to where the user stands',
      () => ({
        PERF_TARGET: stranger.url,
        PERF_THRESHOLDS: 'no.json',
        PERF_TLS_CERT: 'no.pem',
        PERF_TLS_KEY: 'no-key.pem',
      }),
      [
        /^PERF_TLS_CERT .*\/run-\d+\/no\.pem/,
        /^PERF_TLS_KEY .*\/no-key\.pem/,
        /^PERF_THRESHOLDS .*\/run-\d+\/no\.json/,
      ],
    ],
    [
      'an unknown target id',
      () => ({ PERF_TARGET: stranger.url, PERF_ONLY: 'p95-cached,p95-cache' }),
      [/^"p95-cache" is not a target of the scenario load under the profile smoke; it has p95-cached, /],
    ],
    [
      'a proxy that k6 would not use',
      () => ({ PERF_TARGET: stranger.url, PERF_PROXY: `http://me:${PASSWORD}@127.0.0.1:1` }),
      [/^PERF_PROXY needs HTTP_PROXY and HTTPS_PROXY/],
    ],
    [
      'traffic that no cache could serve well enough',
      () => ({ PERF_TARGET: stranger.url, PERF_COLD_SHARE: '0.5' }),
      [/cannot reach a cache hit rate above 80\.0 %/],
    ],
    [
      'torn secrets',
      () => ({ PERF_TARGET: stranger.url, PERF_HEADERS: `{"X-Api-Key": "${PASSWORD}"` }),
      [/^PERF_HEADERS must be a JSON object whose values are strings$/],
    ],
  ];

  test.each(CASES)('%s', async (_what, env, expected) => {
    const { code, stdout, stderr } = await run(env());
    expect(code).toBe(107);
    const problems = problemsIn(stderr);
    expect(problems).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    expect(stdout + stderr).not.toContain(PASSWORD);
    expect(stranger.requests).toEqual([]);
  });

  test('a target that is not FIML', async () => {
    const { host } = new URL(stranger.url);
    const { code, stdout, stderr } = await run({
      ...LIGHT,
      PERF_ONLY: 'uptime',
      PERF_TARGET: `http://me:${PASSWORD}@${host}`,
    });
    expect([code, stderr]).toEqual([
      107,
      expect.stringContaining(`"Error: ${stranger.url}/health does not answer as FIML does: not a JSON object`),
    ]);
    expect(new Set(stranger.requests.map(({ url }) => url))).toEqual(new Set(['/health']));
    expect(stdout + stderr).not.toContain(PASSWORD);
  });
});

describe('on its way to the target', () => {
  test('authorization and further headers are on every request, and nowhere else', async () => {
    const recorder = await startRecorder(healthy.url);
    const { code, stdout, stderr, cwd } = await run(
      {
        PERF_TARGET: recorder.url,
        ...CACHED_ONLY,
        ...patient(),
        PERF_AUTHORIZATION: `Bearer ${PASSWORD}`,
        PERF_HEADERS: JSON.stringify({ 'X-Api-Key': API_KEY }),
        PERF_SUMMARY: 'summary.json',
      },
      { scenario: 'telling', args: ['--out', 'json=samples.json'] },
    );
    recorder.close();
    expect([code, stderr]).toEqual([0, '']);
    const paths = new Set(recorder.requests.map(({ url }) => url.replace(/\?.*/, '')));
    expect([...paths].sort()).toEqual(['/api/market/prices', '/health', '/mcp/tools/call', '/metrics/']);
    for (const { headers } of recorder.requests) {
      expect(headers).toMatchObject({ authorization: `Bearer ${PASSWORD}`, 'x-api-key': API_KEY });
    }
    const files = readdirSync(cwd).sort();
    expect(files).toEqual(['samples.json', 'summary.json']);
    for (const text of [stdout, stderr, ...files.map((name) => readFileSync(join(cwd, name), 'utf8'))]) {
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(API_KEY);
    }
    expect(JSON.parse(readFileSync(join(cwd, 'summary.json'), 'utf8'))).not.toHaveProperty('setup_data');
  });

  test('a proxy is used, and its password is written nowhere', async () => {
    const proxy = await startRecorder(healthy.url);
    const address = proxy.url.replace('//', `//me:${PASSWORD}@`);
    const { code, stdout, stderr } = await run({
      ...CACHED_ONLY,
      ...patient(),
      // Go sends what is for this machine past any proxy. Nobody but the proxy knows this name.
      PERF_TARGET: 'http://fiml.invalid',
      PERF_PROXY: address,
      HTTP_PROXY: address,
      HTTPS_PROXY: address,
    });
    proxy.close();
    expect([code, stderr]).toEqual([0, '']);
    expect(proxy.requests.length).toBeGreaterThan(59);
    for (const { url, headers } of proxy.requests) {
      expect(url).toMatch(/^http:\/\/fiml\.invalid\//);
      expect(headers['proxy-authorization']).toBeDefined();
    }
    expect(stdout).not.toContain(PASSWORD);
  });

  testWhere(['openssl', 'version'], 'certificates are verified and presented as it was said', async () => {
    const key = join(folder, 'key.pem');
    const cert = join(folder, 'cert.pem');
    const subject = ['-subj', '/CN=fiml', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const pem = readFileSync(cert);
    const { hostname, port } = new URL(healthy.url);
    // Takes the TLS off; it lets in only who has the certificate.
    const options = { key: readFileSync(key), cert: pem, ca: pem, requestCert: true, rejectUnauthorized: true };
    const server = createTlsServer(options, (socket) => {
      const plain = connect(Number(port), hostname);
      plain.on('error', () => socket.destroy());
      socket.on('error', () => plain.destroy());
      socket.pipe(plain).pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const load = {
      ...CACHED_ONLY,
      ...patient(),
      PERF_TARGET: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    const client = { PERF_TLS_CERT: cert, PERF_TLS_KEY: key };
    try {
      const runs = await Promise.all([
        run(load),
        run({ ...load, PERF_TLS_INSECURE: 'true' }),
        run({ ...load, ...client }),
        run({ ...load, PERF_TLS_INSECURE: 'true', ...client }),
      ]);
      expect(runs.map(({ code }) => code)).toEqual([107, 107, 107, 0]);
      expect(runs[0]?.stderr).toContain('certificate signed by unknown authority');
      expect(runs[1]?.stderr).toContain('certificate required');
    } finally {
      server.close();
    }
  });
});

const root = process.getuid?.() === 0;
/** A network of its own, in which nothing but the machine itself can be reached; without root in a user namespace. */
const UNSHARE = ['unshare', ...(root ? ['--net'] : ['--map-root-user', '--net']), 'sh', '-c'] as const;
const ENTER = ['nsenter', ...(root ? ['--net'] : ['--user', '--preserve-credentials', '--net']), '--target'];

testWhere([...UNSHARE, 'ip link set lo up && nsenter --version'], 'no network is needed', async () => {
  const command = `ip link set lo up && exec "$0" dist/reference.js --port 0 --exit-with-parent`;
  const [unshare, ...args] = [...UNSHARE, command, process.execPath] as [string, ...string[]];
  const child = spawn(unshare, args, { cwd: resolve(__dirname, '../..'), stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [line] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
    const { url, pid } = JSON.parse(String(line)) as { url: string; pid: number };
    // No route leads out: below its heading the table is empty.
    expect(readFileSync(`/proc/${pid}/net/route`, 'utf8').trim().split('\n')).toHaveLength(1);
    const { code, stderr } = await run(
      { PERF_TARGET: url, ...CACHED_ONLY, ...patient() },
      { through: [...ENTER, String(pid)] },
    );
    expect([code, stderr]).toEqual([0, '']);
  } finally {
    child.stdin.end();
    await ended(child, STOP_DEADLINE_MS);
  }
});
