/** A request's stable name: every sample carries it, and no URL ever reaches a tag. */
export type OperationName =
  | 'search-quick'
  | 'search-standard'
  | 'search-deep'
  | 'coin-quick'
  | 'dsl-async'
  | 'dsl-sync'
  | 'task-status'
  | 'market-prices'
  | 'health'
  | 'session-create'
  | 'session-info'
  | 'session-extend'
  | 'session-list'
  | 'session-analytics';

export type Depth = 'quick' | 'standard' | 'deep';

/** What a right answer to a request looks like; the classifier's other half. */
export type Expectation =
  | { readonly kind: 'search'; readonly symbol: string }
  | { readonly kind: 'dsl-submitted' }
  | { readonly kind: 'dsl-completed' }
  | { readonly kind: 'task' }
  | { readonly kind: 'prices'; readonly symbols: readonly string[] }
  | { readonly kind: 'health' }
  | { readonly kind: 'session' };

/** A request, which says itself what it expects: one object for each, since k6 takes microseconds to make one. */
export type FimlRequest = Expectation & {
  readonly operation: OperationName;
  readonly method: 'GET' | 'POST';
  /** Below the target's address. */
  readonly path: string;
  readonly body: string | null;
};

const TOOL_PATH = '/mcp/tools/call';
/** The shortest life a session can be given: a test leaves nothing behind for longer. */
const SESSION_TTL_HOURS = 1;

const call = (operation: OperationName, name: string, args: object, expect: Expectation): FimlRequest => ({
  operation,
  method: 'POST',
  path: TOOL_PATH,
  body: JSON.stringify({ name, arguments: args }),
  ...expect,
});

const SEARCH_OPERATIONS = { quick: 'search-quick', standard: 'search-standard', deep: 'search-deep' } as const;

/** `symbol` comes from `symbols.ts`: the body is put together without escaping, on the hot path of the generator. */
export const searchBySymbol = (symbol: string, depth: Depth): FimlRequest => ({
  operation: SEARCH_OPERATIONS[depth],
  method: 'POST',
  path: TOOL_PATH,
  body: `{"name":"search-by-symbol","arguments":{"symbol":"${symbol}","depth":"${depth}"}}`,
  kind: 'search',
  symbol,
});

/** `symbol` comes from `symbols.ts`, as above. */
export const searchByCoin = (symbol: string): FimlRequest => ({
  operation: 'coin-quick',
  method: 'POST',
  path: TOOL_PATH,
  body: `{"name":"search-by-coin","arguments":{"symbol":"${symbol}","depth":"quick"}}`,
  kind: 'search',
  symbol,
});

/** @param symbols 1 to 50, from `symbols.ts`. */
export const marketPrices = (symbols: readonly string[]): FimlRequest => ({
  operation: 'market-prices',
  method: 'GET',
  path: `/api/market/prices?symbols=${symbols.join(',')}`,
  body: null,
  kind: 'prices',
  symbols,
});

/** Starts a task; {@link taskStatus} follows it. */
export const submitDsl = (query: string): FimlRequest =>
  call('dsl-async', 'execute-fk-dsl', { query, async: true }, { kind: 'dsl-submitted' });

/** Answers when the query has run. */
export const executeDsl = (query: string): FimlRequest =>
  call('dsl-sync', 'execute-fk-dsl', { query, async: false }, { kind: 'dsl-completed' });

export const taskStatus = (taskId: string): FimlRequest =>
  call('task-status', 'get-task-status', { taskId }, { kind: 'task' });

export const health = (): FimlRequest => ({
  operation: 'health',
  method: 'GET',
  path: '/health',
  body: null,
  kind: 'health',
});

export const createSession = (assets: readonly string[], userId: string): FimlRequest =>
  call(
    'session-create',
    'create-analysis-session',
    { assets, sessionType: 'equity', userId, ttlHours: SESSION_TTL_HOURS },
    { kind: 'session' },
  );

export const sessionInfo = (sessionId: string): FimlRequest =>
  call('session-info', 'get-session-info', { sessionId }, { kind: 'session' });

export const extendSession = (sessionId: string): FimlRequest =>
  call('session-extend', 'extend-session', { sessionId, hours: SESSION_TTL_HOURS }, { kind: 'session' });

export const listSessions = (userId: string): FimlRequest =>
  call('session-list', 'list-sessions', { userId, limit: 10 }, { kind: 'session' });

export const sessionAnalytics = (userId: string): FimlRequest =>
  call('session-analytics', 'get-session-analytics', { userId }, { kind: 'session' });

/**
 * What a request asks for, in words: its symbol or symbols, or its FK-DSL query; empty for one that asks for neither. For
 * the few requests that somebody is going to look at: it decodes a query's body.
 */
export function subjectOf(request: FimlRequest): string {
  switch (request.kind) {
    case 'search':
      return request.symbol;
    case 'prices':
      return request.symbols.join(',');
    case 'dsl-submitted':
    case 'dsl-completed':
      return JSON.parse(request.body ?? '').arguments.query;
    default:
      return '';
  }
}
