import { coldEquities, HOT_COINS, HOT_EQUITIES } from '../../../contract';
import { COLD_SYMBOLS, fillAt, HOT_SLOTS, hotSet, hotWindow, WINDOWS } from '../../../profiles';
import type { HotSymbols } from '../../support/hot-symbols';

const { hotCoin, hotEquity, slotSymbol } = jest.requireActual<HotSymbols>('../../../lib/hot-symbols');

const set = hotSet(10_000);

test('every slot and window has a symbol of its own', () => {
  const symbols = new Set<string>();
  for (let slot = 0; slot < HOT_SLOTS; slot++) {
    for (let window = 0; window < WINDOWS; window++) symbols.add(slotSymbol(slot, window));
  }
  expect(symbols.size).toBe(HOT_SLOTS * WINDOWS);
  expect(symbols.size).toBe(HOT_EQUITIES.length + HOT_COINS.length);
});

test('the window before the first is the last one of the round before', () => {
  for (let slot = 0; slot < HOT_SLOTS; slot++) expect(slotSymbol(slot, -1)).toBe(slotSymbol(slot, WINDOWS - 1));
});

test('what is asked for as hot was filled before, and not longer ago than the cache keeps it', () => {
  const ttlMs = 10_000;
  // When each symbol was filled last; setup fills every slot just before the start.
  const filledAtMs = new Map<string, number>();
  for (let slot = 0; slot < HOT_SLOTS; slot++) filledAtMs.set(slotSymbol(slot, -1), 0);
  let [youngestMs, oldestMs] = [Number.POSITIVE_INFINITY, 0];
  let tick = 0;
  for (let atMs = 0; atMs < 300_000; atMs += 10) {
    for (; tick * set.spacingMs <= atMs; tick++) {
      const { slot, window } = fillAt(set, tick * set.spacingMs);
      filledAtMs.set(slotSymbol(slot, window), tick * set.spacingMs);
    }
    for (const symbol of [hotEquity(set, atMs, atMs), hotCoin(set, atMs, atMs)]) {
      const ageMs = atMs - (filledAtMs.get(symbol) ?? Number.NEGATIVE_INFINITY);
      youngestMs = Math.min(youngestMs, ageMs);
      oldestMs = Math.max(oldestMs, ageMs);
    }
  }
  expect(youngestMs).toBeGreaterThanOrEqual(0);
  expect(oldestMs).toBeLessThanOrEqual(ttlMs - 2000);
});

test('a symbol is filled again only after the longest TTL has passed', () => {
  const longestTtlMs = 40_000;
  const last = new Map<string, number>();
  for (let tick = 0; tick < 2000; tick++) {
    const atMs = tick * set.spacingMs;
    const { slot, window } = fillAt(set, atMs);
    const symbol = slotSymbol(slot, window);
    expect(atMs - (last.get(symbol) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThan(longestTtlMs);
    last.set(symbol, atMs);
  }
});

test('the windows of setup reach until the first refill counts', () => {
  for (let slot = 0; slot < HOT_SLOTS; slot++) expect(hotWindow(set, slot, 0)).toBe(-1);
});

test('cold symbols are as many as the plan says, all different, none hot', () => {
  const cold = coldEquities();
  expect(cold).toHaveLength(COLD_SYMBOLS);
  expect(new Set(cold).size).toBe(COLD_SYMBOLS);
  const hot = new Set([...HOT_EQUITIES, ...HOT_COINS]);
  expect(cold.filter((symbol) => hot.has(symbol))).toEqual([]);
});
