/** What users do, by request: the guide's 80 % price queries, 15 % deep analysis and 5 % FK-DSL, exact in each block. */
export type TrafficClass = 'price' | 'analysis' | 'dsl';

export const BLOCK = 20;
export const BLOCK_MIX: Readonly<Record<TrafficClass, number>> = { price: 16, analysis: 3, dsl: 1 };

/** Price queries that are not cold, in turn: mostly one symbol, sometimes a coin or the market route's list. */
export const PRICE_CYCLE = [
  'search-quick',
  'search-quick',
  'search-quick',
  'coin-quick',
  'search-quick',
  'search-quick',
  'search-quick',
  'market-prices',
] as const;

/** Symbols that one market-prices request asks for. */
export const MARKET_PRICES_SYMBOLS = 2;
/** One DSL iteration in this many runs synchronously; the others submit a task and poll it to its end. */
export const DSL_SYNC_EVERY = 3;
/** A task that takes longer is given up as not completed: ten times the target for a DSL result. */
export const TASK_DEADLINE_MS = 10_000;
