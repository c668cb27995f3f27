import fc from 'fast-check';
import { confidenceBound, wilsonBound } from '../../../scripts/judge/bound';
import { Histogram } from '../../../scripts/result/histogram';
import { mergeSeries } from '../../../scripts/result/query';
import type { Series } from '../../../scripts/result/result';
import { minimumSamples, type Target } from '../../../thresholds';
import { given } from '../../support/evidence';

type Statistic = Target['statistic'];

/** P(Bin(n, q) ≤ k) for every k, summed term by term; the terms in logarithms, since the first are tiny. */
function binomialCdf(n: number, q: number): number[] {
  let logTerm = n * Math.log(1 - q);
  let sum = 0;
  return Array.from({ length: n + 1 }, (_, k) => {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1)) + Math.log(q / (1 - q));
    return sum;
  });
}

/** Smallest rank u with P(Bin < u) ≥ confidence; n + 1 when there is none. */
function upperRank(n: number, q: number, confidence: number): number {
  const below = binomialCdf(n, q).findIndex((probability) => probability >= confidence);
  return below === -1 ? n + 1 : Math.min(below + 1, n + 1);
}

/** Largest rank l with P(Bin ≥ l) ≥ confidence; 0 when there is none. */
function lowerRank(n: number, q: number, confidence: number): number {
  const above = binomialCdf(n, q).findIndex((probability) => 1 - probability < confidence);
  return above === -1 ? n : above;
}

/** One end of Wilson's interval for a normal quantile z. */
function wilson(share: number, n: number, z: number, side: 1 | -1): number {
  const spread = z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return (share + z ** 2 / (2 * n) + side * spread) / (1 + z ** 2 / n);
}

const Z_975 = 1.959963984540054;
const Z_95 = 1.6448536269514722;

function seriesOf(values: readonly number[], bucketOf = (i: number) => i): Series {
  const histogram = new Histogram();
  const buckets = new Map<number, { i: number; count: number; sum: number; nonZero: number }>();
  values.forEach((value, index) => {
    histogram.add(value);
    const i = bucketOf(index);
    const bucket = buckets.get(i) ?? { i, count: 0, sum: 0, nonZero: 0 };
    buckets.set(i, { ...bucket, count: bucket.count + 1, sum: bucket.sum + value });
  });
  return {
    metric: 'http_req_duration',
    tags: {},
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    min: Math.min(...values),
    max: Math.max(...values),
    last: values.at(-1) ?? 0,
    nonZero: values.length,
    firstMs: 0,
    lastMs: 1000,
    histogram: histogram.toSparse(),
    buckets: [...buckets.values()],
  };
}

function bound(
  statistic: Statistic,
  operator: '<' | '>',
  series: readonly Series[],
  value = 0.5,
  samples = 0,
): number | null {
  return confidenceBound({ statistic, operator }, mergeSeries(series), series, value, samples);
}

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

describe('the reference vectors', () => {
  test('are what the naive order statistics give, two-sided', () => {
    const ranks = (n: number, q: number) => [lowerRank(n, q, 0.975), upperRank(n, q, 0.975)];
    expect([ranks(20, 0.5), ranks(1000, 0.99), ranks(6000, 0.99)]).toEqual([
      [6, 15],
      [983, 997],
      [5924, 5956],
    ]);
  });

  test('are what the naive Wilson interval gives, two-sided', () => {
    expect(wilson(12 / 6000, 6000, Z_975, -1)).toBeCloseTo(0.00114448, 8);
    expect(wilson(12 / 6000, 6000, Z_975, 1)).toBeCloseTo(0.00349279, 8);
    expect(wilson(33 / 6000, 6000, Z_975, -1)).toBeCloseTo(0.00391907, 8);
    expect(wilson(33 / 6000, 6000, Z_975, 1)).toBeCloseTo(0.00771372, 8);
  });
});

describe('the bound of a percentile', () => {
  /** Ranks far enough apart that half a per cent of error does not hide one. */
  const ladder = (n: number) => Array.from({ length: n }, (_, i) => 1.02 ** i);
  const rankOf = (value: number) => Math.round(Math.log(value) / Math.log(1.02)) + 1;

  test.each([5, 14, 20, 59, 60, 100, 299, 300, 598, 1000])('of %d samples is the naive rank’s value', (n) => {
    const series = [seriesOf(ladder(n))];
    for (const [name, q] of Object.entries(QUANTILES) as [keyof typeof QUANTILES, number][]) {
      const upper = upperRank(n, q, 0.95);
      const lower = lowerRank(n, q, 0.95);
      const above = bound(name, '<', series);
      const below = bound(name, '>', series);
      expect([name, above === null ? n + 1 : rankOf(above)]).toEqual([name, upper]);
      expect([name, below === null ? 0 : rankOf(below)]).toEqual([name, lower]);
    }
  });

  test('exists from the very number of samples on that a pass takes', () => {
    for (const statistic of ['p50', 'p95', 'p99'] as const) {
      const needed = minimumSamples({ statistic, operator: '<', limit: 1 });
      expect(bound(statistic, '<', [seriesOf(ladder(needed - 1))])).toBeNull();
      expect(bound(statistic, '<', [seriesOf(ladder(needed))])).not.toBeNull();
    }
  });

  test('lies on the limit’s side of the percentile, never beyond what was measured', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 59, maxLength: 400 }),
        (values) => {
          const series = [seriesOf(values)];
          const upper = given(bound('p95', '<', series));
          const lower = given(bound('p95', '>', series));
          expect(lower).toBeLessThanOrEqual(upper);
          expect(upper).toBeLessThanOrEqual(Math.max(...values));
          expect(lower).toBeGreaterThanOrEqual(Math.min(...values));
        },
      ),
    );
  });

  test('comes nearer with every tenfold of the samples', () => {
    const reach = [100, 1000, 10_000].map((n) => {
      const values = Array.from({ length: n }, (_, i) => 1 + i / n);
      return given(bound('p95', '<', [seriesOf(values)])) - 1.95;
    });
    expect(reach[0]).toBeGreaterThan(given(reach[1]));
    expect(reach[1]).toBeGreaterThan(given(reach[2]));
  });

  test('of a single sample is that sample or none', () => {
    expect(bound('p50', '<', [seriesOf([7])])).toBeNull();
    expect(bound('p99', '>', [seriesOf([7])])).toBe(7);
    expect(bound('p95', '<', [])).toBeNull();
  });
});

describe('the bound of a share', () => {
  test('is Wilson’s, one-sided', () => {
    for (const [share, n] of [
      [0, 299],
      [12 / 6000, 6000],
      [0.5, 14],
      [0.995, 598],
      [1, 14],
    ] as const) {
      expect(wilsonBound(share, n, '<')).toBeCloseTo(wilson(share, n, Z_95, 1), 9);
      expect(wilsonBound(share, n, '>')).toBeCloseTo(wilson(share, n, Z_95, -1), 9);
    }
  });

  test('is nearer than the two-sided one, whose error is half on the side that does not matter', () => {
    expect(given(wilsonBound(0.002, 6000, '<'))).toBeLessThan(wilson(0.002, 6000, Z_975, 1));
    expect(given(wilsonBound(0.002, 6000, '<'))).toBeGreaterThan(0.002);
  });

  test('stays within 0 and 1, beside its share, and comes nearer with more samples', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const count = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(share, count, count, (p, a, b) => {
        const [few, many] = a < b ? [a, b] : [b, a];
        const upper = given(wilsonBound(p, few, '<'));
        const lower = given(wilsonBound(p, few, '>'));
        expect(upper).toBeGreaterThanOrEqual(p - 1e-12);
        expect(lower).toBeLessThanOrEqual(p + 1e-12);
        expect(upper).toBeLessThanOrEqual(1);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(given(wilsonBound(p, many, '<'))).toBeLessThanOrEqual(upper + 1e-12);
        expect(given(wilsonBound(p, many, '>'))).toBeGreaterThanOrEqual(lower - 1e-12);
      }),
    );
  });

  test('is that of a gauge too, by the observations behind it', () => {
    expect(bound('value', '>', [], 0.9, 1000)).toBe(wilsonBound(0.9, 1000, '>'));
    expect(bound('rate', '<', [], 0.01, 0)).toBeNull();
  });

  test('is none of a gauge that is no share', () => {
    expect(bound('value', '<', [], 250, 1000)).toBeNull();
    expect(bound('value', '<', [], -1, 1000)).toBeNull();
    expect(bound('value', '<', [], Number.NaN, 1000)).toBeNull();
  });
});

describe('the bound of a mean', () => {
  /** Student's t at 95 %, one-sided, from a printed table. */
  const T_95: Readonly<Record<number, number>> = { 1: 6.3138, 2: 2.92, 4: 2.1318, 9: 1.8331, 29: 1.6991 };

  test('is that of a ratio over the time buckets', () => {
    for (const m of [2, 3, 5, 10, 30]) {
      // Buckets of unequal size, as the requests of a second are.
      const sizes = Array.from({ length: m }, (_, i) => 3 + ((i * 5) % 7));
      const values = sizes.flatMap((size, i) => Array.from({ length: size }, (_, k) => 100 + 10 * ((i * 3) % 4) + k));
      const bucketAt = sizes.flatMap((size, i) => Array.from({ length: size }, () => i));
      const n = values.length;
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      let squares = 0;
      for (let i = 0; i < m; i++) {
        const inBucket = values.filter((_, index) => bucketAt[index] === i);
        squares += inBucket.reduce((sum, value) => sum + value - mean, 0) ** 2;
      }
      const reach = given(T_95[m - 1]) * Math.sqrt((m / (m - 1)) * (squares / n ** 2));
      const series = [seriesOf(values, (index) => given(bucketAt[index]))];
      expect(given(bound('mean', '<', series)) / (mean + reach)).toBeCloseTo(1, 4);
      expect(given(bound('mean', '>', series)) / (mean - reach)).toBeCloseTo(1, 4);
    }
  });

  test('is the same when the series are one or many, in any order', () => {
    const values = Array.from({ length: 90 }, (_, i) => 50 + ((i * 31) % 17));
    const whole = [seriesOf(values, (index) => Math.floor(index / 10))];
    const parts = [0, 1, 2].map((part) =>
      seriesOf(
        values.filter((_, index) => index % 3 === part),
        (index) => Math.floor((index * 3 + part) / 10),
      ),
    );
    expect(bound('mean', '<', [...parts].reverse())).toBeCloseTo(given(bound('mean', '<', whole)), 9);
  });

  test('comes nearer the longer the run', () => {
    const reach = [4, 16, 64].map((m) => {
      const values = Array.from({ length: m * 10 }, (_, i) => 100 + (Math.floor(i / 10) % 2) * 20);
      return given(bound('mean', '<', [seriesOf(values, (index) => Math.floor(index / 10))])) - 110;
    });
    expect(reach[0]).toBeGreaterThan(given(reach[1]));
    expect(reach[1]).toBeGreaterThan(given(reach[2]));
  });

  test('takes two buckets, and series that have some', () => {
    expect(bound('mean', '<', [seriesOf([1, 2, 3], () => 0)])).toBeNull();
    const { buckets: _, ...without } = seriesOf([1, 2, 3]);
    expect(bound('mean', '<', [without])).toBeNull();
    expect(bound('mean', '<', [seriesOf([5, 5, 5])])).toBe(5);
  });
});
