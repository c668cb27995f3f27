import fc from 'fast-check';
import { estimateByDesign, type RunPoint, sessionMeans } from '../../../scripts/compare/design';
import { PRIOR, pairedEstimate, pooledEstimate, welchEstimate } from '../../../scripts/compare/estimate';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEP_MS = 6 * MINUTE_MS;

/** Small numbers that are the same each time and follow no pattern. */
const noise = (at: number): number => 0.01 * Math.sin(37 * at + 1);

const point = (startedAtMs: number, y: number, withinVariance = 0.0001): RunPoint => ({
  startedAtMs,
  y,
  withinVariance,
});

/** Runs as a word of A and B says, one after the other: `ABBA`. */
function inOrder(word: string, shift = 0): [baseline: RunPoint[], candidate: RunPoint[]] {
  const sides: [RunPoint[], RunPoint[]] = [[], []];
  [...word].forEach((letter, at) => {
    const side = letter === 'A' ? 0 : 1;
    sides[side].push(point(at * STEP_MS, noise(at) + side * shift));
  });
  return sides;
}

/** Earlier runs, one a session. */
const historyOf = (sessions: number): RunPoint[] =>
  Array.from({ length: sessions }, (_, at) => point(-(at + 1) * 11 * HOUR_MS, noise(50 + at)));

test.each([
  ['ABBA', 'interleaved'],
  ['ABAB', 'interleaved'],
  ['ABBAAB', 'interleaved'],
  ['ABBAABBAAB', 'interleaved'],
  ['BAAB', 'interleaved'],
  // Turns enough for the smaller side.
  ['ABAAA', 'interleaved'],
  ['AABBB', 'blocked'],
  ['BBAA', 'blocked'],
  ['AAABBB', 'blocked'],
  // Two turns of three a side: half of the runs have no neighbour of the other side.
  ['AABBBA', 'blocked'],
  ['AB', 'single'],
  ['BA', 'single'],
  ['ABB', 'blocked'],
])('runs in the order %s are %s', (word, design) => {
  expect(estimateByDesign(...inOrder(word), []).design).toBe(design);
});

test('the order is that of time, not that in which runs are given', () => {
  const [baseline, candidate] = inOrder('ABBAABBA');
  expect(estimateByDesign([...baseline].reverse(), candidate, []).design).toBe('interleaved');
});

describe('sessions', () => {
  test('are parted by more than half an hour between starts', () => {
    const at = (...minutes: number[]) => sessionMeans(minutes.map((minute) => point(minute * MINUTE_MS, 1))).length;
    expect(at(0, 10, 20, 30)).toBe(1);
    // A chain of runs is one session, however long.
    expect(at(0, 30, 60, 90)).toBe(1);
    expect(at(0, 31)).toBe(2);
    expect(at(0, 31, 62)).toBe(3);
    expect(at(62, 0, 31)).toBe(3);
  });

  test('are reduced to their mean, which knows itself better than its runs do', () => {
    const [first, second] = sessionMeans([point(0, 1, 0.2), point(STEP_MS, 3, 0.4), point(DAY_MS, 7, 0.5)]);
    expect(first).toEqual({ y: 2, withinVariance: expect.closeTo(0.15, 12), startedAtMs: 0 });
    expect(second).toEqual({ y: 7, withinVariance: 0.5, startedAtMs: DAY_MS });
  });
});

describe('runs one after the other', () => {
  const [baseline, candidate] = inOrder('AAABBB', 0.1);

  test('without a history carry what the machine may have done in between', () => {
    const { design, estimate } = estimateByDesign(baseline, candidate, []);
    expect(design).toBe('blocked');
    expect(estimate).toEqual(pooledEstimate(baseline, candidate, { extraVariance: 2 * PRIOR.sd ** 2 }));
    expect(estimate.standardError).toBeGreaterThan(Math.SQRT2 * PRIOR.sd);
  });

  test('with a history of fewer than five sessions do too', () => {
    expect(estimateByDesign(baseline, candidate, historyOf(3)).design).toBe('blocked');
    expect(estimateByDesign(baseline, candidate, historyOf(4)).design).toBe('history');
  });

  test('with five sessions are compared session by session', () => {
    const history = historyOf(6);
    const { design, estimate } = estimateByDesign(baseline, candidate, history);
    expect(design).toBe('history');
    expect([estimate.baselineRuns, estimate.candidateRuns]).toEqual([7, 1]);
    expect(estimate.difference).toBeCloseTo(
      mean(candidate) - (history.reduce((sum, { y }) => sum + y, 0) + mean(baseline)) / 7,
      12,
    );
    // More runs of the candidate in the same session say nothing about how far sessions lie apart.
    const single = estimateByDesign(baseline, candidate.slice(0, 1), history).estimate;
    expect(estimate.standardError).toBeGreaterThan(0.9 * single.standardError);
  });

  test('sessions count with no more runs than the candidate’s session has', () => {
    const history = historyOf(6);
    const again = history.flatMap((run) => [run, ...[1, 2].map((at) => point(run.startedAtMs + at * STEP_MS, 5))]);
    const of = (runs: readonly RunPoint[]) => estimateByDesign([baseline[0] as RunPoint], candidate.slice(0, 1), runs);
    expect(of(again)).toEqual(of(history));
    expect(estimateByDesign(baseline, candidate, again).estimate.difference).not.toBe(
      estimateByDesign(baseline, candidate, history).estimate.difference,
    );
  });

  test('of the baseline’s session its own runs count, not earlier ones', () => {
    const baselineRun = point(0, 0.3);
    const before = [1, 2].map((at) => point(-at * STEP_MS, 5));
    const of = (history: readonly RunPoint[]) => estimateByDesign([baselineRun], candidate.slice(0, 1), history);
    expect(of([...historyOf(6), ...before]).estimate).toEqual(of(historyOf(6)).estimate);
    expect(of(before)).toEqual(of([]));
  });

  test('a history in one session is one session', () => {
    const lump = Array.from({ length: 10 }, (_, at) => point(-DAY_MS + at * STEP_MS, noise(at)));
    expect(estimateByDesign(baseline, candidate, lump).design).toBe('blocked');
  });
});

describe('runs in turns', () => {
  test('are pooled, and paired from ten pairs', () => {
    const [fewA, fewB] = inOrder('ABBAABBAABBAABBAAB', 0.1);
    expect(estimateByDesign(fewA, fewB, []).estimate).toEqual(pooledEstimate(fewA, fewB));
    const [a, b] = inOrder('ABBAABBAABBAABBAABBA', 0.1);
    const differences = a.map(({ y }, at) => (b[at]?.y ?? 0) - y);
    expect(estimateByDesign(a, b, []).estimate).toEqual(pairedEstimate(differences, 0.0001));
  });

  test('take no level from a history, only how far runs lie apart, and that while they are few', () => {
    const history = historyOf(10).map((run) => ({ ...run, y: 3 * run.y + 1 }));
    const of = (word: string, runs: readonly RunPoint[]) => estimateByDesign(...inOrder(word, 0.1), runs).estimate;
    for (const word of ['ABBA', 'ABBAAB', 'ABBAABBAAB']) {
      expect(of(word, history).difference).toBe(of(word, []).difference);
    }
    expect(of('ABBA', history).df).toBe(2 + 9);
    expect(of('ABBAAB', history).df).toBe(4 + 9);
    expect(of('ABBAABBAAB', history)).toEqual(of('ABBAABBAAB', []));
    expect(of('ABBAAB', history).runSd).toBeGreaterThan(of('ABBAAB', []).runSd);
  });

  test('carry no assumption from three a side', () => {
    const of = (word: string, sd: number) => estimateByDesign(...inOrder(word), [], { sd, df: 4 }).estimate;
    expect(of('ABBAAB', 0.5)).toEqual(of('ABBAAB', 0.05));
    expect(of('ABBA', 0.5).standardError).toBeGreaterThan(of('ABBA', 0.05).standardError);
  });

  test('in pairs lose what the machine does meanwhile', () => {
    const drift = (at: number) => Math.floor(at / 2) * 0.03;
    const [a, b] = inOrder('ABBAABBAABBAABBAABBA', 0.1).map((side) =>
      side.map((run) => ({ ...run, y: run.y + drift(run.startedAtMs / STEP_MS) })),
    ) as [RunPoint[], RunPoint[]];
    const { estimate } = estimateByDesign(a, b, []);
    expect(estimate.difference).toBeCloseTo(0.1, 1);
    expect(estimate.standardError).toBeLessThan(pooledEstimate(a, b).standardError / 3);
  });

  test('of very different spread are compared by Welch’s method from five a side', () => {
    const wide = (side: RunPoint[]) => side.map((run, at) => ({ ...run, y: 20 * noise(at) }));
    const [a, b] = inOrder('ABBAABBAAB');
    const ys = (side: readonly RunPoint[]) => side.map(({ y }) => y);
    expect(estimateByDesign(a, wide(b), []).estimate).toEqual(welchEstimate(ys(a), ys(wide(b))));
    expect(estimateByDesign(wide(a), b, []).estimate).toEqual(welchEstimate(ys(wide(a)), ys(b)));
    const [fewA, fewB] = inOrder('ABBAABBA');
    expect(estimateByDesign(fewA, wide(fewB), []).estimate).toEqual(pooledEstimate(fewA, wide(fewB)));
  });
});

test.each([
  'ABBAABBAAB',
  'ABBAABBAABBAABBAABBA',
])('runs that agree by luck (%s) know no more than their insides', (word) => {
  const inside = 0.04;
  const [a, b] = inOrder(word).map((side) => side.map((run) => ({ ...run, y: 0, withinVariance: inside ** 2 }))) as [
    RunPoint[],
    RunPoint[],
  ];
  const { estimate } = estimateByDesign(a, b, []);
  expect(estimate.standardError).toBeCloseTo(inside * Math.sqrt(2 / a.length), 12);
  expect(estimate.runSd).toBeCloseTo(inside, 12);
});

describe('what a person should look at', () => {
  const warningsOf = (ys: readonly number[]) =>
    estimateByDesign(
      ys.map((y, at) => point(2 * at * STEP_MS, y)),
      ys.map((_, at) => point((2 * at + 1) * STEP_MS, noise(at))),
      [],
    ).warnings.filter((text) => text.includes('baseline'));

  test('two groups of runs, from six runs', () => {
    expect(warningsOf([0, 0.01, 0.02, 0.5, 0.51, 0.52]).join()).toContain('two groups');
    expect(warningsOf([0, 0.01, 0.5, 0.51, 0.52]).join()).not.toContain('two groups');
    expect(warningsOf([0, 0.01, 0.02, 0.03, 0.04, 0.05])).toEqual([]);
  });

  test('runs far from the others, from five runs', () => {
    expect(warningsOf([0, 0.01, 0.02, 0.03, 0.9]).join()).toContain('1 of the baseline');
    expect(warningsOf([0, 0.01, 0.02, 0.9]).join()).not.toContain('far');
  });
});

test('more spread never makes an estimate surer', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('ABBA', 'ABBAAB', 'AABB', 'AB', 'ABBAABBAABBAABBAABBA'),
      fc.double({ min: 1, max: 10, noNaN: true }),
      fc.integer({ min: 0, max: 10 }),
      (word, factor, sessions) => {
        const wider = (runs: readonly RunPoint[]) => runs.map((run) => ({ ...run, y: run.y * factor }));
        const [a, b] = inOrder(word);
        const history = historyOf(sessions);
        const narrow = estimateByDesign(a, b, history).estimate.standardError;
        const wide = estimateByDesign(wider(a), wider(b), wider(history)).estimate.standardError;
        expect(wide).toBeGreaterThanOrEqual(narrow - 1e-12);
      },
    ),
  );
});

test('a single run a side is as unsure as the prior says, and surer with a history', () => {
  const [a, b] = inOrder('AB');
  const { estimate } = estimateByDesign(a, b, []);
  expect(estimate.df).toBe(4);
  expect(estimate.runSd).toBeCloseTo(Math.hypot(PRIOR.sd, 0.01), 9);
  expect(estimateByDesign(a, b, historyOf(10)).estimate.standardError).toBeLessThan(estimate.standardError);
});

const mean = (runs: readonly RunPoint[]): number => runs.reduce((sum, { y }) => sum + y, 0) / runs.length;
