import fc from 'fast-check';
import { p95OfRounds, type RoundSummary, variancesOfRounds, variancesOfSummary } from '../../../scripts/observe/rounds';
import { normals, statsOf } from '../../support/pytest-benchmark';

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const varianceOf = (values: readonly number[]) => {
  const centre = average(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
};

/** Rounds of 1 ms, of which each is as much like the one before as `likeness` says. */
function rounds(normal: () => number, count: number, likeness: number, sd = 0.05): number[] {
  let state = normal();
  return Array.from({ length: count }, () => {
    state = likeness * state + Math.sqrt(1 - likeness ** 2) * normal();
    return 1e-3 * Math.exp(sd * state);
  });
}

const logMedian = (values: readonly number[]) => Math.log(statsOf(values).median as number);
const logMean = (values: readonly number[]) => Math.log(average(values));

describe.each([
  ['independent rounds', 0, 400],
  ['rounds that resemble their neighbours', 0.8, 400],
  ['more rounds than there are batches', 0.95, 3000],
])('%s', (_, likeness, count) => {
  const normal = normals(7);
  const samples = Array.from({ length: 60 }, () => rounds(normal, count, likeness));
  const estimated = samples.map(variancesOfRounds);

  test('the variance is about what repeating the run shows', () => {
    const [median, mean] = [varianceOf(samples.map(logMedian)), varianceOf(samples.map(logMean))];
    for (const [of, truth] of [
      ['median', median],
      ['mean', mean],
    ] as const) {
      const ratio = average(estimated.map((variances) => variances[of])) / truth;
      expect(ratio).toBeGreaterThan(0.6);
      expect(ratio).toBeLessThan(1.8);
    }
  });
});

test('a summary of few, independent rounds tells the same variances as the rounds', () => {
  const normal = normals(3);
  const samples = Array.from({ length: 200 }, () => rounds(normal, 30, 0));
  const summaries = samples.map((sample) => variancesOfSummary(statsOf(sample) as RoundSummary));
  const kept = samples.map(variancesOfRounds);
  for (const of of ['median', 'mean'] as const) {
    const ratio = average(summaries.map((one) => one[of])) / average(kept.map((one) => one[of]));
    // The rounds' is the larger: chance makes thirty look a little alike, and fewer blocks are trusted less.
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(1.1);
  }
});

test('the formulas for a summary, to the digit, and that no more than 30 rounds count for the median', () => {
  const summary = { median: 2, mean: 4, stddev: 0.4, iqr: 0.2698 };
  const of = (count: number) => variancesOfSummary({ ...summary, rounds: count });
  const perRound = (count: number) => (count - 1) / (count - 3) / count;
  expect(of(20).median).toBeCloseTo((1.2533 * 0.1) ** 2 * perRound(20), 12);
  expect(of(20).mean).toBeCloseTo(0.01 * perRound(20), 12);
  expect(of(10_000).median).toBeCloseTo((1.2533 * 0.1) ** 2 * perRound(30), 12);
  expect(of(10_000).mean).toBeCloseTo(0.01 * perRound(10_000), 12);
});

test('five rounds count as knowing their spread badly: on average 2.5 times what they show', () => {
  const normal = normals(11);
  const samples = Array.from({ length: 200 }, () => rounds(normal, 5, 0));
  const shown = average(samples.map((sample) => varianceOf(sample.map(Math.log)) / 5));
  const ratio = average(samples.map((sample) => variancesOfRounds(sample).mean)) / shown;
  // The bootstrap itself shows 4/5 of it.
  expect(ratio).toBeGreaterThan(0.8 * 2.5 * 0.9);
  expect(ratio).toBeLessThan(0.8 * 2.5 * 1.1);
});

const times = fc.array(fc.double({ min: 1e-9, max: 100, noNaN: true }), { minLength: 5, maxLength: 400 });

test('variances are finite, never negative, the same every time, and those of any unit of time', () => {
  fc.assert(
    fc.property(times, (values) => {
      const variances = variancesOfRounds(values);
      for (const variance of Object.values(variances)) {
        expect(Number.isFinite(variance)).toBe(true);
        expect(variance).toBeGreaterThanOrEqual(0);
      }
      expect(variancesOfRounds(values)).toEqual(variances);
      const inOtherUnit = variancesOfRounds(values.map((value) => value * 1024));
      for (const of of ['median', 'mean', 'p95'] as const) expect(inOtherUnit[of]).toBeCloseTo(variances[of], 6);
    }),
    { numRuns: 30 },
  );
});

test('rounds that are all alike have no variance', () => {
  for (const variance of Object.values(variancesOfRounds(new Array(50).fill(1e-3))))
    expect(variance).toBeCloseTo(0, 20);
});

test('of coarse clocks: equal rounds do not look like a trend', () => {
  // Ranked by their places, the many equal ones would rise with time and be taken for alike over half of the run.
  const normal = normals(5);
  const coarse = Array.from({ length: 300 }, () => (normal() > 0.5 ? 2e-3 : 1e-3));
  const truth = varianceOf(coarse) / 300 / average(coarse) ** 2;
  const ratio = variancesOfRounds(coarse).mean / truth;
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
});

test('P95 lies between the neighbours of its rank', () => {
  const values = Array.from({ length: 101 }, (_, at) => 100 - at);
  expect(p95OfRounds(values)).toBeCloseTo(95, 12);
  expect(p95OfRounds([...values, 1000])).toBeCloseTo(95.95, 12);
});
