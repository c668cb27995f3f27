import { preflight } from '../../../scripts/doctor';
import { diskProblems, machineWarnings } from '../../../scripts/doctor/preflight';
import { changed, clientOf, closeAll, configOf, deadAddress, reference, serve, serveAlways } from './servers';

afterEach(closeAll);

const look = async (url: string, env: Record<string, string> = {}, estimateBytes = 0) => {
  const client = clientOf(url, env);
  const found = await preflight({
    config: configOf(url, env),
    client,
    resultsFolder: 'results',
    estimateBytes,
    virtualUsers: 0,
  });
  // What this very machine is short of is none of these tests' business.
  return { ...found, warnings: found.warnings.filter((warning) => !warning.startsWith('this machine')) };
};

test('a healthy FIML stands against nothing', async () => {
  expect(await look((await reference()).url)).toEqual({ problems: [], warnings: [] });
  expect(await look((await reference({ llm: false, spacedJson: true })).url)).toEqual({ problems: [], warnings: [] });
});

test('whatever is wrong is said at once, with what to do', async () => {
  const url = await deadAddress();
  const { problems } = await look(url, {}, Number.MAX_SAFE_INTEGER);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toContain(`${url} does not answer: connection refused.`);
  expect(problems[0]).toContain(`leave PERF_TARGET out to test the embedded one`);
  expect(problems[0]).toContain(`curl ${url}/health`);
  expect(problems[1]).toMatch(/disk of the results folder results has .* free.*PERF_RESULTS/);
});

test('a server that accepts and never answers is a problem once its time is up', async () => {
  const frozen = await reference({ faults: { freeze: true } });
  const { problems } = await look(frozen.url, { PERF_TIMEOUT: '200ms' });
  expect(problems).toEqual([expect.stringContaining('does not answer: no answer within 0.2 s.')]);
});

test.each([
  [
    'a page',
    200,
    'text/html',
    '<!doctype html><title>Welcome to nginx!</title>',
    'an HTML page titled "Welcome to nginx!"',
  ],
  ['a 404', 404, 'application/json', '{"detail":"Not Found"}', 'HTTP 404, JSON that begins "{"detail":"Not Found"}"'],
  ['other JSON', 200, 'application/json', '{"status":"UP"}', 'JSON that begins "{"status":"UP"}"'],
  ['text', 200, 'text/plain', 'OK', 'text that begins "OK"'],
  ['nothing', 204, 'text/plain', '', 'HTTP 204 without content'],
])('a server that answers with %s is no FIML', async (_name, status, type, body, seen) => {
  const { problems, warnings } = await look(await serveAlways(status, type, body));
  expect(problems).toEqual([expect.stringContaining(`does not answer as FIML does: GET /health gave`)]);
  expect(problems[0]).toContain(seen);
  expect(problems[0]).toContain('Set PERF_TARGET to');
  expect(warnings).toEqual([]);
});

test('a stranger that has FIML’s health and not its tools is still one', async () => {
  const health = '{"status":"healthy","version":"0.4.1","environment":"test"}';
  const url = await serve((request, response) => {
    response.writeHead(request.url === '/health' ? 200 : 404).end(health);
  });
  expect((await look(url)).problems).toEqual([expect.stringContaining('and a search HTTP 404')]);
});

test('a redirect and a refusal say what to set', async () => {
  const redirect = await serve((_request, response) => response.writeHead(301, { location: 'https://fiml/' }).end());
  expect((await look(redirect)).problems[0]).toMatch(/a redirect to "https:\/\/fiml\/".*where the redirect leads/);
  const refusal = await serveAlways(401, 'application/json', '{}');
  expect((await look(refusal)).problems[0]).toContain('set PERF_AUTHORIZATION or PERF_HEADERS');
  const gateway = await serveAlways(502, 'text/html', '<html>Bad Gateway</html>');
  expect((await look(gateway)).problems[0]).toContain('start the server, or wait until it is up');
});

test.each([
  ['dead providers', { providerDown: true }, 'HTTP 200 with source unknown (layer data)'],
  ['status 500 everywhere', { errorRate: { http: 1 } }, 'HTTP 500'],
  ['tool errors', { errorRate: { 'envelope:search': 1 } }, 'Error: injected'],
  ['failed searches', { errorRate: { 'inner:search': 1 } }, 'status failed (layer inner)'],
  ['cut searches', { errorRate: { 'transport:search': 1 } }, 'the connection was cut'],
])('a FIML with %s is there to be measured', async (_name, faults, seen) => {
  const { url } = await reference({ faults });
  const { problems, warnings } = await look(url);
  expect(problems).toEqual([]);
  expect(warnings.join()).toContain('a search fails before any load');
  expect(warnings.join()).toContain(seen);
  expect(warnings.join()).toContain(`fiml-perf doctor --target ${url}`);
});

test('a FIML whose health fails is there to be measured', async () => {
  const { url } = await reference({ faults: { errorRate: { 'inner:health': 1 } } });
  const { problems, warnings } = await look(url);
  expect(problems).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('probes of uptime will fail')]);
  const { url: degraded } = await changed(await reference(), (answer) => {
    if (answer.path === '/health') answer.body = answer.body.replace('healthy', 'degraded');
  });
  expect(await look(degraded)).toMatchObject({ problems: [], warnings: [expect.stringContaining('degraded')] });
  const cut = await reference({ faults: { errorRate: { 'transport:health': 1 } } });
  expect((await look(cut.url)).problems).toEqual([]);
});

test('another version is a warning, and a known one is none', async () => {
  const version = async (text: string) => {
    const { url } = await changed(await reference(), (answer) => {
      if (answer.path === '/health') answer.body = answer.body.replace('0.4.1', text);
    });
    return look(url);
  };
  expect(await version('0.4.12')).toEqual({ problems: [], warnings: [] });
  for (const other of ['0.5.0', '1.0.4', '0.44.1']) {
    const { problems, warnings } = await version(other);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`is version "${other}".*doctor --conformance`))]);
  }
});

test('what a server sends back cannot move the cursor, and shows no secret', async () => {
  const url = await serve((request, response) => {
    response.end(`\u001b[2J\u202e${'x'.repeat(60)} ${request.headers.authorization} ${'y'.repeat(500)}`);
  });
  const problem = (await look(url, { PERF_AUTHORIZATION: 'Bearer hunter2hunter2' })).problems[0] ?? '';
  expect(problem).toContain('xxxx');
  expect(problem).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  // Cut off in the middle, half of it would have been left.
  expect(problem).not.toContain('hunter');
  expect(problem.length).toBeLessThan(800);
});

test('a proxy that k6 would not use is a warning', async () => {
  const { url } = await reference();
  const { problems, warnings } = await look(url, { PERF_PROXY: 'http://proxy.test:3128' });
  expect(problems).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('PERF_PROXY is not used')]);
});

test('a disk counts as full only when it is known to be', () => {
  expect(diskProblems('results', 2e6, 1e6)).toEqual([]);
  expect(diskProblems('results', null, 1e6)).toEqual([]);
  expect(diskProblems('results', 1e6 - 1, 1e6)).toHaveLength(1);
});

const machine = {
  load: 0.5,
  cores: 2,
  freeMemoryBytes: 4e9,
  memoryBytes: 8e9,
  openFiles: 1024,
  localPorts: 28_232,
};

test('limits of the machine are held against the virtual users', () => {
  expect(machineWarnings(machine, 900, true)).toEqual([]);
  expect(machineWarnings(machine, 1000, true)).toEqual([expect.stringContaining('ulimit -n 1100')]);
  const roomy = { ...machine, openFiles: 1_000_000 };
  expect(machineWarnings(roomy, 28_232, true)).toEqual([]);
  expect(machineWarnings(roomy, 28_233, true)).toEqual([expect.stringContaining('ip_local_port_range')]);
  // Where the system does not tell, nothing is claimed.
  expect(machineWarnings({ ...machine, openFiles: null, localPorts: null }, 1e6, true)).toEqual([]);
});

test('a machine that runs out of memory is told, and whose it is', () => {
  const short = { ...machine, freeMemoryBytes: 200e6 };
  expect(machineWarnings(short, 1, true)).toEqual([expect.stringMatching(/200 MB.*k6 and the server under test/)]);
  expect(machineWarnings(short, 1, false)).toEqual([expect.stringMatching(/200 MB.*k6 runs in it/)]);
});
