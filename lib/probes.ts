import { Rate } from 'k6/metrics';
import { health, searchBySymbol } from '../contract';
import type { HotSet } from '../profiles';
import type { Client } from './client';
import { hotEquity } from './hot-symbols';
import { observations } from './observations';

const up = new Rate('fiml_up');

const PROBE = { series: 'probe' };

/** One availability probe: a real query and `/health`; up is who answers both. */
export function probe(client: Client, set: HotSet, ordinal: number, elapsedMs: number): void {
  // A server that does not answer is down: asking it once more would only keep the VU waiting.
  const query = client.send(searchBySymbol(hotEquity(set, ordinal, elapsedMs), 'quick'), 'probe').outcome;
  up.add(query.ok && client.send(health(), 'probe').outcome.ok);
  observations.add(1, PROBE);
}
