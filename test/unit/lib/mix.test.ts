import fc from 'fast-check';
import { coldOrdinal, hash, ordersOf, type Step, trafficMix } from '../../../lib/mix';

const blockOf = (mix: (iteration: number) => Step, block: number): Step[] =>
  Array.from({ length: 20 }, (_, place) => mix(block * 20 + place));

const anySeed = fc.integer({ min: 0, max: 999_999_999 });
const anyBlock = fc.integer({ min: 0, max: 5_000_000 });

test('every block of 20 iterations holds exactly 16 price queries, 3 analyses and 1 DSL query', () => {
  fc.assert(
    fc.property(anySeed, anyBlock, (seed, block) => {
      const kinds = blockOf(trafficMix(ordersOf(seed)), block).map((step) => step.kind);
      expect(kinds.filter((kind) => kind === 'price')).toHaveLength(16);
      expect(kinds.filter((kind) => kind === 'analysis')).toHaveLength(3);
      expect(kinds.filter((kind) => kind === 'dsl')).toHaveLength(1);
    }),
  );
});

test('ordinals count each class without gap or repetition', () => {
  const mix = trafficMix(ordersOf(7));
  const seen: Record<string, number[]> = { price: [], analysis: [], dsl: [] };
  for (let iteration = 0; iteration < 20 * 50; iteration++) {
    const { kind, ordinal } = mix(iteration);
    seen[kind]?.push(ordinal);
  }
  for (const ordinals of Object.values(seen)) {
    expect([...ordinals].sort((a, b) => a - b)).toEqual(ordinals.map((_, index) => index));
  }
});

test('the same seed gives the same traffic, another seed another order', () => {
  const run = (seed: number) => Array.from({ length: 2000 }, (_, iteration) => trafficMix(ordersOf(seed))(iteration));
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
});

test('neighbouring blocks differ in their order', () => {
  const mix = trafficMix(ordersOf(1));
  const orders = new Set(
    Array.from({ length: 200 }, (_, block) =>
      blockOf(mix, block)
        .map((s) => s.kind)
        .join(),
    ),
  );
  expect(orders.size).toBeGreaterThan(50);
});

test('the rarest class is not tied to a place in its block', () => {
  const mix = trafficMix(ordersOf(3));
  const places = new Set(
    Array.from({ length: 500 }, (_, block) => blockOf(mix, block).findIndex((step) => step.kind === 'dsl')),
  );
  expect(places.size).toBe(20);
});

test('cold queries are the asked share, spaced evenly, and counted without gap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), (percent) => {
      const share = percent / 100;
      const queries = 10_000;
      const cold = Array.from({ length: queries }, (_, ordinal) => coldOrdinal(share, ordinal)).filter(
        (ordinal) => ordinal !== null,
      );
      expect(Math.abs(cold.length - queries * share)).toBeLessThanOrEqual(1);
      expect(cold).toEqual(cold.map((_, index) => index));
    }),
    { numRuns: 30 },
  );
});

test('hash spreads over all 32 bits', () => {
  fc.assert(
    fc.property(anySeed, anyBlock, (a, b) => {
      const value = hash(a, b);
      expect(Number.isInteger(value) && value >= 0 && value < 2 ** 32).toBe(true);
    }),
  );
  const buckets = new Array<number>(64).fill(0);
  for (let block = 0; block < 64_000; block++) buckets[hash(1, block) % 64] = (buckets[hash(1, block) % 64] ?? 0) + 1;
  // Chi-square with 63 degrees of freedom: above 131 happens once in a million fair draws.
  const chiSquare = buckets.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chiSquare).toBeLessThan(131);
});
