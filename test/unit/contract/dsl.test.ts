import { DSL_QUERIES } from '../../../contract';
import { parseDsl } from '../../../reference/dsl/parse';
import { planOf, sleepOf } from '../../../reference/dsl/plan';

/** The contract's table of valid queries, with what each took on a running server: steps, and their longest sleep in ms. */
const MEASURED: readonly (readonly [query: string, steps: number, sleepMs: number])[] = [
  ['GET PRICE FOR AAPL', 1, 100],
  ['GET NEWS FOR AAPL', 1, 100],
  ['GET FUNDAMENTALS FOR AAPL', 1, 100],
  ['GET OHLCV FOR AAPL', 1, 100],
  ['GET OHLCV FOR AAPL 1d', 1, 100],
  ['TRACK AAPL WHEN PRICE > 150', 1, 50],
  ['FIND AAPL WITH PRICE > 150 AND RSI < 30', 2, 150],
  ['FIND SECTOR TECH WITH PE < 20', 2, 150],
  ['FIND TOP 10 BY MARKETCAP WITH PE < 20', 2, 150],
  ['FIND ALL IN NASDAQ WITH PRICE > 100', 2, 150],
  ['COMPARE AAPL, MSFT, GOOGL BY PRICE, VOLUME', 4, 150],
  ['COMPARE BTC vs ETH ON: VOLUME(7d), LIQUIDITY, MOMENTUM(14d)', 3, 150],
  ['EVALUATE AAPL: PRICE, VOLUME', 2, 200],
  ['ANALYZE AAPL FOR TECHNICALS', 3, 300],
  ['ANALYZE AAPL FOR RISK', 3, 300],
  ['ANALYZE BTC FOR SENTIMENT', 3, 350],
  ['EVALUATE NVDA: RSI, MACD, SMA 20, EMA 50', 7, 350],
  ['COMPARE AAPL, MSFT BY PE, EPS', 3, 350],
  ['COMPARE AAPL vs MSFT vs GOOGL ON: PE, EPS', 4, 350],
  ['EVALUATE BTC: SENTIMENT, BUZZ', 5, 400],
  ['CORRELATE AAPL WITH SPY', 3, 400],
  ['CORRELATE BTC WITH ETH WINDOW 4w', 3, 400],
  ['CORRELATE TSLA WITH BTC, SPY WINDOW 90d', 4, 400],
  ['MACRO: US10Y, CPI, VIX -> CORRELATION ON SPY', 5, 400],
  ['EVALUATE TSLA: PRICE, VOLATILITY(30d), CORRELATE(BTC, SPY), TECHNICAL(RSI, MACD)', 6, 450],
  ['ANALYZE AAPL FOR FUNDAMENTALS', 3, 500],
  ['MACRO: US10Y, CPI, VIX, DXY -> REGRESSION ON SPY', 6, 500],
  ['EVALUATE MSFT: MOMENTUM, LIQUIDITY, BETA', 5, 550],
  ['SCAN NASDAQ WHERE VOLUME > AVG_VOLUME(30d) * 2 AND PRICE_CHANGE(1d) > 5%', 2, 550],
  ['SCAN NASDAQ WHERE PE BETWEEN 10 AND 20', 2, 550],
  ['SCAN NASDAQ WHERE SMA 50 ABOVE SMA 200', 2, 550],
];

test.each(MEASURED)('%s takes %i steps and %i ms in the planner as on the server', (query, steps, sleepMs) => {
  const plan = planOf(parseDsl(query));
  expect([plan.length, sleepOf(plan)]).toEqual([steps, sleepMs]);
});

test('traffic sends only queries that ran on the server, each once, and says truly what they take', () => {
  const measured = new Map(MEASURED.map(([query, steps, sleepMs]) => [query, { query, steps, sleepMs }]));
  for (const one of DSL_QUERIES) expect(one).toEqual(measured.get(one.query));
  expect(new Set(DSL_QUERIES.map(({ query }) => query)).size).toBe(DSL_QUERIES.length);
});

test('traffic sends every kind of statement and every length there is', () => {
  const words = new Set(DSL_QUERIES.map(({ query }) => /^[A-Z]+/.exec(query)?.[0]));
  expect(words).toEqual(
    new Set(['GET', 'TRACK', 'FIND', 'COMPARE', 'EVALUATE', 'ANALYZE', 'CORRELATE', 'MACRO', 'SCAN']),
  );
  expect(new Set(DSL_QUERIES.map(({ sleepMs }) => sleepMs))).toEqual(new Set(MEASURED.map(([, , sleepMs]) => sleepMs)));
});
