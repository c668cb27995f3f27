import { health, searchBySymbol } from '../contract';
import type { HotSet } from '../profiles';
import type { Client } from './client';
import { hotEquity } from './hot-symbols';
import { addObservations } from './observations';
import { addUp } from './watched';

const PROBE = { series: 'probe' };

/** One availability probe: a real query and `/health`; up is who answers both. */
export function probe(client: Client, set: HotSet, ordinal: number, elapsedMs: number): void {
  // A server that does not answer is down: asking it once more would only keep the VU waiting.
  const query = client.send(searchBySymbol(hotEquity(set, ordinal, elapsedMs), 'quick'), 'probe').outcome;
  addUp(query.ok && client.send(health(), 'probe').outcome.ok);
  addObservations(1, PROBE);
}
