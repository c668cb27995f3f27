import { type Comparison, get, post, textAt } from './comparison';
import { detail, validation } from './shapes';
import { cacheMetrics, dslTemplates, performance, root } from './shapes-routes';
import { TOOL_NAMES, toolList } from './shapes-tools';

/** Routes that need nothing but the server itself. */
export async function plainRoutes(comparison: Comparison): Promise<void> {
  await comparison.json('GET /', get('/'), root);
  await tools(comparison);
  await comparison.json('GET /api/market/dsl/templates', get('/api/market/dsl/templates'), dslTemplates);
  await comparison.json('GET /api/metrics/performance', get('/api/metrics/performance'), performance);
  await comparison.json('GET /api/metrics/cache', get('/api/metrics/cache'), cacheMetrics);
  await refusals(comparison);
}

async function tools(comparison: Comparison): Promise<void> {
  const route = 'GET /mcp/tools';
  const answer = await comparison.json(route, get('/mcp/tools'), toolList);
  const list: unknown = (answer as { tools?: unknown } | undefined)?.tools;
  if (!Array.isArray(list)) return;
  const names = list.map((tool) => textAt(tool, 'name') ?? '?');
  if (names.join() !== TOOL_NAMES.join()) {
    comparison.differ(route, 'tools[].name, in order', TOOL_NAMES.join(', '), names.join(', '));
  }
}

/** Answers to what is wrong, in each of the ways in which the server says so. */
async function refusals(comparison: Comparison): Promise<void> {
  const call = '/mcp/tools/call';
  await comparison.toolError('nope', {}, 'Error: 404: Tool not found: nope', 'unknown tool');
  await comparison.toolError('search-by-symbol', {}, "Error: 'symbol'", 'missing argument');
  const turbo = { symbol: 'AAPL', depth: 'turbo' };
  await comparison.toolError('search-by-symbol', turbo, "Error: 'turbo' is not a valid AnalysisDepth", 'unknown depth');
  await comparison.json(`POST ${call}, without name`, post(call, { arguments: {} }), validation, 422);
  const noJson = { method: 'POST', path: call, body: 'no json' } as const;
  await comparison.json(`POST ${call}, not JSON`, noJson, validation, 422);
  await comparison.json(`GET ${call}`, get(call), detail('Method Not Allowed'), 405);
  await comparison.json('GET an unknown path', get('/api/performance/metrics'), detail('Not Found'), 404);
  const prices = '/api/market/prices';
  await comparison.json(`GET ${prices}, without symbols`, get(prices), validation, 422);
  await comparison.json(`GET ${prices}, no symbol`, get(`${prices}?symbols=,`), detail('No symbols provided'), 400);
  const many = Array.from({ length: 51 }, (_, index) => `S${index}`).join(',');
  const tooMany = detail('Maximum 50 symbols allowed per request');
  await comparison.json(`GET ${prices}, 51 symbols`, get(`${prices}?symbols=${many}`), tooMany, 400);
  await comparison.json('GET /api/market/search, without q', get('/api/market/search'), validation, 422);
}
