import type { HotSet } from '../../profiles';

/** As `lib/hot-symbols.ts` says, which Node's tests cannot import: types of k6's own modules do not resolve under Node. */
export interface HotSymbols {
  slotSymbol(slot: number, window: number): string;
  hotEquity(set: HotSet, index: number, elapsedMs: number): string;
  hotCoin(set: HotSet, index: number, elapsedMs: number): string;
}
