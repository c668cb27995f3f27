import fc from 'fast-check';
import { partition } from '../../../scripts/history/partition';
import { robustSd, winsorised } from '../../../scripts/history/robust';
import { median, quantile } from '../../../scripts/statistics';
import { normals } from './series';

describe('medians and quantiles', () => {
  it('are as R has them', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([10, 20, 30, 40], 0.9)).toBeCloseTo(37, 12);
    expect(quantile([7], 0.1)).toBe(7);
  });
});

describe('the robust standard deviation', () => {
  it('is near that of normal values, and hardly moved by a tenth of them', () => {
    const normal = normals(1);
    const values = Array.from({ length: 2000 }, () => 5 * normal());
    expect(robustSd(values)).toBeGreaterThan(4.7);
    expect(robustSd(values)).toBeLessThan(5.3);
    expect(robustSd(values.map((value, at) => (at % 10 === 0 ? 1000 : value)))).toBeLessThan(6);
  });

  it('is 0 only when all values are equal', () => {
    // More than half are equal, as of a rounded figure: the median deviation is 0.
    expect(robustSd([1, 1, 1, 1, 2])).toBeCloseTo((1.2533 * 1) / 5, 12);
    expect(robustSd([3, 3, 3])).toBe(0);
    expect(robustSd([])).toBe(0);
  });
});

describe('winsorising', () => {
  it('brings an odd value nearer and leaves a step alone, at the ends too', () => {
    const normal = normals(2);
    const noise = Array.from({ length: 30 }, () => normal());
    const odd = noise.map((value, at) => (at === 15 ? 50 : value));
    expect(winsorised(odd, 5, 3)[15]).toBeLessThan(6);
    const stepped = noise.map((value, at) => value + (at >= 28 ? 20 : 0));
    expect(winsorised(stepped, 5, 3)[28]).toBeGreaterThan(15);
    expect(winsorised(stepped, 5, 3)[29]).toBeGreaterThan(15);
  });
});

describe('the partition', () => {
  const cost = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const total = (values: readonly number[], starts: readonly number[], penalty: number) =>
    [0, ...starts].reduce((sum, start, at) => sum + cost(values.slice(start, starts[at] ?? values.length)), 0) +
    starts.length * penalty;

  /** Every way to cut a series into pieces of at least `shortest`. */
  function* cuts(from: number, n: number, shortest: number, shortestLast: number): Generator<number[]> {
    yield [];
    for (let start = from + shortest; start <= n - shortestLast; start++) {
      for (const rest of cuts(start, n, shortest, shortestLast)) yield [start, ...rest];
    }
  }

  it('is the best of all', () => {
    const series = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 11 });
    fc.assert(
      fc.property(series, fc.double({ min: 0.1, max: 50, noNaN: true }), (values, penalty) => {
        const starts = partition(values, penalty, 3, 2);
        const all = [...cuts(0, values.length, 3, 2)];
        expect(all).toContainEqual(starts);
        const least = Math.min(...all.map((cut) => total(values, cut, penalty)));
        expect(total(values, starts, penalty)).toBeCloseTo(least, 6);
      }),
    );
  });

  it('cuts nothing for nothing', () => {
    expect(partition(Array(40).fill(7), 0, 5, 2)).toEqual([]);
    expect(partition([], 1, 5, 2)).toEqual([]);
    expect(partition([1, 2, 9], 0, 5, 2)).toEqual([]);
  });

  it('keeps its digits where the level is far from 0', () => {
    const values = Array.from({ length: 40 }, (_, at) => 1e8 + (at >= 20 ? 1 : 0));
    expect(partition(values, 0.5, 5, 2)).toEqual([20]);
  });
});
