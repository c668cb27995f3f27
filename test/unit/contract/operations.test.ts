import fc from 'fast-check';
import {
  createSession,
  type Depth,
  executeDsl,
  extendSession,
  type FimlRequest,
  HOT_COINS,
  HOT_EQUITIES,
  health,
  listSessions,
  marketPrices,
  searchByCoin,
  searchBySymbol,
  sessionAnalytics,
  sessionInfo,
  subjectOf,
  submitDsl,
  taskStatus,
} from '../../../contract';

const DEPTHS: readonly Depth[] = ['quick', 'standard', 'deep'];

/** What a tool call sends, put together the slow way. */
const call = (name: string, args: object) => ({ name, arguments: args });
const bodyOf = ({ body }: FimlRequest): unknown => JSON.parse(body ?? '');

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', 'a"b', '\n', 'é', '{}', '\ud800'));

test('a search asks for its symbol at its depth', () => {
  for (const depth of DEPTHS) {
    for (const symbol of HOT_EQUITIES) {
      expect(bodyOf(searchBySymbol(symbol, depth))).toEqual(call('search-by-symbol', { symbol, depth }));
    }
    expect(searchBySymbol('AAPL', depth)).toMatchObject({
      operation: `search-${depth}`,
      kind: 'search',
      symbol: 'AAPL',
    });
  }
  for (const symbol of HOT_COINS) {
    expect(bodyOf(searchByCoin(symbol))).toEqual(call('search-by-coin', { symbol, depth: 'quick' }));
    expect(searchByCoin(symbol)).toMatchObject({ kind: 'search', symbol });
  }
});

test('the market route is asked for all symbols at once, in its address', () => {
  const request = marketPrices(['AAPL', 'BTC']);
  expect(request).toMatchObject({ method: 'GET', path: '/api/market/prices?symbols=AAPL,BTC', body: null });
  expect(request).toMatchObject({ kind: 'prices', symbols: ['AAPL', 'BTC'] });
});

test('texts of any kind reach the tools as they are', () => {
  fc.assert(
    fc.property(anyText, fc.array(anyText), (text, assets) => {
      const sent = (request: FimlRequest) => bodyOf(request);
      expect(sent(submitDsl(text))).toEqual(call('execute-fk-dsl', { query: text, async: true }));
      expect(sent(executeDsl(text))).toEqual(call('execute-fk-dsl', { query: text, async: false }));
      expect(sent(taskStatus(text))).toEqual(call('get-task-status', { taskId: text }));
      expect(sent(sessionInfo(text))).toEqual(call('get-session-info', { sessionId: text }));
      expect(sent(extendSession(text))).toEqual(call('extend-session', { sessionId: text, hours: 1 }));
      expect(sent(listSessions(text))).toEqual(call('list-sessions', { userId: text, limit: 10 }));
      expect(sent(sessionAnalytics(text))).toEqual(call('get-session-analytics', { userId: text }));
      expect(sent(createSession(assets, text))).toEqual(
        call('create-analysis-session', { assets, sessionType: 'equity', userId: text, ttlHours: 1 }),
      );
    }),
    { numRuns: 50 },
  );
});

const EVERY: readonly FimlRequest[] = [
  ...DEPTHS.map((depth) => searchBySymbol('AAPL', depth)),
  searchByCoin('BTC'),
  marketPrices(['AAPL', 'BTC']),
  submitDsl('GET PRICE FOR AAPL'),
  executeDsl('GET PRICE FOR AAPL'),
  taskStatus('a-task'),
  health(),
  createSession(['AAPL'], 'me'),
  sessionInfo('a-session'),
  extendSession('a-session'),
  listSessions('me'),
  sessionAnalytics('me'),
];

test('each operation has a name of its own, which holds nothing of its address or arguments', () => {
  const names = EVERY.map(({ operation }) => operation);
  expect(new Set(names).size).toBe(EVERY.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test('tools are called by POST at one address, everything else is asked for by GET without a body', () => {
  for (const { method, path, body } of EVERY) {
    expect(path).toMatch(/^\//);
    expect(body === null).toBe(method === 'GET');
    expect(path === '/mcp/tools/call').toBe(method === 'POST');
  }
  expect(health()).toEqual({
    operation: 'health',
    method: 'GET',
    path: '/health',
    body: null,
    kind: 'health',
  });
});

test.each([
  [submitDsl('x'), 'dsl-submitted'],
  [executeDsl('x'), 'dsl-completed'],
  [taskStatus('x'), 'task'],
  [createSession([], 'x'), 'session'],
  [sessionInfo('x'), 'session'],
  [extendSession('x'), 'session'],
  [listSessions('x'), 'session'],
  [sessionAnalytics('x'), 'session'],
])('$operation is held against its own kind of answer', (request, kind) => {
  expect(request.kind).toBe(kind);
});

test('a request tells what it asks for', () => {
  expect(subjectOf(searchBySymbol('NVDA', 'deep'))).toBe('NVDA');
  expect(subjectOf(searchByCoin('BTC'))).toBe('BTC');
  expect(subjectOf(marketPrices(['AAPL', 'MSFT']))).toBe('AAPL,MSFT');
  const query = 'EVALUATE "NVDA": RSI';
  expect(subjectOf(submitDsl(query))).toBe(query);
  expect(subjectOf(executeDsl(query))).toBe(query);
});

test('what asks for neither symbol nor query has no subject', () => {
  for (const request of [
    health(),
    taskStatus('x'),
    createSession(['AAPL'], 'x'),
    sessionInfo('x'),
    listSessions('x'),
  ]) {
    expect(subjectOf(request)).toBe('');
  }
});
