import { coldEquities } from '../../../contract';
import { coldOrdinal, ordersOf, trafficMix } from '../../../lib/mix';
import { fillAt, HOT_SLOTS, type HotSet, MARKET_PRICES_SYMBOLS, PRICE_CYCLE } from '../../../profiles';
import type { HotSymbols } from '../../support/hot-symbols';
import { type Env, NAMES, planWith, sectionsWith } from './settings';

const { hotCoin, hotEquity, slotSymbol } = jest.requireActual<HotSymbols>('../../../lib/hot-symbols');

const LENGTH_MS = 80_000;
const COLD = coldEquities();

/** A cache in which a hit does not prolong an entry's life, and what was asked of it. */
class TtlCache {
  private readonly expiresAtMs = new Map<string, number>();
  hits = 0;
  misses = 0;
  constructor(private readonly ttlMs: number) {}

  read(symbol: string, atMs: number): void {
    if (atMs < (this.expiresAtMs.get(symbol) ?? Number.NEGATIVE_INFINITY)) {
      this.hits++;
    } else {
      this.misses++;
      this.expiresAtMs.set(symbol, atMs + this.ttlMs);
    }
  }

  get hitRate(): number {
    return this.hits / (this.hits + this.misses);
  }
}

interface Arrivals {
  readonly ratePerS: number;
  /** The symbols that the n-th iteration reads, at its moment. */
  readonly reads: (ordinal: number, atMs: number) => readonly string[];
}

/** Runs arrivals side by side on a cache that setup has filled, refills first wherever two meet. */
function simulate(set: HotSet, ttlMs: number, arrivals: readonly Arrivals[]): number {
  const cache = new TtlCache(ttlMs);
  for (let slot = 0; slot < HOT_SLOTS; slot++) cache.read(slotSymbol(slot, -1), 0);
  cache.misses = 0;
  const refills: Arrivals = {
    ratePerS: 1000 / set.spacingMs,
    reads: (_, atMs) => {
      const { slot, window } = fillAt(set, atMs);
      return [slotSymbol(slot, window)];
    },
  };
  const events = [refills, ...arrivals].flatMap(({ ratePerS, reads }) =>
    Array.from({ length: Math.floor((LENGTH_MS / 1000) * ratePerS) }, (_, ordinal) => {
      const atMs = (ordinal / ratePerS) * 1000;
      return { atMs, symbols: () => reads(ordinal, atMs) };
    }),
  );
  for (const { atMs, symbols } of events.sort((a, b) => a.atMs - b.atMs)) {
    for (const symbol of symbols()) cache.read(symbol, atMs);
  }
  return cache.hitRate;
}

const cold = (ordinal: number): string => COLD[ordinal % COLD.length] ?? '';

/** What the scenario `load` reads. */
function loadArrivals(set: HotSet, rate: number, probeRate: number, coldShare: number): Arrivals[] {
  const mix = trafficMix(ordersOf(1));
  const price = (ordinal: number, atMs: number): string[] => {
    const coldAt = coldOrdinal(coldShare, ordinal);
    if (coldAt !== null) return [cold(coldAt)];
    switch (PRICE_CYCLE[ordinal % PRICE_CYCLE.length]) {
      case 'coin-quick':
        return [hotCoin(set, ordinal, atMs)];
      case 'market-prices':
        return Array.from({ length: MARKET_PRICES_SYMBOLS }, (_, i) => hotEquity(set, ordinal + i, atMs));
      default:
        return [hotEquity(set, ordinal, atMs)];
    }
  };
  return [
    {
      ratePerS: rate,
      reads: (iteration, atMs) => {
        const { kind, ordinal } = mix(iteration);
        if (kind === 'price') return price(ordinal, atMs);
        return kind === 'analysis' ? [hotEquity(set, ordinal, atMs)] : [];
      },
    },
    { ratePerS: probeRate, reads: (ordinal, atMs) => [hotEquity(set, ordinal, atMs)] },
  ];
}

const VARIANTS: readonly Env[] = [
  {},
  { PERF_COLD_SHARE: '0' },
  { PERF_COLD_SHARE: '0.35' },
  { PERF_USERS: '10' },
  { PERF_CACHE_TTL: '7s' },
  { PERF_CACHE_TTL: '20s' },
  { PERF_TIME_SCALE: '0.05' },
  { PERF_MODEL: 'closed' },
];
const ttlOf = (env: Env) => Number.parseInt(env.PERF_CACHE_TTL ?? '10s', 10) * 1000;
const shareOf = (env: Env) => Number(env.PERF_COLD_SHARE ?? '0.1');
/** On working days and at night, when the server keeps prices four times as long. */
const TTL_FACTORS = [1, 4];

test.each([
  ...NAMES.map((PERF_PROFILE) => ({ PERF_PROFILE })),
  ...VARIANTS,
])('load under %j hits the cache as often as its plan says', (env) => {
  const { hotSet, rate, probeRate, bestHitRate } = planWith(env);
  for (const factor of TTL_FACTORS) {
    const simulated = simulate(hotSet, ttlOf(env) * factor, loadArrivals(hotSet, rate, probeRate, shareOf(env)));
    expect(Math.abs((bestHitRate ?? 0) - simulated)).toBeLessThanOrEqual(0.02);
  }
});

test.each(
  VARIANTS.filter(({ PERF_MODEL }) => PERF_MODEL === undefined),
)('the section for hits under %j hits the cache as often as its plan says', (env) => {
  const { hotSet, sections, bestHitRate } = sectionsWith(env);
  const ratePerS = sections.find(({ name }) => name === 'hits')?.ratePerS ?? 0;
  const reads = (ordinal: number, atMs: number): string[] => {
    const coldAt = coldOrdinal(shareOf(env), ordinal);
    return [coldAt === null ? hotEquity(hotSet, ordinal, atMs) : cold(coldAt)];
  };
  for (const factor of TTL_FACTORS) {
    const simulated = simulate(hotSet, ttlOf(env) * factor, [{ ratePerS, reads }]);
    expect(Math.abs((bestHitRate ?? 0) - simulated)).toBeLessThanOrEqual(0.02);
  }
});

test('only what is cold by intention and what fills the cache misses it', () => {
  const { hotSet, rate, probeRate, bestHitRate } = planWith({ PERF_COLD_SHARE: '0' });
  const arrivals = loadArrivals(hotSet, rate, probeRate, 0);
  const refillsPerS = 1000 / hotSet.spacingMs;
  const simulated = simulate(hotSet, 10_000, arrivals);
  expect(simulated).toBeGreaterThan(0.9);
  expect(bestHitRate).toBeLessThan(1);
  expect((1 - simulated) * (rate + probeRate)).toBeLessThan(refillsPerS * 1.2);
});
