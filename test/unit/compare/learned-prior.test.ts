import fc from 'fast-check';
import { compare } from '../../../scripts/compare';
import { PRIOR } from '../../../scripts/compare/estimate';
import { learnedPrior } from '../../../scripts/compare/learned-prior';
import type { Comparison } from '../../../scripts/result/comparison';
import type { Measure, Observation } from '../../../scripts/result/observation';
import { observation } from '../../support/observations';
import { normals } from '../../support/pytest-benchmark';

const measure = (at: number, ln: number, statistic: string): Measure => ({
  id: `test_${at}.${statistic}`,
  title: `test_${at}, ${statistic}`,
  operation: `test_${at}`,
  statistic,
  unit: 's',
  scale: 'ratio',
  worse: 'higher',
  value: Math.exp(ln),
  withinVariance: 0,
  samples: 100,
  gating: statistic === 'median',
  insufficient: null,
});

/** A file of benchmarks by the logarithms of their medians. */
const file = (at: number, medians: readonly number[], more: readonly Measure[] = []): Observation =>
  observation(
    at,
    {},
    {
      scenario: 'benchmarks',
      profile: null,
      fingerprint: { scenario: 'benchmarks' },
      measures: [...medians.map((ln, which) => measure(which, ln, 'median')), ...more],
    },
  );

const sdOf = (differences: readonly number[]) =>
  learnedPrior([file(0, new Array(differences.length).fill(0))], [file(1, differences)], 'median')?.sd;

describe('what is learned', () => {
  test('the spread of fifteen differences: the eleventh is where it should be', () => {
    // Φ⁻¹((1 + 11/16) / 2) = 1.00999
    const differences = Array.from({ length: 15 }, (_, at) => (at % 2 === 0 ? 1 : -1) * (at + 1) * 0.01);
    expect(sdOf(differences)).toBeCloseTo(0.11 / 1.00999 / Math.SQRT2, 5);
  });

  test('four degrees of freedom, however many there are', () => {
    for (const n of [3, 15, 100]) {
      expect(learnedPrior([file(0, new Array(n).fill(0))], [file(1, new Array(n).fill(0.1))], 'median')?.df).toBe(4);
    }
  });

  test('on average what the runs have', () => {
    const normal = normals(5);
    for (const [runs, n, sd] of [
      [1, 15, 0.03],
      [1, 60, 0.07],
      [3, 15, 0.05],
    ] as const) {
      const side = (from: number) =>
        Array.from({ length: runs }, (_, at) =>
          file(
            from + at,
            Array.from({ length: n }, () => sd * normal()),
          ),
        );
      const learned = Array.from({ length: 300 }, () => learnedPrior(side(0), side(10), 'median')?.sd ?? 0);
      const average = learned.reduce((sum, one) => sum + one, 0) / learned.length;
      expect(average / sd).toBeGreaterThan(0.93);
      expect(average / sd).toBeLessThan(1.07);
    }
  });

  test('never less than a per cent', () => {
    expect(sdOf([0, 0, 0, 0])).toBe(0.01);
  });

  test('a quarter of the benchmarks may have changed without being taken for noise', () => {
    const quiet = Array.from({ length: 15 }, (_, at) => 0.001 * (at % 3));
    const changed = (count: number) => quiet.map((difference, at) => (at < count ? 0.3 : difference));
    expect(sdOf(changed(4))).toBe(0.01);
    expect(sdOf(changed(5))).toBeGreaterThan(0.2);
  });

  test('what shifts all alike counts as noise', () => {
    expect(sdOf(new Array(15).fill(0.1))).toBeGreaterThan(0.06);
  });

  test('each statistic has its own, and what cannot be compared counts for nothing', () => {
    const means = (from: number) => [0, 1, 2].map((at) => measure(at, from * (at + 1), 'mean'));
    const [a, b] = [file(0, [0, 0, 0], means(0)), file(1, [0.02, 0.02, 0.02], means(0.3))];
    const [ofMedians, ofMeans] = ['median', 'mean'].map((statistic) => learnedPrior([a], [b], statistic)?.sd ?? 0);
    expect(ofMeans as number).toBeGreaterThan(10 * (ofMedians as number));
    const unusable = (change: Partial<Measure>) => ({
      ...b,
      measures: b.measures.map((one, at) => (at === 0 ? { ...one, ...change } : one)),
    });
    for (const change of [{ value: null }, { value: 0 }, { insufficient: 'too few' }, { id: 'other.median' }]) {
      expect(learnedPrior([a], [unusable(change)], 'median')).toBeNull();
      expect(learnedPrior([unusable(change)], [a], 'median')).toBeNull();
    }
    expect(learnedPrior([a], [b, unusable({ value: null })], 'median')).toBeNull();
  });

  const logarithms = fc.array(fc.double({ min: -12, max: 3, noNaN: true }), { minLength: 3, maxLength: 40 });

  test('the same from the other side, in any order and unit, and none from fewer than three', () => {
    fc.assert(
      fc.property(
        logarithms,
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (a, seed, unit) => {
          const normal = normals(seed);
          const b = a.map((ln) => ln + 0.1 * normal());
          const [before, after] = [file(0, a), file(1, b)];
          const sd = learnedPrior([before], [after], 'median')?.sd as number;
          expect(sd).toBeGreaterThanOrEqual(0.01);
          expect(learnedPrior([after], [before], 'median')?.sd).toBe(sd);
          const reversed = { ...after, measures: [...after.measures].reverse() };
          expect(learnedPrior([before], [reversed], 'median')?.sd).toBe(sd);
          const [scaledA, scaledB] = [a, b].map((side, at) =>
            file(
              at,
              side.map((ln) => ln + unit),
            ),
          );
          const scaled = learnedPrior([scaledA as Observation], [scaledB as Observation], 'median')?.sd;
          expect(scaled).toBeCloseTo(sd, 9);
          expect(learnedPrior([file(0, a.slice(0, 2))], [file(1, b)], 'median')).toBeNull();
        },
      ),
    );
  });
});

describe('what a comparison makes of it', () => {
  const base = new Array<number>(15).fill(-9);
  const verdict = (comparison: Comparison) => comparison.verdict;
  const slowerBy = (share: number) => base.map((ln, at) => ln + (at === 3 ? Math.log1p(share) : 0.004 * Math.cos(at)));

  test('one file a side is enough to find 30 %, and the assumption for anything would not find it', () => {
    const sides = { baseline: [file(0, base)], candidate: [file(1, slowerBy(0.3))] };
    expect(verdict(compare(sides))).toBe('REGRESSED');
    expect(verdict(compare({ ...sides, prior: PRIOR }))).toBe('INCONCLUSIVE');
  });

  test('several files a side find 15 %, one after the other as people run them', () => {
    const wobble = (side: readonly number[], at: number) => side.map((ln, which) => ln + 0.004 * Math.sin(at + which));
    for (const [a, b] of [
      [3, 1],
      [3, 3],
    ] as const) {
      const baseline = Array.from({ length: a }, (_, at) => file(at, wobble(base, at)));
      const candidate = Array.from({ length: b }, (_, at) => file(20 + at, wobble(slowerBy(0.15), 20 + at)));
      const found = compare({ baseline, candidate });
      expect([found.design, found.verdict]).toEqual(['blocked', 'REGRESSED']);
      expect(found.rows.filter((row) => row.verdict === 'REGRESSED').map(({ operation }) => operation)).toEqual([
        'test_3',
      ]);
      expect(verdict(compare({ baseline, candidate, prior: PRIOR }))).not.toBe('REGRESSED');
    }
  });

  test('means are held against what means do, which is more than medians do', () => {
    const means = (factor: number) => base.map((ln, at) => measure(at, ln + factor * 0.1 * Math.cos(at + 1), 'mean'));
    const { rows } = compare({ baseline: [file(0, base, means(0))], candidate: [file(1, base, means(1))] });
    const widest = (statistic: string) =>
      Math.max(...rows.filter((row) => row.statistic === statistic).map(({ low, high }) => (high ?? 0) - (low ?? 0)));
    expect(widest('mean')).toBeGreaterThan(5 * widest('median'));
    expect(rows.filter((row) => row.verdict === 'REGRESSED')).toEqual([]);
  });

  test('runs of the suite, whose few measures are of the same requests, learn nothing from each other', () => {
    const load = (at: number, side: readonly number[]) => ({ ...file(at, side), scenario: 'load' });
    const sides = { baseline: [load(0, base)], candidate: [load(1, slowerBy(0.3))] };
    expect(verdict(compare(sides))).toBe('INCONCLUSIVE');
    expect(compare(sides).rows).toEqual(compare({ ...sides, prior: PRIOR }).rows);
  });

  test('fewer than three benchmarks fall back on the assumption', () => {
    const sides = { baseline: [file(0, base.slice(2, 4))], candidate: [file(1, slowerBy(0.3).slice(2, 4))] };
    expect(compare(sides)).toEqual(compare({ ...sides, prior: PRIOR }));
  });
});

describe('1 + 1 files of 15 benchmarks, simulated', () => {
  interface Cell {
    /** Spread between runs, and that of its logarithm from one benchmark to the next. */
    readonly sd: number;
    readonly unequal?: number;
    /** Logarithm of how much slower the candidate's benchmarks are. */
    readonly slower?: (at: number) => number;
  }
  function simulate({ sd, unequal = 0, slower = () => 0 }: Cell, seed: number, pairs = 300): Comparison[] {
    const normal = normals(seed);
    return Array.from({ length: pairs }, () => {
      const sds = Array.from({ length: 15 }, () => sd * Math.exp(unequal * normal()));
      const usual = sds.map(() => -8 + 3 * normal());
      const side = (shift: (at: number) => number) =>
        usual.map((ln, at) => ln + (sds[at] as number) * normal() + shift(at));
      return compare({
        baseline: [
          file(
            0,
            side(() => 0),
          ),
        ],
        candidate: [file(1, side(slower))],
      });
    });
  }
  const share = (comparisons: readonly Comparison[], holds: (comparison: Comparison) => boolean) =>
    comparisons.filter(holds).length / comparisons.length;
  const regressed = ({ rows }: Comparison) =>
    rows.flatMap(({ operation, verdict }) => (verdict === 'REGRESSED' ? [operation] : []));
  const onlyFirst = (at: number) => (at === 0 ? Math.log(1.3) : 0);

  test.each<[string, Cell]>([
    ['a quiet machine, 1.5 %', { sd: 0.015 }],
    ['3 %', { sd: 0.03 }],
    ['a noisy one, 7 %', { sd: 0.07 }],
    ['benchmarks of unequal noise', { sd: 0.03, unequal: 0.5 }],
  ])('nothing changed, %s: in at most 5 %% of the pairs is any REGRESSED', (_, cell) => {
    expect(share(simulate(cell, 17), (comparison) => regressed(comparison).length > 0)).toBeLessThanOrEqual(0.05);
  });

  test('one 30 % slower, 1.5 %: found, and it alone, in at least 90 %', () => {
    const comparisons = simulate({ sd: 0.015, slower: onlyFirst }, 23);
    expect(share(comparisons, (comparison) => regressed(comparison).join() === 'test_0')).toBeGreaterThanOrEqual(0.9);
  });

  test('all a tenth slower: undecided, never REGRESSED for all', () => {
    const comparisons = simulate({ sd: 0.015, slower: () => Math.log(1.1) }, 29, 100);
    expect(share(comparisons, ({ verdict }) => verdict === 'INCONCLUSIVE')).toBeGreaterThanOrEqual(0.95);
    expect(Math.max(...comparisons.map((comparison) => regressed(comparison).length))).toBeLessThanOrEqual(1);
  });
});
