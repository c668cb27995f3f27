const string = { type: 'string' };
const strings = { type: 'array', items: string };
const integer = { type: 'integer' };
const depth = { type: 'string', enum: ['quick', 'standard', 'deep'], default: 'standard' };

const tool = (name: string, description: string, properties: Record<string, unknown>, required: string[] = []) => ({
  name,
  description,
  inputSchema: { type: 'object', properties, required },
});

/** `GET /mcp/tools`, in the server's order. */
export const TOOL_LIST = {
  tools: [
    tool(
      'search-by-symbol',
      'Search for a stock by symbol',
      { symbol: string, market: { ...string, default: 'US' }, depth, language: string, sessionId: string },
      ['symbol'],
    ),
    tool(
      'search-by-coin',
      'Search for a cryptocurrency',
      { symbol: string, exchange: string, pair: string, depth, language: string, sessionId: string },
      ['symbol'],
    ),
    tool('get-task-status', 'Poll a task', { taskId: string, stream: { type: 'boolean' } }, ['taskId']),
    tool('execute-fk-dsl', 'Run an FK-DSL query', { query: string, async: { type: 'boolean', default: true } }, [
      'query',
    ]),
    tool(
      'create-analysis-session',
      'Create a session',
      { assets: strings, sessionType: string, userId: string, ttlHours: integer, tags: strings },
      ['assets', 'sessionType'],
    ),
    tool('get-session-info', 'Describe a session', { sessionId: string }, ['sessionId']),
    tool(
      'list-sessions',
      'List the sessions of a user',
      { userId: string, includeArchived: { type: 'boolean' }, limit: integer },
      ['userId'],
    ),
    tool('extend-session', 'Extend a session', { sessionId: string, hours: integer }, ['sessionId']),
    tool('get-session-analytics', 'Statistics of sessions', { userId: string, sessionType: string, days: integer }),
    tool('warm-cache', 'Warm the cache', { symbols: strings, concurrency: integer }, ['symbols']),
  ],
};
