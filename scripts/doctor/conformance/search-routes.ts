import { type Depth, NO_DATA_SOURCES } from '../../../contract';
import { type Comparison, get, textAt, toolRoute } from './comparison';
import { asset, candles, prices, searchResults } from './shapes-routes';
import { coinSearch, symbolSearch } from './shapes-search';
import { pendingTask, unknownTask, warmed } from './shapes-tools';

const SYMBOL = 'AAPL';
const COIN = 'BTC';
const DEPTHS: readonly Depth[] = ['quick', 'standard', 'deep'];

/** What reads prices and registers tasks: all of it needs Redis. */
export async function searchRoutes(comparison: Comparison): Promise<void> {
  let hasData = true;
  for (const depth of DEPTHS) {
    const answer = await comparison.tool('search-by-symbol', { symbol: SYMBOL, depth }, null, depth);
    if (answer === undefined) continue;
    hasData = lookForData(comparison, toolRoute('search-by-symbol', depth), answer, depth);
    comparison.value(toolRoute('search-by-symbol', depth), symbolSearch(SYMBOL, depth, hasData), answer);
    // A search without data may have no task that is still known.
    const taskId = depth === 'quick' && hasData ? textAt(answer, 'task', 'id') : null;
    if (taskId !== null) await comparison.tool('get-task-status', { taskId }, pendingTask(taskId), 'of a search');
  }
  for (const depth of DEPTHS) {
    const answer = await comparison.tool('search-by-coin', { symbol: COIN, depth }, coinSearch(COIN, depth), depth);
    if (answer !== undefined) lookForData(comparison, toolRoute('search-by-coin', depth), answer, depth);
  }
  await comparison.tool('get-task-status', { taskId: 'x' }, unknownTask('x'), 'unknown task');
  await comparison.tool('warm-cache', { symbols: [SYMBOL] }, warmed(SYMBOL));
  await comparison.json('GET /api/market/prices', get(`/api/market/prices?symbols=${SYMBOL},${COIN}`), prices);
  const route = 'GET /api/market/candles/{symbol}';
  const path = `/api/market/candles/${SYMBOL}?timeframe=1d`;
  await comparison.json(route, get(path), candles(SYMBOL, '1d', hasData));
  await comparison.json('GET /api/market/assets/{symbol}', get(`/api/market/assets/${SYMBOL}`), asset(SYMBOL));
  // Its first entry is priced.
  await comparison.json('GET /api/market/search', get('/api/market/search?q=app&asset_type=stock'), searchResults);
}

/** Whether a search has a price; says what could not be compared for want of providers or of an LLM. */
function lookForData(comparison: Comparison, route: string, answer: unknown, depth: Depth): boolean {
  const source = textAt(answer, 'cached', 'source');
  const hasData = source === null || !NO_DATA_SOURCES.includes(source);
  if (!hasData) comparison.skip(route, `its values: the providers have none (source ${source})`);
  if (depth !== 'quick' && isNull(answer, 'narrative')) {
    comparison.skip(route, 'its narrative: there is none, since the server has no LLM or reaches none');
  }
  return hasData;
}

const isNull = (value: unknown, key: string): boolean =>
  typeof value === 'object' && value !== null && Reflect.get(value, key) === null;
