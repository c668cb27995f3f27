import fc from 'fast-check';
import { type Answer, classify, type Expectation, hasNarrative, NO_DATA_SOURCES } from '../../../contract';
import { answered, searchAnswer, toolAnswer, toolBody } from './answers';

const SEARCH: Expectation = { kind: 'search', symbol: 'AAPL' };
const PRICES: Expectation = { kind: 'prices', symbols: ['AAPL', 'BTC'] };
const EXPECTATIONS: readonly Expectation[] = [
  SEARCH,
  PRICES,
  { kind: 'dsl-submitted' },
  { kind: 'dsl-completed' },
  { kind: 'task' },
  { kind: 'health' },
  { kind: 'session' },
];
const TOOLS = EXPECTATIONS.filter(({ kind }) => kind !== 'health' && kind !== 'prices');
const LOOKS = ['bytes', 'full'] as const;

/** `ok`, or the layer and the reason of the failure; the same however closely one looks. */
function verdict(answer: Answer, expect_: Expectation): string {
  const [bytes, full] = LOOKS.map((look) => {
    const outcome = classify(answer, expect_, look);
    return outcome.ok ? 'ok' : `${outcome.layer}: ${outcome.reason}`;
  });
  expect(bytes).toBe(full);
  return full ?? '';
}

test.each(EXPECTATIONS)('no answer is a failure of the transport ($kind)', (expectation) => {
  expect(verdict({ status: 0, body: null }, expectation)).toBe('transport: no answer');
});

test.each([
  [404, '{"detail":"Not Found"}'],
  [404, `{"detail":"Provider 'nope' not found"}`],
  [405, '{"detail":"Method Not Allowed"}'],
  [422, '{"detail":[{"type":"missing","loc":["body","name"],"msg":"Field required","input":{}}]}'],
  [400, '{"detail":"No symbols provided"}'],
  [400, '{"error":"FIMLException","message":"text"}'],
  [500, '{"error":"InternalServerError","message":"An unexpected error occurred"}'],
  [503, '{"detail":"Cache health check failed: Error 111 connecting"}'],
  [307, ''],
])('status %i fails by it, whatever was asked for', (status, body) => {
  for (const expectation of EXPECTATIONS) {
    expect(verdict(answered(body, status), expectation)).toBe(`http: status ${status}`);
  }
});

test('a healthy body does not excuse the status it came with', () => {
  expect(verdict({ ...searchAnswer(), status: 500 }, SEARCH)).toBe('http: status 500');
  expect(verdict({ ...searchAnswer(), status: 201 }, SEARCH)).toBe('http: status 201');
});

test.each([
  'Error: 404: Tool not found: x',
  "Error: 'symbol'",
  "Error: 'turbo' is not a valid AnalysisDepth",
])('HTTP 200 with the tool error %j fails in the envelope', (text) => {
  for (const expectation of TOOLS) {
    expect(verdict(answered(toolBody(text, true)), expectation)).toBe('envelope: tool error');
    expect(verdict(answered(toolBody(text, false)), expectation)).toBe('envelope: text is not a JSON object');
  }
});

test.each([
  ['', 'not a JSON object'],
  ['<html>502</html>', 'not a JSON object'],
  ['[]', 'not a JSON object'],
  ['null', 'not a JSON object'],
  ['{}', 'tool error'],
  ['{"content":[{"type":"text","text":"{}"}]}', 'tool error'],
  ['{"content":[{"type":"text","text":"{}"}],"isError":"false"}', 'tool error'],
  ['{"content":[],"isError":false}', 'no text content'],
  ['{"content":{},"isError":false}', 'no text content'],
  ['{"content":[null],"isError":false}', 'no text content'],
  ['{"content":[{"type":"text","text":7}],"isError":false}', 'no text content'],
  ['{"content":[{"type":"text","text":"[1]"}],"isError":false}', 'text is not a JSON object'],
])('the body %j is no envelope of a success', (body, reason) => {
  for (const expectation of TOOLS) expect(verdict(answered(body), expectation)).toBe(`envelope: ${reason}`);
});

test.each([true, false])('a search is as good with spaces in its JSON as without (spaced: %s)', (spaced) => {
  for (const depth of ['quick', 'standard'] as const) {
    for (const llm of [true, false]) {
      expect(verdict(searchAnswer({ depth, llm }, spaced), SEARCH)).toBe('ok');
      const coin = searchAnswer({ kind: 'coin', symbol: 'BTC', depth, llm }, spaced);
      expect(verdict(coin, { kind: 'search', symbol: 'BTC' })).toBe('ok');
    }
  }
});

test('a healthy search passes on its bytes, and comes decoded to who looks at all of it', () => {
  for (const spaced of [true, false]) {
    const answer = searchAnswer({ depth: 'standard', llm: false }, spaced);
    expect(classify(answer, SEARCH, 'bytes')).toEqual({ ok: true, value: null });
    expect(classify(answer, SEARCH, 'full')).toMatchObject({ ok: true, value: { symbol: 'AAPL', narrative: null } });
  }
});

test('a missing narrative is no failure', () => {
  expect(verdict(searchAnswer({ depth: 'standard', llm: false }), SEARCH)).toBe('ok');
});

test('a narrative is found, whether the bytes tell of it or it has to be decoded', () => {
  for (const spaced of [true, false]) {
    const told = (llm: boolean) => searchAnswer({ depth: 'standard', llm }, spaced).body ?? '';
    expect([hasNarrative(told(true)), hasNarrative(told(false))]).toEqual([true, false]);
  }
  const text = (narrative: object) => toolBody(JSON.stringify({ symbol: 'AAPL', ...narrative, last: 1 }));
  expect(hasNarrative(text({ narrative: 'Steady.' }))).toBe(true);
  expect(hasNarrative(text({ narrative: null }))).toBe(false);
  expect(hasNarrative(text({}))).toBe(false);
});

test.each([
  'unknown',
  'error',
  'compliance_blocked',
])('the source %s means that there is no data, at HTTP 200', (source) => {
  expect(NO_DATA_SOURCES.includes(source)).toBe(true);
  for (const spaced of [true, false])
    expect(verdict(searchAnswer({ source }, spaced), SEARCH)).toBe(`data: source ${source}`);
  const entry = { price: 0, source, error: null };
  const prices = answered(JSON.stringify({ prices: { AAPL: entry, BTC: entry }, count: 2 }));
  expect(verdict(prices, PRICES)).toBe(`data: source ${source}`);
});

const cached = { price: 100, source: 'mock_provider', confidence: 1 };

test.each([
  { what: 'a price of 0', text: { cached: { ...cached, price: 0 } }, expected: 'data: no price' },
  { what: 'a negative price', text: { cached: { ...cached, price: -1 } }, expected: 'data: no price' },
  { what: 'a price that is text', text: { cached: { ...cached, price: '100' } }, expected: 'data: no price' },
  { what: 'a price of null', text: { cached: { ...cached, price: null } }, expected: 'data: no price' },
  { what: 'a confidence of 0', text: { cached: { ...cached, confidence: 0 } }, expected: 'data: no confidence' },
  { what: 'a confidence of true', text: { cached: { ...cached, confidence: true } }, expected: 'data: no confidence' },
  { what: 'an empty source', text: { cached: { ...cached, source: '' } }, expected: 'data: no source' },
  { what: 'a source of null', text: { cached: { ...cached, source: null } }, expected: 'data: no source' },
  { what: 'cached null', text: { cached: null }, expected: 'data: no price' },
  { what: 'cached in a list', text: { cached: [cached] }, expected: 'data: no price' },
  { what: 'nothing but a symbol', text: {}, expected: 'data: no price' },
  { what: 'the price of another', text: { cached, symbol: 'MSFT' }, expected: 'data: another symbol' },
  { what: 'a price and an error', text: { cached, status: 'error' }, expected: 'inner: status error' },
  { what: 'an error alone', text: { status: 'failed', error: 'no' }, expected: 'inner: status failed' },
  { what: 'a failed task', text: { cached, task: { status: 'failed' } }, expected: 'inner: status failed' },
  { what: 'a lost task', text: { cached, task: { status: 'not_found' } }, expected: 'inner: status not_found' },
  { what: 'a pending task', text: { cached, task: { status: 'pending' } }, expected: 'ok' },
  { what: 'no task', text: { cached, task: null }, expected: 'ok' },
])('a search with $what is judged $expected', ({ text, expected }) => {
  expect(verdict(toolAnswer({ symbol: 'AAPL', ...text }), SEARCH)).toBe(expected);
});

const UUID = '89f1c7a2-0000-4000-8000-000000000000';
const failure = {
  query: 'GET PRICE OF AAPL',
  status: 'failed',
  error: "Failed to parse DSL query: Unexpected token Token('CNAME', 'OF') at line 1, column 11.\nExpected one of: \n",
};
const running = {
  query: 'GET PRICE FOR AAPL',
  status: 'running',
  total_steps: 1,
  message: 'DSL query execution started',
};

test.each([
  { what: 'that runs', text: { ...running, task_id: UUID }, expected: 'ok' },
  { what: 'that does not parse', text: failure, expected: 'inner: status failed' },
  { what: 'that failed as a task', text: { ...failure, task_id: UUID }, expected: 'inner: status failed' },
  { what: 'that nobody can ask after', text: running, expected: 'data: no task id' },
  { what: 'with an empty task id', text: { ...running, task_id: '' }, expected: 'data: no task id' },
])('a submitted query $what is judged $expected', ({ text, expected }) => {
  expect(verdict(toolAnswer(text), { kind: 'dsl-submitted' })).toBe(expected);
});

test.each([
  { what: 'with a result', text: { status: 'completed', result: { [UUID]: { value: 1 } } }, expected: 'ok' },
  { what: 'of no steps', text: { status: 'completed', result: {} }, expected: 'ok' },
  { what: 'without a result', text: { status: 'completed', result: null }, expected: 'data: no result' },
  { what: 'that does not parse', text: failure, expected: 'inner: status failed' },
  { what: 'that still runs', text: { status: 'running', result: {} }, expected: 'inner: unexpected status' },
  { what: 'without a status', text: { result: {} }, expected: 'inner: unexpected status' },
])('an executed query $what is judged $expected', ({ text, expected }) => {
  expect(verdict(toolAnswer(text), { kind: 'dsl-completed' })).toBe(expected);
});

test.each([
  ['pending', 'ok'],
  ['running', 'ok'],
  ['completed', 'ok'],
  ['failed', 'inner: status failed'],
  ['cancelled', 'inner: status cancelled'],
  ['not_found', 'inner: status not_found'],
  ['Completed', 'inner: unexpected status'],
  [null, 'inner: unexpected status'],
])('a task that is %s is judged %s', (status, expected) => {
  const text = { task_id: UUID, status, type: 'dsl_evaluate', progress: 0.3333, completed_steps: 2, total_steps: 6 };
  expect(verdict(toolAnswer(text), { kind: 'task' })).toBe(expected);
});

test.each([
  { what: 'created', text: { status: 'success', session_id: UUID, assets: ['AAPL'], ttl_hours: 1 }, expected: 'ok' },
  { what: 'listed', text: { status: 'success', total_sessions: 0, sessions: [] }, expected: 'ok' },
  { what: 'without a database', text: { status: 'error', error: 'no' }, expected: 'inner: status error' },
  { what: 'of another tool', text: { AAPL: false, MSFT: false }, expected: 'inner: unexpected status' },
])('a session $what is judged $expected', ({ text, expected }) => {
  expect(verdict(toolAnswer(text), { kind: 'session' })).toBe(expected);
});

test.each([
  ['{"status":"healthy","version":"0.4.1","environment":"test"}', 'ok'],
  ['{"status": "healthy", "service": "redis", "host": "localhost", "port": 6379}', 'ok'],
  ['{"status":"degraded","service":"data_providers","total_providers":4}', 'inner: unexpected status'],
  ['{"status":"unhealthy","provider":"yahoo_finance"}', 'inner: unexpected status'],
  ['{"status":"error"}', 'inner: status error'],
  ['"healthy"', 'envelope: not a JSON object'],
  ['healthy', 'envelope: not a JSON object'],
])('the health %s is judged %s', (body, expected) => {
  expect(verdict(answered(body), { kind: 'health' })).toBe(expected);
});

const stock = { symbol: 'AAPL', name: 'AAPL Inc.', price: 100, source: 'mock_provider', asset_type: 'stock' };
const coin = { ...stock, symbol: 'BTC', name: 'BTC', price: 40_000, asset_type: 'crypto', error: null };

test.each([
  { what: 'with all that was asked for', prices: { AAPL: stock, BTC: coin }, expected: 'ok' },
  { what: 'with more than that', prices: { AAPL: stock, BTC: coin, MSFT: null }, expected: 'ok' },
  { what: 'that lacks a symbol', prices: { AAPL: stock }, expected: 'data: a symbol is missing' },
  { what: 'with null', prices: { AAPL: stock, BTC: null }, expected: 'data: a symbol is missing' },
  { what: 'with a price of 0', prices: { AAPL: stock, BTC: { ...coin, price: 0 } }, expected: 'data: no price' },
  { what: 'without source', prices: { AAPL: stock, BTC: { price: 1 } }, expected: 'data: no source' },
  {
    what: 'with an error',
    prices: { AAPL: { ...stock, error: 'timeout' }, BTC: coin },
    expected: 'data: a symbol has an error',
  },
])('a price list $what is judged $expected', ({ prices, expected }) => {
  expect(verdict(answered(JSON.stringify({ prices, count: 2 })), PRICES)).toBe(expected);
});

test.each(['{"prices":[],"count":0}', '{"detail":"x"}', '[]', ''])('%j is no price list', (body) => {
  expect(verdict(answered(body), PRICES)).toBe('envelope: not a price list');
});

test('under failure each answer is what the user would call it', () => {
  const health = answered('{"status":"healthy","version":"0.4.1","environment":"test"}');
  const cacheDown = answered('{"detail":"Cache health check failed: Timeout"}', 503);
  const unavailable = toolAnswer({ status: 'error', error: 'session store unavailable' });
  // Redis stopped: searches are late and right; the server calls itself healthy, and its cache not.
  expect(verdict(health, { kind: 'health' })).toBe('ok');
  expect(verdict(cacheDown, { kind: 'health' })).toBe('http: status 503');
  expect(verdict(searchAnswer(), SEARCH)).toBe('ok');
  // Redis hung: the whole process stands still.
  expect(verdict({ status: 0, body: null }, { kind: 'task' })).toBe('transport: no answer');
  // Redis or PostgreSQL absent at startup.
  expect(verdict(searchAnswer({ source: 'error' }), SEARCH)).toBe('data: source error');
  expect(verdict(unavailable, { kind: 'session' })).toBe('inner: status error');
  // All providers fail.
  expect(verdict(searchAnswer({ source: 'unknown' }), SEARCH)).toBe('data: source unknown');
});

/** Every reason there is: each becomes a tag value, so none may hold what a server sent. */
const REASONS = new Set([
  'no answer',
  'not a JSON object',
  'tool error',
  'no text content',
  'text is not a JSON object',
  'not a price list',
  'status failed',
  'status error',
  'status not_found',
  'status cancelled',
  'unexpected status',
  'no task id',
  'no result',
  'no price',
  'no source',
  'no confidence',
  'another symbol',
  'source unknown',
  'source error',
  'source compliance_blocked',
  'a symbol is missing',
  'a symbol has an error',
]);

const anyWord = fc.oneof(
  fc.constantFrom('failed', 'error', 'completed', 'success', 'healthy', 'unknown', 'AAPL'),
  fc.string(),
);
const anyObject = fc.dictionary(
  fc.constantFrom('status', 'cached', 'price', 'source', 'confidence', 'symbol', 'task', 'task_id', 'result', 'prices'),
  fc.oneof(anyWord, fc.jsonValue({ maxDepth: 2 })),
);
const anyBody = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  anyObject.map((object) => JSON.stringify(object)),
  fc.tuple(anyObject, fc.boolean()).map(([object, isError]) => toolBody(JSON.stringify(object), isError)),
  fc.record({ content: fc.jsonValue(), isError: fc.constant(false) }).map((object) => JSON.stringify(object)),
  fc.constant('['.repeat(100_000)),
);
const anyStatus = fc.oneof({ weight: 9, arbitrary: fc.constant(200) }, fc.integer({ min: 0, max: 599 }));

test('whatever is answered, nothing is thrown, and a reason is one of a few fixed phrases', () => {
  fc.assert(
    fc.property(
      anyStatus,
      fc.option(anyBody),
      fc.constantFrom(...EXPECTATIONS),
      fc.constantFrom(...LOOKS),
      (status, body, expectation, look) => {
        const outcome = classify({ status, body }, expectation, look);
        if (outcome.ok) return;
        if (outcome.layer === 'http') expect(outcome.reason).toBe(`status ${status}`);
        else expect(REASONS).toContain(outcome.reason);
      },
    ),
    { numRuns: 2000 },
  );
});
