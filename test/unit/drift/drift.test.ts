import fc from 'fast-check';
import { randomOf } from '../../../bench/calibrate/random';
import { driftSeries, USUAL_NOISE } from '../../../bench/drift-series';
import { BATCHES, batchMedians, isDrift, relativeGrowth, trend } from '../../../scripts/drift';

/** Of SciPy 1.17: `kendalltau` with the continuity correction, and `theilslopes`. */
const VECTOR = [100, 101, 103, 102, 105, 107, 106, 109, 111, 110, 113, 114];

describe('the trend of Mann and Kendall, Theil and Sen', () => {
  test('of the reference vector', () => {
    const { s, z, p, slope, slopeInterval } = trend(VECTOR);
    expect(s).toBe(60);
    expect(z).toBeCloseTo(4.04578, 5);
    expect(p).toBeCloseTo(5.2149e-5, 9);
    expect(slope).toBeCloseTo(1.316667, 6);
    expect(slopeInterval[0]).toBeCloseTo(1, 9);
    expect(slopeInterval[1]).toBeCloseTo(1.428571, 6);
  });

  test('the other way round is the same with the other sign', () => {
    const { s, z, p, slope, slopeInterval } = trend(VECTOR.map((value) => -value));
    expect([s, z, p, slope]).toEqual([-60, -trend(VECTOR).z, trend(VECTOR).p, -trend(VECTOR).slope]);
    expect(slopeInterval).toEqual([...trend(VECTOR).slopeInterval].reverse().map((one) => -one));
  });

  test('of equal values, and of no more than one, is none', () => {
    expect(trend([1, 1, 1, 1])).toEqual({ s: 0, z: 0, p: 1, slope: 0, slopeInterval: [0, 0] });
    for (const few of [[], [7]]) expect(trend(few)).toEqual({ s: 0, z: 0, p: 1, slope: 0, slopeInterval: [0, 0] });
  });

  const series = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 30 });

  test('agrees with what its definition counts', () => {
    fc.assert(
      fc.property(series, (values) => {
        const pairs = values.flatMap((y, i) => values.slice(0, i).map((x, j) => ({ rise: y - x, steps: i - j })));
        const found = trend(values);
        expect(found.s).toBe(pairs.filter(({ rise }) => rise > 0).length - pairs.filter(({ rise }) => rise < 0).length);
        // Half of the pairs rise less, half rise more.
        const below = pairs.filter(({ rise, steps }) => rise / steps < found.slope - 1e-9).length;
        const above = pairs.filter(({ rise, steps }) => rise / steps > found.slope + 1e-9).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(pairs.length / 2);
        expect(found.slopeInterval[0]).toBeLessThanOrEqual(found.slope);
        expect(found.slopeInterval[1]).toBeGreaterThanOrEqual(found.slope);
      }),
    );
  });

  test('has the variance that all orders of the values together have, ties included', () => {
    const permutations = (rest: readonly number[]): number[][] =>
      rest.length <= 1
        ? [[...rest]]
        : rest.flatMap((one, at) =>
            permutations([...rest.slice(0, at), ...rest.slice(at + 1)]).map((order) => [one, ...order]),
          );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 6 }), (values) => {
        const all = permutations(values).map((order) => trend(order));
        const variance = all.reduce((sum, { s }) => sum + s * s, 0) / all.length;
        for (const { s, z } of all.filter((one) => one.s !== 0)) {
          expect(z).toBeCloseTo((s - Math.sign(s)) / Math.sqrt(variance), 9);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('does not care for the scale of the values in its test, and follows it in its slope', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 50 }), (values, factor) => {
        const [plain, scaled] = [trend(values), trend(values.map((value) => value * factor + 3))];
        expect([scaled.s, scaled.p]).toEqual([plain.s, plain.p]);
        expect(scaled.slope).toBeCloseTo(plain.slope * factor, 9);
      }),
    );
  });
});

describe('batches', () => {
  test('hold every value once, and as many as each other but for one', () => {
    fc.assert(
      fc.property(fc.integer({ min: BATCHES, max: 400 }), (count) => {
        const medians = batchMedians(Array.from({ length: count }, (_, at) => at)) ?? [];
        expect(medians).toHaveLength(BATCHES);
        for (const [at, value] of medians.entries()) {
          expect(Math.abs(value - (((at + 0.5) * count) / BATCHES - 0.5))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('are not moved by a single odd value', () => {
    const flat = Array.from({ length: 60 }, () => 10);
    expect(batchMedians([...flat.slice(0, 59), 1000])).toEqual(batchMedians(flat));
  });

  test('cannot be made of fewer values than there are batches', () => {
    expect(batchMedians([1, 2, 3])).toBeNull();
    expect(batchMedians([1, 2, 3], 3)).toEqual([1, 2, 3]);
  });
});

describe('growth', () => {
  test('is that from the beginning to the end, as a share of the beginning', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 3, noNaN: true }), fc.integer({ min: 1, max: 1000 }), (by, level) => {
        // The middles of twelve batches of what grows steadily.
        const batches = Array.from({ length: BATCHES }, (_, at) => level * (1 + by) ** ((at + 0.5) / BATCHES));
        const { share, interval } = relativeGrowth(batches);
        for (const one of [share, ...interval]) expect(one).toBeCloseTo(by, 9);
      }),
    );
  });

  test('is drift from five per cent on, and only where it is more than chance', () => {
    expect(isDrift({ share: 0.05, p: 0.0099 })).toBe(true);
    expect(isDrift({ share: 0.0499, p: 0.0001 })).toBe(false);
    expect(isDrift({ share: 0.5, p: 0.01 })).toBe(false);
    expect(isDrift({ share: -0.5, p: 0.0001 })).toBe(false);
  });
});

describe('on a thousand simulated series of each kind', () => {
  const found = (phi: number, by: number): number => {
    const random = randomOf(`drift test ${phi} ${by}`);
    let count = 0;
    for (let at = 0; at < 1000; at++) {
      const batches = batchMedians(driftSeries(random, { phi, sd: USUAL_NOISE, by }));
      if (batches !== null && isDrift(relativeGrowth(batches))) count++;
    }
    return count / 1000;
  };

  test('false alarms are rare', () => expect(found(0.5, 0)).toBeLessThanOrEqual(0.015));
  test('and where neighbours are still more alike', () => expect(found(0.8, 0)).toBeLessThanOrEqual(0.025));
  test('a drift of a tenth is found mostly', () => expect(found(0.5, 0.1)).toBeGreaterThanOrEqual(0.65));
  test('and one of a fifth nearly always', () => expect(found(0.5, 0.2)).toBeGreaterThanOrEqual(0.98));
});
