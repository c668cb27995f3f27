import { Rate, Trend } from 'k6/metrics';
import { type FimlRequest, hasNarrative, marketPrices, type Outcome, searchByCoin, searchBySymbol } from '../contract';
import { DSL_SYNC_EVERY, type HotSet, MARKET_PRICES_SYMBOLS, PRICE_CYCLE } from '../profiles';
import type { Client } from './client';
import { coldEquity } from './cold-symbols';
import { dslQuery } from './dsl-queries';
import { hotCoin, hotEquity } from './hot-symbols';
import { addObservations } from './observations';
import { followTask, runDsl } from './tasks';

const { add: addProviderOk } = new Rate('fiml_provider_ok');
const { add: addNarrativeDuration } = new Trend('fiml_narrative_duration', true);

const PROVIDER = { series: 'provider' };
const NARRATIVE = { series: 'narrative' };

/** The `ordinal`-th price query for something that is known to be cached `elapsedMs` after the hot set's start. */
export function hotPrice(set: HotSet, ordinal: number, elapsedMs: number): FimlRequest {
  switch (PRICE_CYCLE[ordinal % PRICE_CYCLE.length]) {
    case 'coin-quick':
      return searchByCoin(hotCoin(set, ordinal, elapsedMs));
    case 'market-prices': {
      const symbols: string[] = [];
      for (let i = 0; i < MARKET_PRICES_SYMBOLS; i++) symbols.push(hotEquity(set, ordinal + i, elapsedMs));
      return marketPrices(symbols);
    }
    default:
      return searchBySymbol(hotEquity(set, ordinal, elapsedMs), 'quick');
  }
}

/** The `ordinal`-th price query for a symbol that nothing has cached: a provider must answer. */
export function askCold(client: Client, ordinal: number): void {
  recordProvider(client.send(searchBySymbol(coldEquity(ordinal), 'quick'), 'price', 'cold').outcome);
}

/** A standard or deep analysis of something that is known to be cached, in turn. */
export function analyse(client: Client, set: HotSet, ordinal: number, elapsedMs: number): void {
  askAnalysis(client, hotEquity(set, ordinal, elapsedMs), ordinal % 2 === 0 ? 'standard' : 'deep');
}

/** An analysis, which needs a provider, and an LLM for its narrative. */
export function askAnalysis(client: Client, symbol: string, depth: 'standard' | 'deep'): void {
  const { outcome, response } = client.send(searchBySymbol(symbol, depth), 'analysis');
  recordProvider(outcome);
  if (outcome.ok && hasNarrative(response.body)) {
    addNarrativeDuration(response.timings.duration);
    addObservations(1, NARRATIVE);
  }
}

/** An FK-DSL query: every third at once, the others as tasks. */
export function queryDsl(client: Client, ordinal: number): void {
  const query = dslQuery(ordinal);
  if (ordinal % DSL_SYNC_EVERY === 0) runDsl(client, query);
  else followTask(client, query);
}

/** An answer without data speaks against the provider; no answer, or one that is no answer of FIML's, says nothing. */
function recordProvider(outcome: Outcome): void {
  if (!outcome.ok && outcome.layer !== 'data') return;
  addProviderOk(outcome.ok);
  addObservations(1, PROVIDER);
}
