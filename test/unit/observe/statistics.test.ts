import fc from 'fast-check';
import { blockLength, withinVariances } from '../../../scripts/observe/bootstrap';
import { TimeLine } from '../../../scripts/observe/time-line';
import { warmUp } from '../../../scripts/observe/warm-up';
import { exactQuantile, Histogram } from '../../../scripts/result/histogram';
import type { Series } from '../../../scripts/result/result';
import { normals } from '../../support/pairs';

/** A series whose buckets hold these values. */
function seriesOf(buckets: readonly (readonly number[])[]): Series {
  const histogramOf = (values: readonly number[]) => {
    const histogram = new Histogram();
    for (const value of values) histogram.add(value);
    return histogram.toSparse();
  };
  const all = buckets.flat();
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    metric: 'http_req_duration',
    tags: {},
    count: all.length,
    sum: sum(all),
    min: Math.min(...all),
    max: Math.max(...all),
    last: all.at(-1) ?? 0,
    nonZero: all.length,
    firstMs: 0,
    lastMs: buckets.length * 1000,
    histogram: histogramOf(all),
    buckets: buckets.map((values, i) => ({
      i,
      count: values.length,
      sum: sum(values),
      nonZero: values.length,
      histogram: histogramOf(values),
    })),
  };
}

const values = fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 20, maxLength: 60 });

describe('time line', () => {
  test('its quantiles lie within a histogram bucket of those of the values, each bucket as often as its weight', () => {
    fc.assert(
      fc.property(values, values, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 3 }), (a, b, wa, wb) => {
        const line = new TimeLine([seriesOf([a, b])]);
        const repeated = [...Array(wa).fill(a), ...Array(wb).fill(b)].flat().sort((x, y) => x - y) as number[];
        const [p50, p95] = line.quantiles([wa, wb], [0.5, 0.95]);
        for (const [q, value] of [
          [0.5, p50],
          [0.95, p95],
        ] as const) {
          // The rank lies between two neighbours: the quantile must lie between them, or a bucket beside them.
          const at = Math.max(0, Math.ceil(q * repeated.length) - 1);
          const [low, high] = [
            repeated[Math.max(0, at - 1)] as number,
            repeated[Math.min(repeated.length - 1, at + 1)] as number,
          ];
          expect(value).toBeGreaterThanOrEqual(low * 0.99);
          expect(value).toBeLessThanOrEqual(high * 1.01);
        }
      }),
    );
  });

  test('a shift of every value by a tenth of a bucket moves the quantile by that, not by a step or nothing', () => {
    const normal = normals(1);
    const base = Array.from({ length: 20_000 }, () => 20 * Math.exp(0.45 * normal()));
    const of = (factor: number) =>
      new TimeLine([seriesOf([base.map((value) => value * factor)])]).quantiles([1], [0.95])[0] as number;
    const moved = of(1.001) / of(1);
    expect(moved).toBeGreaterThan(1.0003);
    expect(moved).toBeLessThan(1.0017);
    const exact = exactQuantile(
      [...base].sort((x, y) => x - y),
      0.95,
    ) as number;
    expect(of(1) / exact).toBeCloseTo(1, 2);
  });

  test('merges series by their time, and leaves out what lies before', () => {
    const line = new TimeLine(
      [
        seriesOf([
          [1, 1],
          [2, 2],
        ]),
        seriesOf([
          [3, 3],
          [4, 4],
        ]),
      ],
      1,
    );
    expect(line.level).toEqual([3]);
    expect(line.mean([1])).toBe(3);
    expect(line.count).toBe(4);
  });

  test('of nothing there is no statistic', () => {
    const line = new TimeLine([]);
    expect(line.quantiles([], [0.5])).toEqual([null]);
    expect([line.mean([]), line.share([])]).toEqual([null, null]);
  });
});

describe('block bootstrap', () => {
  const meanOf = (level: readonly number[]) => (weights: ArrayLike<number>) => {
    const count = level.reduce((sum, _, at) => sum + (weights[at] as number), 0);
    return [level.reduce((sum, value, at) => sum + value * (weights[at] as number), 0) / count];
  };

  test('of independent buckets it is the variance of a mean', () => {
    const normal = normals(3);
    const level = Array.from({ length: 400 }, () => 5 + normal());
    const [variance = 0] = withinVariances(level, meanOf(level));
    // σ²/n = 1/400, and 200 draws know a variance to a tenth.
    expect(variance * 400).toBeGreaterThan(0.65);
    expect(variance * 400).toBeLessThan(1.5);
  });

  test('of buckets that resemble their neighbours it is larger, by about as much as they do', () => {
    const normal = normals(4);
    let state = 0;
    const level = Array.from({ length: 2000 }, () => {
      state = 0.8 * state + normal();
      return state;
    });
    const [variance = 0] = withinVariances(level, meanOf(level));
    // AR(1), φ = 0.8: the variance of the mean is 1 / (1 − φ)² / n = 25 / 2000; drawn one by one it would be 2.8 / 2000.
    expect(variance * 2000).toBeGreaterThan(11);
    expect(variance * 2000).toBeLessThan(40);
  });

  test('the same run always gives the same', () => {
    const level = Array.from({ length: 50 }, (_, at) => Math.sin(at));
    expect(withinVariances(level, meanOf(level))).toEqual(withinVariances(level, meanOf(level)));
  });

  test('a block is one bucket where nothing repeats, and never so long that there are too few', () => {
    expect(blockLength([1, -1, 1, -1, 1, -1, 1, -1])).toBe(1);
    expect(blockLength(Array.from({ length: 60 }, (_, at) => at))).toBe(10);
    expect(blockLength([3, 3, 3])).toBe(1);
  });
});

describe('warm-up', () => {
  const settled = (count: number, seed: number) => {
    const normal = normals(seed);
    return Array.from({ length: count }, () => 20 + 0.5 * normal());
  };

  test('what is slow at the start is cut, in whole batches of five', () => {
    const level = [...Array.from({ length: 7 }, () => 60), ...settled(53, 1)];
    expect(warmUp(level)).toEqual({ buckets: 10, settled: true });
  });

  test('a run that still settles at its middle has no steady state', () => {
    const level = Array.from({ length: 60 }, (_, at) => 20 + 80 * Math.exp(-at / 15));
    expect(warmUp(level)).toEqual({ buckets: 15, settled: false });
  });

  test('agrees with the definition, tried at every place', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 40, maxLength: 80 }), (level) => {
        const batches: number[] = [];
        for (let at = 0; at + 5 <= level.length; at += 5)
          batches.push(level.slice(at, at + 5).reduce((a, b) => a + b) / 5);
        const scores = batches.slice(0, Math.floor(batches.length / 2) + 1).map((_, d) => {
          const rest = batches.slice(d);
          const mean = rest.reduce((a, b) => a + b) / rest.length;
          return rest.reduce((sum, y) => sum + (y - mean) ** 2, 0) / (batches.length - d) ** 2;
        });
        const lowest = Math.min(...scores);
        // A cut that gains less than a fifth only follows chance.
        const best = lowest > 0.8 * (scores[0] as number) ? 0 : scores.indexOf(lowest);
        const allowed = Math.floor(batches.length * 0.25);
        expect(warmUp(level)).toEqual({
          buckets: Math.min(best, allowed) * 5,
          settled: best <= batches.length * 0.25,
        });
      }),
    );
  });
});
