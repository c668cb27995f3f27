import { executeDsl, type FimlRequest, marketPrices, searchByCoin, searchBySymbol } from '../contract';
import { MARKET_PRICES_SYMBOLS, PRICE_CYCLE } from '../profiles';
import type { Op } from './client';
import { coldEquity } from './cold-symbols';
import { dslQuery } from './dsl-queries';
import { HOT_COINS, HOT_EQUITIES } from './hot-symbols';
import { coldOrdinal, hash, type Step } from './mix';

/** Few symbols, so that both servers have them all cached, narratives included, before anything counts. */
const EQUITIES = HOT_EQUITIES.slice(0, 18);
const COINS = HOT_COINS.slice(0, 2);

/** Everything but the cold symbols that {@link questionOf} asks for. */
export const firstQuestions = (): FimlRequest[] => [
  ...EQUITIES.flatMap((symbol) => [searchBySymbol(symbol, 'quick'), searchBySymbol(symbol, 'deep')]),
  ...COINS.map((symbol) => searchByCoin(symbol)),
];

/** What both servers are asked in an iteration. No tasks: how often one is polled depends on the server. */
export function questionOf({ kind, ordinal }: Step, coldShare: number): { request: FimlRequest; op: Op } {
  if (kind === 'dsl') {
    return { request: executeDsl(dslQuery(ordinal)), op: 'dsl' };
  }
  if (kind === 'analysis') {
    return { request: searchBySymbol(equity(ordinal), ordinal % 2 === 0 ? 'standard' : 'deep'), op: 'analysis' };
  }
  const cold = coldOrdinal(coldShare, ordinal);
  return { request: cold === null ? price(ordinal) : searchBySymbol(coldEquity(cold), 'quick'), op: 'price' };
}

function price(ordinal: number): FimlRequest {
  switch (PRICE_CYCLE[ordinal % PRICE_CYCLE.length]) {
    case 'coin-quick':
      return searchByCoin(COINS[ordinal % COINS.length] as string);
    case 'market-prices':
      return marketPrices(Array.from({ length: MARKET_PRICES_SYMBOLS }, (_, at) => equity(ordinal + at)));
    default:
      return searchBySymbol(equity(ordinal), 'quick');
  }
}

const equity = (ordinal: number): string => EQUITIES[ordinal % EQUITIES.length] as string;

/**
 * Which of the two servers is asked first, 0 or 1. Of each two iterations one begins with the first and the other with the
 * second, so that neither always finds the machine warmed up by the other; which of the two, is drawn.
 */
export const firstSide = (seed: number, iteration: number): 0 | 1 =>
  ((hash(seed, iteration >>> 1) >>> 16) + iteration) % 2 === 0 ? 0 : 1;
