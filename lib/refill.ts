import { type FimlRequest, searchByCoin, searchBySymbol } from '../contract';
import { EQUITY_SLOTS, fillAt, HOT_SLOTS, type HotSet } from '../profiles';
import type { Client } from './client';
import { slotSymbol } from './hot-symbols';

/** Asks for the symbol whose turn it is to enter the cache, so that others may ask for it as a hot one. */
export function refill(client: Client, set: HotSet, elapsedMs: number): void {
  const { slot, window } = fillAt(set, elapsedMs);
  client.send(fillRequest(slot, window), 'fill', 'fill');
}

/** The requests that fill every slot for the time until its first refill. */
export const firstFill = (): FimlRequest[] => Array.from({ length: HOT_SLOTS }, (_, slot) => fillRequest(slot, -1));

function fillRequest(slot: number, window: number): FimlRequest {
  const symbol = slotSymbol(slot, window);
  return slot < EQUITY_SLOTS ? searchBySymbol(symbol, 'quick') : searchByCoin(symbol);
}
