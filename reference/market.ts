import { FUNDAMENTALS } from './answer';
import { isoTime } from './clock';
import type { Fiml, Worker } from './fiml';
import { float, writeJson } from './json';
import { CRYPTO, providerPrice } from './prices';
import { readPrice, registerTask } from './search';

const CANDLES = 100;
const DAY_MS = 86_400_000;
const MAX_RESULTS = 10;

const kindOf = (symbol: string) => (CRYPTO.has(symbol) ? 'coin' : 'equity');
const assetType = (symbol: string) => (CRYPTO.has(symbol) ? 'crypto' : 'stock');

/** All symbols at once, each at quick depth with a task of its own. */
export async function prices(
  fiml: Fiml,
  worker: Worker,
  symbols: readonly string[],
  serviceMs: number,
): Promise<string> {
  const entries = await Promise.all(
    symbols.map(async (symbol) => {
      const kind = kindOf(symbol);
      const source = await readPrice(fiml, worker, kind, symbol, 'USDT', serviceMs);
      const atMs = fiml.clock.now();
      await registerTask(fiml, kind, symbol, source, atMs);
      return [symbol, priceEntry(symbol, source === 'mock_provider', source, isoTime(atMs, 'Z'))] as const;
    }),
  );
  // Distinct symbols only: a symbol asked for twice is one entry.
  const found = Object.fromEntries(entries);
  return writeJson({ prices: found, count: Object.keys(found).length }, false);
}

const priceEntry = (symbol: string, known: boolean, source: string, timestamp: string) => ({
  symbol,
  name: CRYPTO.has(symbol) ? symbol : `${symbol} Inc.`,
  price: float(known ? providerPrice(kindOf(symbol)) : 0),
  change: float(known ? -1.5 : 0),
  change_percent: float(known ? -1.48 : 0),
  source,
  timestamp,
  asset_type: assetType(symbol),
  error: null,
});

/** The timeframe is echoed and not used; a dead provider has no candles. */
export function candles(fiml: Fiml, symbol: string, timeframe: string): string {
  const last = fiml.clock.now();
  const price = providerPrice(kindOf(symbol));
  const list = Array.from({ length: fiml.providerDown() ? 0 : CANDLES }, (_, index) => ({
    timestamp: last - (CANDLES - 1 - index) * DAY_MS,
    open: float(price),
    high: float(price * 1.01),
    low: float(price * 0.99),
    close: float(price),
    volume: 1_000_000,
  }));
  return writeJson({ symbol, timeframe, candles: list }, false);
}

export async function asset(fiml: Fiml, worker: Worker, symbol: string): Promise<string> {
  const source = await readPrice(fiml, worker, kindOf(symbol), symbol, 'USDT', 0);
  const known = source === 'mock_provider';
  return writeJson(
    {
      symbol,
      name: `${symbol} Inc.`,
      asset_type: assetType(symbol),
      price: {
        current: float(known ? providerPrice(kindOf(symbol)) : 0),
        change: float(known ? -1.5 : 0),
        change_percent: float(known ? -1.48 : 0),
        explanation: null,
      },
      volume: { current: null, average: null },
      fundamentals: CRYPTO.has(symbol) ? {} : FUNDAMENTALS,
      narrative: null,
      key_insights: [],
      risk_factors: [],
      disclaimer: 'Not investment advice.',
      data_source: source,
      timestamp: isoTime(fiml.clock.now(), 'Z'),
      is_fallback: false,
    },
    false,
  );
}

/** The query itself comes first, whether or not anything of that name exists. */
export function find(query: string, type: string | undefined): string {
  const symbol = query.toUpperCase();
  const others = [...CRYPTO].filter((coin) => coin.startsWith(symbol) && coin !== symbol && type !== 'stock');
  const entries = [symbol, ...others].slice(0, MAX_RESULTS).map((name, index) => ({
    symbol: name,
    name,
    type: assetType(name),
    ...(index === 0 ? { source: 'mock_provider' } : {}),
  }));
  return writeJson(entries, false);
}

const template = (id: string, query: string, category: string) => ({
  id,
  name: id.replace('-', ' '),
  description: `Template ${id}`,
  query,
  example: query,
  category,
});

/** As shipped: all but one of the examples do not parse. */
export const DSL_TEMPLATES = {
  templates: [
    template('price-check', 'GET PRICE FOR AAPL', 'price'),
    template('price-of', 'GET PRICE OF AAPL', 'price'),
    template('compare-two', 'COMPARE AAPL WITH MSFT', 'comparison'),
    template('rsi', 'CALCULATE RSI FOR AAPL', 'technical'),
    template('trend-scan', 'SCAN NASDAQ WHERE TREND IS BULLISH', 'scan'),
    template('valuation', 'EVALUATE AAPL: PE_RATIO', 'fundamentals'),
  ],
};
