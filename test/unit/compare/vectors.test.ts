import hypergeometricPmf from '@stdlib/stats-base-dists-hypergeometric-pmf';
import { exactMannWhitney, mannWhitney } from '../../../bench/calibrate/mann-whitney';
import { wilson } from '../../../bench/calibrate/wilson';
import { adjusted } from '../../../scripts/compare/decide';
import {
  type Estimate,
  interval,
  pAbove,
  pairedEstimate,
  pBelow,
  pooledEstimate,
  runsNeeded,
  smallestDetectable,
  welchEstimate,
} from '../../../scripts/compare/estimate';
import { quantileRank } from '../../../scripts/judge/bound';
import { changeFrom, transformed } from '../../../scripts/result/scale';

/** Figures of SciPy 1.17, to six digits; of the formulas where there is no reference but them. */
const BEFORE = [212, 205, 219, 208, 215].map(Math.log);
const AFTER = [231, 226, 240, 222, 236].map(Math.log);
const BELIEVED = { withinVariance: 0 };

const runs = (values: readonly number[]) => values.map((y) => ({ y, ...BELIEVED }));
const twoSided = (estimate: Estimate): number => 2 * Math.min(pAbove(estimate), pBelow(estimate));
const percents = (bounds: readonly [number, number]): number[] => bounds.map((bound) => 100 * Math.expm1(bound));

/** Six significant digits, as the reference gives them. */
function expectClose(actual: number, reference: number, digits = 6): void {
  expect(Number(actual.toPrecision(digits))).toBe(reference);
}

test('the pooled t method', () => {
  const estimate = pooledEstimate(runs(BEFORE), runs(AFTER));
  expect(estimate.df).toBe(8);
  expectClose(estimate.difference / estimate.standardError, 4.72992);
  expectClose(twoSided(estimate), 0.00148308);
  expectClose(100 * Math.expm1(estimate.difference), 9.0516, 5);
  const [low, high] = percents(interval(estimate, 0.95));
  expectClose(low as number, 4.5406, 5);
  expectClose(high as number, 13.7573);
});

test('a spread that is laid down, and not told by the runs, makes the error surer', () => {
  const plain = pooledEstimate(runs(BEFORE), runs(AFTER));
  const extraVariance = 3 * plain.standardError ** 2;
  const wider = pooledEstimate(runs(BEFORE), runs(AFTER), { extraVariance });
  expectClose(wider.standardError / plain.standardError, 2);
  // Satterthwaite: (v + e)² / (v² / df), here 16 times as many.
  expect([plain.df, wider.df]).toEqual([8, 128]);
  const endless = pooledEstimate(runs([1, 1, 1, 1, 1, 1]), runs([1, 1, 1, 1, 1, 1]), { extraVariance });
  expect(endless.df).toBe(1000);
  expect(interval(endless, 0.95)[1] / endless.standardError).toBeCloseTo(1.96, 2);
});

test('Welch’s method', () => {
  const estimate = welchEstimate(BEFORE, AFTER);
  expectClose(estimate.df, 7.73549);
  expectClose(twoSided(estimate), 0.00162569);
  const [low, high] = percents(interval(estimate, 0.95));
  expectClose(low as number, 4.5142, 5);
  expectClose(high as number, 13.786);
});

test('Welch’s method, of values whose variances are too small to be squared', () => {
  const tiny = (values: readonly number[]) => values.map((value) => value * 1e-155);
  const estimate = welchEstimate(tiny(BEFORE), tiny(AFTER));
  expectClose(estimate.df, 7.73549);
  expectClose(twoSided(estimate), 0.00162569);
  expect(welchEstimate([1, 1, 1], [1, 1]).df).toBeGreaterThan(0);
});

test('the paired method', () => {
  const estimate = pairedEstimate(AFTER.map((after, at) => after - (BEFORE[at] as number)));
  expect(estimate.df).toBe(4);
  expectClose(twoSided(estimate), 0.000108793);
});

test('Mann and Whitney’s exact test', () => {
  expect(exactMannWhitney(BEFORE, AFTER).u).toBe(25);
  expectClose(exactMannWhitney(BEFORE, AFTER).p, 0.00793651);
  expect(exactMannWhitney(AFTER, BEFORE)).toEqual({ u: 0, p: exactMannWhitney(BEFORE, AFTER).p });
  // Smallest p of three against three: 2 of 20 orders.
  expectClose(exactMannWhitney([1, 2, 3], [4, 5, 6]).p, 0.1);
});

test('Mann and Whitney’s test by its normal approximation, with ties', () => {
  // By hand: U = 2 + 3.5 + 8 = 13.5, its mean is 8; the variance without ties is 12, of which the ties of 3, 2 and 2 values
  // take 16/12 · (24 + 6 + 6) / (8 · 7) = 6/7.
  const { u, p } = mannWhitney([1, 2, 1, 0], [0, 1, 1, 2]);
  expect(u).toBe(13.5);
  const z = (5.5 - 0.5) / Math.sqrt(12 - 6 / 7);
  expect(p).toBeCloseTo(normalTails(z), 7);
});

/** P(|Z| > z), by the trapezoidal rule. */
function normalTails(z: number): number {
  const steps = 20_000;
  const width = (12 - z) / steps;
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const sum = Array.from({ length: steps - 1 }, (_, at) => density(z + (at + 1) * width)).reduce((a, b) => a + b, 0);
  return 2 * width * (sum + density(z) / 2 + density(12) / 2);
}

test('Wilson’s interval', () => {
  const [before, after] = [wilson(12, 6000), wilson(33, 6000)];
  expectClose(before.low, 0.00114448);
  expectClose(before.high, 0.00349279);
  expectClose(after.low, 0.00391907);
  expectClose(after.high, 0.00771372);
  expect(wilson(0, 10).low).toBeCloseTo(0, 12);
  expect(wilson(10, 10).high).toBeCloseTo(1, 12);
});

test('ranks of the order statistics that bound a quantile', () => {
  const ranks = (n: number, q: number) => {
    const { '>': low, '<': high } = quantileRank(n, q, 0.025);
    return [low, Math.min(high, n)];
  };
  expect(ranks(20, 0.5)).toEqual([6, 15]);
  expect(ranks(1000, 0.99)).toEqual([983, 997]);
  expect(ranks(6000, 0.99)).toEqual([5924, 5956]);
});

describe('two shares that were counted', () => {
  const [before, after, of] = [12, 33, 6000];

  /** Newcombe's interval of their difference (1998, method 10): Wilson's of each, put together. */
  function newcombe(): [number, number] {
    const [a, b] = [wilson(before, of), wilson(after, of)];
    const difference = b.rate - a.rate;
    return [
      difference - Math.hypot(b.rate - b.low, a.high - a.rate),
      difference + Math.hypot(b.high - b.rate, a.rate - a.low),
    ];
  }

  /** Fisher's exact test, two-sided: all tables with these sums that are no likelier than this one. */
  function fisher(): number {
    const failed = before + after;
    const likelihood = (k: number) => hypergeometricPmf(k, 2 * of, of, failed);
    const own = likelihood(before) * (1 + 1e-9);
    return Array.from({ length: failed + 1 }, (_, k) => likelihood(k))
      .filter((p) => p <= own)
      .reduce((sum, p) => sum + p, 0);
  }

  test('by Newcombe and by Fisher', () => {
    const [low, high] = newcombe();
    expectClose(low, 0.00132566);
    expectClose(high, 0.00587328);
    expectClose(fisher(), 0.00241419);
  });

  // What the suite compares shares by, since it takes in how runs and seconds differ, which neither of those can.
  test('are seen alike on the arcsine scale, where nothing but chance is at work', () => {
    const y = [before, after].map((count) => transformed(count / of, 'share')) as [number, number];
    const [a, b] = y;
    const estimate: Estimate = {
      ...{ difference: b - a, standardError: Math.sqrt(2 / (4 * of)), df: 1e6 },
      ...{ runSd: 0, baselineRuns: 1, candidateRuns: 1 },
    };
    const bounds = interval(estimate, 0.95).map((difference) => changeFrom(a, difference, 'share'));
    newcombe().forEach((bound, at) => {
      expect(Math.abs((bounds[at] as number) / bound - 1)).toBeLessThan(0.15);
    });
    const p = twoSided(estimate);
    expect(p).toBeLessThan(fisher());
    expect(p).toBeGreaterThan(fisher() / 2.5);
  });
});

test('p-values corrected for their number', () => {
  const p = [0.001, 0.008, 0.012, 0.03, 0.2];
  const to6 = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(6)));
  expect(to6(adjusted(p, 'holm'))).toEqual([0.005, 0.032, 0.036, 0.06, 0.2]);
  expect(to6(adjusted(p, 'bh'))).toEqual([0.005, 0.02, 0.02, 0.0375, 0.2]);
  expect(adjusted([], 'holm')).toEqual([]);
});

test('the smallest change that k runs a side find four times out of five', () => {
  // exp((t₀.₉₇₅ + t₀.₈) · s · √(2/k)) − 1, in percent, for s of 1, 3 and 8 %.
  const table: [runs: number, ...percents: number[]][] = [
    [2, 5.5, 17.5, 53.6],
    [3, 3.1, 9.5, 27.5],
    [5, 2.0, 6.2, 17.5],
    [10, 1.3, 4.1, 11.2],
    [20, 0.9, 2.8, 7.5],
  ];
  for (const [k, ...expected] of table) {
    const found = [0.01, 0.03, 0.08].map((runSd) => {
      const known = { difference: 0, runSd, baselineRuns: k, candidateRuns: k };
      const estimate = { ...known, standardError: runSd * Math.sqrt(2 / k), df: 2 * k - 2 };
      return Number((100 * Math.expm1(smallestDetectable(estimate, 0.05))).toFixed(1));
    });
    expect([k, ...found]).toEqual([k, ...expected]);
  }
});

test('the runs that it takes are the fewest that find it', () => {
  for (const runSd of [0.005, 0.02, 0.05, 0.12]) {
    const needed = runsNeeded(runSd, 0.05, 0.05) as number;
    const reach = (k: number) =>
      smallestDetectable(
        {
          difference: 0,
          standardError: runSd * Math.sqrt(2 / k),
          df: 2 * k - 2,
          runSd,
          baselineRuns: k,
          candidateRuns: k,
        },
        0.05,
      );
    expect(reach(needed)).toBeLessThanOrEqual(0.05);
    if (needed > 2) expect(reach(needed - 1)).toBeGreaterThan(0.05);
  }
  expect(runsNeeded(1, 0.05, 0.05)).toBeNull();
});
