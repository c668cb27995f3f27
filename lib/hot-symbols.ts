import { COIN_SLOTS, EQUITY_SLOTS, type HotSet, hotWindow, WINDOWS } from '../profiles';
import { hotSymbols } from './once';
import { shared } from './shared';

// Parts of one text: symbols that are decoded one by one would cost each virtual user four times as much.
const { equities, coins } = shared('hot symbols', () => hotSymbols());
/** What real users ask for again and again. */
export const HOT_EQUITIES: readonly string[] = equities.split(' ');
export const HOT_COINS: readonly string[] = coins.split(' ');

/** The symbol of a slot in a window; windows before the first belong to the filling in setup. */
export function slotSymbol(slot: number, window: number): string {
  const turn = ((window % WINDOWS) + WINDOWS) % WINDOWS;
  const symbol =
    slot < EQUITY_SLOTS ? HOT_EQUITIES[slot * WINDOWS + turn] : HOT_COINS[(slot - EQUITY_SLOTS) * WINDOWS + turn];
  return symbol as string;
}

/** An equity that is known to be cached `elapsedMs` after the hot set's start. */
export function hotEquity(set: HotSet, index: number, elapsedMs: number): string {
  const slot = index % EQUITY_SLOTS;
  return slotSymbol(slot, hotWindow(set, slot, elapsedMs));
}

/** A coin that is known to be cached `elapsedMs` after the hot set's start. */
export function hotCoin(set: HotSet, index: number, elapsedMs: number): string {
  const slot = EQUITY_SLOTS + (index % COIN_SLOTS);
  return slotSymbol(slot, hotWindow(set, slot, elapsedMs));
}
