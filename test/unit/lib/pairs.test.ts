import fc from 'fast-check';
import { type FimlRequest, HOT_COINS, HOT_EQUITIES } from '../../../contract';
import { ordersOf, type Step, trafficMix } from '../../../lib/mix';

/** As `lib/` says; types of k6's own modules do not resolve under Node. */
interface Pairs {
  firstQuestions(): FimlRequest[];
  questionOf(step: Step, coldShare: number): { request: FimlRequest };
  firstSide(seed: number, iteration: number): 0 | 1;
}
const { firstQuestions, firstSide, questionOf } = jest.requireActual<Pairs>('../../../lib/pairs');

test('of each two iterations each server is asked first once, whatever the seed', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 1e6 }), (seed, pair) => {
      expect(firstSide(seed, 2 * pair)).not.toBe(firstSide(seed, 2 * pair + 1));
    }),
  );
});

test('which of the two comes first looks random', () => {
  const firsts = Array.from({ length: 2000 }, (_, pair) => firstSide(7, 2 * pair));
  const ones = firsts.filter((side) => side === 1).length;
  const turns = firsts.filter((side, at) => at > 0 && side !== firsts[at - 1]).length;
  // 2000 fair draws lie within 4 standard deviations (22 each) of half.
  expect(Math.abs(ones - 1000)).toBeLessThan(90);
  expect(Math.abs(turns - 1000)).toBeLessThan(90);
});

test('what is asked was asked before it counts, but for the cold symbols', () => {
  const first = new Set(firstQuestions().flatMap(({ body }) => /"symbol":"([^"]+)"/.exec(body ?? '')?.[1] ?? []));
  const stepOf = trafficMix(ordersOf(3));
  const asked = Array.from({ length: 2000 }, (_, at) => questionOf(stepOf(at), 0).request);
  const symbols = asked.flatMap(({ body, path }) =>
    body === null ? (/symbols=(.*)$/.exec(path)?.[1]?.split(',') ?? []) : (/"symbol":"([^"]+)"/.exec(body)?.[1] ?? []),
  );
  expect(symbols.filter((symbol) => !first.has(symbol))).toEqual([]);
  expect(symbols.every((symbol) => HOT_EQUITIES.includes(symbol) || HOT_COINS.includes(symbol))).toBe(true);
  expect(new Set(asked.map(({ operation }) => operation))).toEqual(
    new Set(['search-quick', 'coin-quick', 'market-prices', 'search-standard', 'search-deep', 'dsl-sync']),
  );
});
