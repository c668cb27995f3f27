import { type ConformanceReport, conformance, conformanceExitCode, renderConformance } from '../../../scripts/doctor';
import { VirtualClock } from '../reference/virtual-clock';
import {
  changed,
  changeTool,
  clientOf,
  closeAll,
  deadAddress,
  type Passing,
  reference,
  serve,
  serveAlways,
} from './servers';

afterEach(closeAll);

/** The comparison of a reference server with one thing changed. */
const comparedWith = async (change: (answer: Passing) => void): Promise<ConformanceReport> =>
  conformance(clientOf((await changed(await reference(), change)).url));

const QUICK = 'POST /mcp/tools/call search-by-symbol, quick';
const isQuickSearch = ({ sent }: Passing) => sent.includes('"search-by-symbol"') && sent.includes('"quick"');

test.each([
  ['as it is', {}],
  ['with spaces in its JSON', { spacedJson: true }],
  ['of several workers', { workers: 3 }],
])('the reference server %s keeps the contract', async (_name, options) => {
  const report = await conformance(clientOf((await reference(options)).url));
  expect(report).toMatchObject({ unreachable: null, differences: [], extras: [], notCompared: [] });
  // A comparison that compared nothing would find no difference either.
  expect(report.compared).toBeGreaterThanOrEqual(50);
  expect(conformanceExitCode(report)).toBe(0);
});

test('a renamed field is missing, and the new one is news', async () => {
  const report = await comparedWith((answer) => {
    if (!isQuickSearch(answer)) return;
    changeTool(answer, (inner) => {
      const { price, ...rest } = inner.cached as Record<string, unknown>;
      inner.cached = { ...rest, last_price: price };
    });
  });
  expect(report.differences).toEqual([{ route: QUICK, path: 'cached.price', expected: 'a number', found: 'nothing' }]);
  expect(report.extras).toEqual([{ route: QUICK, path: 'cached.last_price' }]);
  expect(conformanceExitCode(report)).toBe(1);
});

test('a changed type is named with what it was to be', async () => {
  const report = await comparedWith((answer) => {
    if (answer.path === '/health/cache') answer.body = answer.body.replace('"port":0', '"port":"6379"');
    if (isQuickSearch(answer)) {
      changeTool(answer, (inner) => {
        inner.narrative = 'a text';
        Object.assign(inner.task as object, { created_at: 1_767_268_800, type: 'analysis' });
      });
    }
  });
  expect(report.differences).toEqual([
    { route: 'GET /health/cache', path: 'port', expected: 'a whole number', found: '"6379"' },
    { route: QUICK, path: 'task.type', expected: '"equity_analysis"', found: '"analysis"' },
    { route: QUICK, path: 'task.created_at', expected: 'an ISO 8601 time', found: '1767268800' },
    { route: QUICK, path: 'narrative', expected: 'null', found: '"a text"' },
  ]);
});

test('a redirect of another kind is named', async () => {
  const report = await comparedWith((answer) => {
    if (answer.status === 307) answer.status = 302;
  });
  expect(report.differences).toEqual([
    { route: 'GET /metrics', path: 'HTTP status', expected: '307', found: 'HTTP 302, a redirect to "/metrics/"' },
  ]);
});

test('a metric that is gone, one of another kind, and another form of the page are named', async () => {
  const report = await comparedWith((answer) => {
    if (answer.path !== '/metrics/') return;
    answer.type = 'application/openmetrics-text';
    answer.body = answer.body
      .replace(/fiml_slow_queries_total/g, 'fiml_slow_total')
      .replace('# TYPE fiml_active_requests gauge', '# TYPE fiml_active_requests counter');
  });
  expect(report.differences).toEqual([
    {
      route: 'GET /metrics/',
      path: 'content-type',
      expected: 'text/plain; version=0.0.4',
      found: 'application/openmetrics-text',
    },
    { route: 'GET /metrics/', path: 'fiml_active_requests', expected: 'a gauge', found: 'counter' },
    { route: 'GET /metrics/', path: 'fiml_slow_queries_total', expected: 'a counter', found: 'nothing' },
  ]);
  expect(report.extras).toEqual([{ route: 'GET /metrics/', path: 'fiml_slow_total' }]);
});

test('an extra field alone is news, not a difference', async () => {
  const report = await comparedWith((answer) => {
    if (answer.path === '/health') answer.body = answer.body.replace('{', '{"region":"eu",');
  });
  expect(report.differences).toEqual([]);
  expect(report.extras).toEqual([{ route: 'GET /health', path: 'region' }]);
  expect(conformanceExitCode(report)).toBe(0);
  expect(renderConformance(report)).toMatch(/GET \/health +region/);
});

test('tools in another order, and words of another kind, are named', async () => {
  const report = await comparedWith((answer) => {
    if (answer.path === '/mcp/tools') {
      const { tools } = JSON.parse(answer.body) as { tools: unknown[] };
      answer.body = JSON.stringify({ tools: tools.reverse() });
    }
    if (answer.sent.includes('"nope"')) answer.body = answer.body.replace('404: Tool', 'Tool');
  });
  expect(report.differences).toEqual([
    {
      route: 'GET /mcp/tools',
      path: 'tools[].name, in order',
      expected: expect.stringMatching(/^search-by-symbol, /),
      found: expect.stringMatching(/^warm-cache, /),
    },
    {
      route: 'POST /mcp/tools/call nope, unknown tool',
      path: 'content[0].text',
      expected: '"Error: 404: Tool not found: nope"',
      found: '"Error: Tool not found: nope"',
    },
  ]);
});

test('a failure that comes as another layer is named where it is', async () => {
  const report = await comparedWith((answer) => {
    // A query that does not parse is answered as a tool error, and an unknown task as a finished one.
    if (answer.sent.includes('GET PRICE OF') && answer.path === '/mcp/tools/call') {
      answer.body = answer.body.replace('"isError":false', '"isError":true');
    }
    if (answer.sent.includes('"taskId":"x"'))
      changeTool(answer, (inner) => Object.assign(inner, { status: 'completed' }));
  });
  expect(
    report.differences.map(({ route, path, expected, found }) => [route.split('/call ')[1], path, expected, found]),
  ).toEqual([
    ['execute-fk-dsl, a query that does not parse, sync', 'isError', 'false', 'true'],
    ['execute-fk-dsl, a query that does not parse, async', 'isError', 'false', 'true'],
    ['get-task-status, unknown task', 'status', '"not_found"', '"completed"'],
  ]);
});

test('a session that the server refuses is a difference while its stores are there', async () => {
  const report = await comparedWith((answer) => {
    if (answer.sent.includes('create-analysis-session')) {
      answer.body = answer.body.replace(
        /"text":".*"\}/,
        '"text":"{\\"status\\":\\"error\\",\\"error\\":\\"no table\\"}"}',
      );
    }
  });
  expect(report.differences[0]).toEqual({
    route: 'POST /mcp/tools/call create-analysis-session',
    path: 'status',
    expected: '"success"',
    found: '"error"',
  });
  expect(report.notCompared.map(({ route }) => route)).toEqual([
    'POST /mcp/tools/call get-session-info',
    'POST /mcp/tools/call extend-session',
  ]);
});

test('without an LLM narratives are not compared, and said so', async () => {
  const report = await conformance(clientOf((await reference({ llm: false })).url));
  expect(report.differences).toEqual([]);
  expect(report.notCompared).toHaveLength(4);
  expect(report.notCompared[0]?.reason).toContain('no LLM');
  expect(renderConformance(report)).toContain('Not compared');
});

test('without providers the values of searches are not compared, and said so', async () => {
  const report = await conformance(clientOf((await reference({ faults: { providerDown: true } })).url));
  expect(report.differences).toEqual([]);
  expect(report.notCompared.map(({ route }) => route)).toContain(QUICK);
});

test('without Redis or PostgreSQL what needs them is not compared, and said so', async () => {
  const clock = new VirtualClock();
  const withoutRedis = await reference({ clock, faults: { cacheDown: true } });
  const first = await clock.until(conformance(clientOf(withoutRedis.url)));
  expect(first.differences).toEqual([]);
  expect(first.notCompared.map(({ route }) => route)).toEqual([
    'GET /health/cache',
    'searches, their tasks and prices',
    'session tools',
  ]);
  expect(first.notCompared[2]?.reason).toBe('not asked: the server does not reach Redis');

  const nowhere = `${(await deadAddress()).replace('http', 'postgres')}/fiml`;
  const withoutDatabase = await reference({ databaseUrl: nowhere });
  const second = await conformance(clientOf(withoutDatabase.url));
  expect(second.differences).toEqual([]);
  expect(second.notCompared.map(({ route }) => route)).toEqual(['GET /health/db', 'session tools']);
});

test('a server that is no FIML differs in everything, at once', async () => {
  const report = await conformance(clientOf(await serveAlways(200, 'text/html', '<html>Hi\u001b[1m</html>')));
  expect(report.differences.length).toBeGreaterThan(20);
  expect(conformanceExitCode(report)).toBe(1);
  const rendered = renderConformance(report);
  expect(rendered.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(rendered).toMatch(/GET \/health +body +expected JSON +found "<html>Hi/);
});

test('a server that stops answering is not waited for at each route', async () => {
  let asked = 0;
  const url = await serve((request, response) => {
    asked++;
    if (request.url === '/health') response.end('{"status":"healthy","version":"0.4.1","environment":"test"}');
  });
  const report = await conformance(clientOf(url, { PERF_TIMEOUT: '500ms' }));
  // /health twice, and the three that it takes to give up.
  expect(asked).toBe(5);
  expect(report.differences.every(({ path, found }) => path === 'answer' && found === 'no answer within 0.5 s')).toBe(
    true,
  );
  expect(report.notCompared.some(({ reason }) => reason.includes('stopped answering'))).toBe(true);
  expect(conformanceExitCode(report)).toBe(1);
});

test('a server that is not there was not compared', async () => {
  const report = await conformance(clientOf(await deadAddress()));
  expect(report).toMatchObject({ unreachable: 'connection refused', compared: 0 });
  expect(conformanceExitCode(report)).toBe(2);
  expect(renderConformance(report)).toContain('was not compared: connection refused');
});
