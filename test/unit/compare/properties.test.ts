import fc from 'fast-check';
import { type CompareRequest, compare } from '../../../scripts/compare';
import type { Comparison, MetricVerdict } from '../../../scripts/result/comparison';
import type { Measure, Observation } from '../../../scripts/result/observation';
import { FIRST_RUN_MS, observation, RUN_EVERY_MS } from '../../support/observations';

const DAY_MS = 24 * 3600_000;

/** Values of one run. */
interface Run {
  readonly priceMs: number;
  readonly dslMs: number;
  readonly failures: number;
  readonly searchMs: number;
}
type Order = 'in turns' | 'one after the other' | 'days apart';
interface Sides {
  readonly baseline: readonly Run[];
  readonly candidate: readonly Run[];
  readonly order: Order;
}

/** Latencies far above the absolute floor, around two levels that differ by up to a third. */
const run = (level: number): fc.Arbitrary<Run> => {
  const around = (ms: number) => fc.double({ min: 0.9, max: 1.1, noNaN: true }).map((factor) => ms * level * factor);
  return fc.record({
    priceMs: around(100),
    dslMs: around(400),
    searchMs: around(50),
    failures: fc.double({ min: 0, max: 0.03, noNaN: true }),
  });
};
const sides = (most = 6): fc.Arbitrary<Sides> =>
  fc
    .tuple(
      fc.double({ min: 0.75, max: 1.35, noNaN: true }),
      fc.constantFrom<Order>('in turns', 'one after the other', 'days apart'),
    )
    .chain(([level, order]) =>
      fc.record({
        baseline: fc.array(run(1), { minLength: 1, maxLength: most }),
        candidate: fc.array(run(level), { minLength: 1, maxLength: most }),
        order: fc.constant(order),
      }),
    );

/** When the runs of the baseline (0) and of the candidate (1) start. */
function startOf(order: Order, side: 0 | 1, at: number): number {
  if (order === 'in turns') return FIRST_RUN_MS + (2 * at + side) * RUN_EVERY_MS;
  return FIRST_RUN_MS + at * RUN_EVERY_MS + side * (order === 'days apart' ? 2 * DAY_MS : 20 * RUN_EVERY_MS);
}

const observations = (runs: readonly Run[], order: Order, side: 0 | 1): Observation[] =>
  runs.map((values, at) => {
    const startedAtMs = startOf(order, side, at);
    return observation(0, values, {
      runId: `${side === 0 ? 'baseline' : 'candidate'} ${at}`,
      startedAtMs,
      endedAtMs: startedAtMs + 1,
    });
  });

const requestOf = ({ baseline, candidate, order }: Sides): CompareRequest => ({
  baseline: observations(baseline, order, 0),
  candidate: observations(candidate, order, 1),
});

const withMeasures = (runs: readonly Observation[], change: (measure: Measure) => Measure): Observation[] =>
  runs.map((one) => ({ ...one, measures: one.measures.map(change) }));

const words = ({ rows }: Comparison): [string, MetricVerdict][] => rows.map(({ id, verdict }) => [id, verdict]);

const MIRRORED: Readonly<Record<MetricVerdict, MetricVerdict>> = {
  REGRESSED: 'IMPROVED',
  IMPROVED: 'REGRESSED',
  'NO CHANGE': 'NO CHANGE',
  INCONCLUSIVE: 'INCONCLUSIVE',
  INVALID: 'INVALID',
};

const isRatio = ({ id }: { readonly id: string }): boolean => id !== 'all.failures';

/** Runs that all measured the same, the candidate's this many times the baseline's. */
const steady = (factor: number): Sides => {
  const runs = (by: number) => Array(6).fill({ priceMs: 100 * by, dslMs: 400 * by, searchMs: 50 * by, failures: 0 });
  return { baseline: runs(1), candidate: runs(factor), order: 'in turns' };
};

test('swapping the sides mirrors every verdict, estimate and interval', () => {
  const seen = new Set<MetricVerdict>();
  fc.assert(
    fc.property(sides(), (given) => {
      const there = compare(requestOf(given));
      const { baseline, candidate } = requestOf(given);
      const back = compare({ baseline: candidate, candidate: baseline });
      expect(back.design).toBe(there.design);
      there.rows.forEach((row, at) => {
        const other = back.rows[at];
        if (isRatio(row)) seen.add(row.verdict);
        // The margin of a share is counted from the baseline's own, which is the other side's after the swap.
        if (isRatio(row)) expect(other?.verdict).toBe(MIRRORED[row.verdict]);
        expect(other?.pWorse).toBeCloseTo(row.pBetter ?? Number.NaN, 9);
        expect(other?.baseline).toBeCloseTo(row.candidate ?? Number.NaN, 6);
        if (!isRatio(row)) return;
        expect(Math.log1p(other?.change ?? Number.NaN)).toBeCloseTo(-Math.log1p(row.change ?? Number.NaN), 9);
        expect(Math.log1p(other?.low ?? Number.NaN)).toBeCloseTo(-Math.log1p(row.high ?? Number.NaN), 9);
      });
    }),
    // Chance alone does not meet every verdict each time.
    { numRuns: 200, examples: [[steady(1)], [steady(1.3)], [steady(0.7)]] },
  );
  expect([...seen].sort()).toEqual(['IMPROVED', 'INCONCLUSIVE', 'NO CHANGE', 'REGRESSED']);
});

test('another unit of the latencies changes no verdict and no relative figure', () => {
  fc.assert(
    fc.property(sides(), fc.double({ min: 0.5, max: 1000, noNaN: true }), (given, factor) => {
      const request = requestOf(given);
      const scaled = (runs: readonly Observation[]) =>
        withMeasures(runs, (one) => (isRatio(one) ? { ...one, value: (one.value ?? 0) * factor } : one));
      const before = compare(request);
      const after = compare({ baseline: scaled(request.baseline), candidate: scaled(request.candidate) });
      expect(words(after)).toEqual(words(before));
      after.rows.forEach((row, at) => {
        expect(row.change).toBeCloseTo(before.rows[at]?.change ?? Number.NaN, 9);
        expect(row.pWorse).toBeCloseTo(before.rows[at]?.pWorse ?? Number.NaN, 9);
      });
    }),
    { numRuns: 100 },
  );
});

test('the order in which runs are given does not matter', () => {
  const shuffled = (runs: readonly Observation[], keys: readonly number[]): Observation[] =>
    runs
      .map((one, at) => [keys[at % keys.length] ?? 0, one] as const)
      .sort(([a], [b]) => a - b)
      .map(([, one]) => one);
  const keys = fc.array(fc.double({ noNaN: true }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(sides(), keys, (given, by) => {
      const { baseline, candidate } = requestOf(given);
      const history = [3, 4, 5, 6, 7].map((days) =>
        observation(0, {}, { runId: `history ${days}`, startedAtMs: FIRST_RUN_MS - days * DAY_MS }),
      );
      const before = compare({ baseline, candidate, history });
      const after = compare({
        baseline: shuffled(baseline, by),
        candidate: shuffled(candidate, by),
        history: shuffled(history, by),
      });
      expect(words(after)).toEqual(words(before));
      expect(after.baseline).toEqual(before.baseline);
      after.rows.forEach((row, at) => {
        expect(row.low).toBeCloseTo(before.rows[at]?.low ?? Number.NaN, 9);
        expect(row.high).toBeCloseTo(before.rows[at]?.high ?? Number.NaN, 9);
      });
    }),
    { numRuns: 100 },
  );
});

test('one flaw of one run leaves nothing to compare', () => {
  fc.assert(
    fc.property(sides(), fc.nat(), (given, which) => {
      const { baseline, candidate } = requestOf(given);
      const all = [...baseline, ...candidate];
      const flawed = all[which % all.length]?.runId;
      const spoil = (runs: readonly Observation[]) =>
        runs.map((one) => (one.runId === flawed ? { ...one, flaws: ['the generator had no CPU left'] } : one));
      const comparison = compare({ baseline: spoil(baseline), candidate: spoil(candidate) });
      expect(comparison.verdict).toBe('INVALID');
      expect(comparison.exitCode).toBe(3);
      expect(new Set(comparison.rows.map(({ verdict }) => verdict))).toEqual(new Set(['INVALID']));
      expect(comparison.reasons.join()).toContain('the generator had no CPU left');
    }),
    { numRuns: 50 },
  );
});

test('what was not measured, or not well enough, is never called unchanged', () => {
  const spoilt: ((measure: Measure) => Measure)[] = [
    (measure) => ({ ...measure, value: null }),
    (measure) => ({ ...measure, value: 0 }),
    (measure) => ({ ...measure, insufficient: '3 requests are too few for it' }),
  ];
  fc.assert(
    fc.property(sides(), fc.nat(), fc.constantFrom(...spoilt), (given, which, spoil) => {
      const { baseline, candidate } = requestOf(given);
      const all = [...baseline, ...candidate];
      const bad = all[which % all.length]?.runId;
      const spoiled = (runs: readonly Observation[]) =>
        runs.map((one) =>
          one.runId === bad
            ? {
                ...one,
                measures: one.measures.map((measure) => (measure.id === 'price.p95' ? spoil(measure) : measure)),
              }
            : one,
        );
      const comparison = compare({ baseline: spoiled(baseline), candidate: spoiled(candidate) });
      const row = comparison.rows.find(({ id }) => id === 'price.p95');
      expect(row?.verdict).toBe('INVALID');
      expect([row?.change, row?.low, row?.pWorse]).toEqual([null, null, null]);
      expect(['INVALID', 'REGRESSED']).toContain(comparison.verdict);
    }),
    { numRuns: 100 },
  );
});

test('what one side lacks has no row, is listed, and does not make the rest a pass of it', () => {
  const { baseline, candidate } = requestOf({
    baseline: [STEADY, STEADY, STEADY],
    candidate: [STEADY, STEADY, STEADY],
    order: 'in turns',
  });
  const without = (runs: readonly Observation[], id: string) =>
    runs.map((one) => ({ ...one, measures: one.measures.filter((measure) => measure.id !== id) }));
  const comparison = compare({ baseline: without(baseline, 'dsl.p50'), candidate: without(candidate, 'price.p95') });
  expect(comparison.onlyInBaseline).toEqual(['price.p95']);
  expect(comparison.onlyInCandidate).toEqual(['dsl.p50']);
  expect(comparison.rows.map(({ id }) => id)).toEqual(['all.failures', 'search-quick.p95']);
});

const STEADY: Run = { priceMs: 100, dslMs: 400, searchMs: 50, failures: 0.001 };

test('nothing that gates is no verdict', () => {
  const { baseline, candidate } = requestOf({ baseline: [STEADY], candidate: [STEADY], order: 'in turns' });
  const ungated = (runs: readonly Observation[]) => withMeasures(runs, (one) => ({ ...one, gating: false }));
  expect(compare({ baseline: ungated(baseline), candidate: ungated(candidate) }).verdict).toBe('INVALID');
});

test('the further a candidate is off, the worse its verdict, never better', () => {
  const rank: readonly MetricVerdict[] = ['IMPROVED', 'NO CHANGE', 'INCONCLUSIVE', 'REGRESSED'];
  fc.assert(
    fc.property(
      sides(),
      fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { minLength: 2, maxLength: 5 }),
      (given, steps) => {
        const { baseline, candidate } = requestOf(given);
        let last = -1;
        let shift = 0;
        for (const step of steps) {
          shift += step;
          const moved = withMeasures(candidate, (one) =>
            isRatio(one) ? { ...one, value: (one.value ?? 0) * Math.exp(shift) } : one,
          );
          const row = compare({ baseline, candidate: moved }).rows.find(({ id }) => id === 'search-quick.p95');
          // Off on the better side, it comes nearer first: IMPROVED, undecided or unchanged, then undecided, then worse.
          const now = rank.indexOf(row?.verdict ?? 'INVALID');
          if (last === 3) expect(now).toBe(3);
          if (row !== undefined && (row.change ?? 0) > 0) {
            expect(now).toBeGreaterThanOrEqual(last);
            last = now;
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('more runs of the same kind never take a regression back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.double({ min: 1.08, max: 1.5, noNaN: true }), (most, level) => {
      const wobble = (at: number) => 1 + 0.02 * Math.cos(Math.PI * at);
      const side = (factor: number, count: number): Run[] =>
        Array.from({ length: count }, (_, at) => ({ ...STEADY, priceMs: 100 * factor * wobble(at) }));
      let regressed = false;
      for (let count = 2; count <= most; count += 2) {
        const { rows } = compare(
          requestOf({ baseline: side(1, count), candidate: side(level, count), order: 'in turns' }),
        );
        const now = rows.find(({ id }) => id === 'price.p95')?.verdict === 'REGRESSED';
        expect(now || !regressed).toBe(true);
        regressed ||= now;
      }
    }),
    { numRuns: 50 },
  );
});

test('differences that nobody notices are no regression, however sure', () => {
  const side = (priceMs: number): Run[] =>
    Array.from({ length: 5 }, (_, at) => ({ ...STEADY, priceMs: priceMs * (1 + 0.001 * Math.cos(at)) }));
  const request = requestOf({ baseline: side(1), candidate: side(1.15), order: 'in turns' });
  const exact = (runs: readonly Observation[]) => withMeasures(runs, (one) => ({ ...one, withinVariance: 0 }));
  const verdictAt = (factor: number) => {
    const scaled = (runs: readonly Observation[]) =>
      withMeasures(exact(runs), (one) => (one.unit === 'ms' ? { ...one, value: (one.value ?? 0) * factor } : one));
    const { rows } = compare({ baseline: scaled(request.baseline), candidate: scaled(request.candidate) });
    return rows.find(({ id }) => id === 'price.p95')?.verdict;
  };
  // 15 % of 1 ms is less than the floor of 0.2 ms, of 2 ms it is more.
  expect(verdictAt(1)).not.toBe('REGRESSED');
  expect(verdictAt(2)).toBe('REGRESSED');
});

describe('which history counts', () => {
  const MINUTE_MS = 60_000;
  const baseline = [observation(0, STEADY, { runId: 'before', startedAtMs: FIRST_RUN_MS })];
  const candidate = [observation(0, STEADY, { runId: 'after', startedAtMs: FIRST_RUN_MS + DAY_MS })];
  const earlier = (days: number, changes: Partial<Observation> = {}) =>
    observation(0, STEADY, { runId: `${days} days`, startedAtMs: FIRST_RUN_MS - days * DAY_MS, ...changes });
  const counted = (...history: Observation[]) => compare({ baseline, candidate, history }).historyRuns;
  const [usual] = [earlier(1)];

  test('runs before the baseline’s newest one', () => {
    expect(counted(usual, earlier(2))).toBe(2);
    expect(counted(usual, earlier(0, { startedAtMs: FIRST_RUN_MS + MINUTE_MS }))).toBe(1);
    expect(counted(earlier(0, { startedAtMs: FIRST_RUN_MS }))).toBe(1);
  });

  test('made under the baseline’s conditions', () => {
    const { fingerprint } = usual;
    expect(counted(usual, earlier(2, { fingerprint: { ...fingerprint, PERF_RATE: '51' } }))).toBe(1);
    expect(counted(usual, earlier(2, { fingerprint: { ...fingerprint, PERF_COLD_SHARE: '0.1' } }))).toBe(1);
    const turned = Object.fromEntries(Object.entries(fingerprint).reverse());
    expect(counted(usual, earlier(2, { fingerprint: turned }))).toBe(2);
  });

  test('without a flaw', () => {
    expect(counted(usual, earlier(2, { flaws: ['samples are missing'] }))).toBe(1);
  });

  test('and none of the runs that are compared', () => {
    expect(counted(usual, earlier(2, { runId: 'before' }), earlier(3, { runId: 'after' }))).toBe(1);
  });

  test('as long as the newest of it is not older than 14 days', () => {
    const at = (days: number) => earlier(0, { runId: 'one', startedAtMs: FIRST_RUN_MS + DAY_MS - days * DAY_MS });
    expect(counted(at(14))).toBe(1);
    expect(counted(at(14.01))).toBe(0);
    expect(counted(at(14.01), at(400), earlier(3))).toBe(3);
  });

  test('the newest twenty sessions, with all their runs', () => {
    const sessions = Array.from({ length: 30 }, (_, at) =>
      [0, 1].map((run) =>
        earlier(0, {
          runId: `session ${at}, run ${run}`,
          startedAtMs: FIRST_RUN_MS - (at / 10 + 1) * DAY_MS + run * RUN_EVERY_MS,
        }),
      ),
    );
    expect(counted(...sessions.flat())).toBe(40);
    // The ten oldest are those that do not count: were they far off, nothing would change.
    const rowsWith = (isOff: (session: number) => boolean) =>
      compare({
        baseline,
        candidate,
        history: sessions.flatMap((runs, at) =>
          runs.map((one) => (isOff(at) ? { ...one, measures: slower(one.measures) } : one)),
        ),
      }).rows;
    expect(rowsWith((at) => at >= 20)).toEqual(rowsWith(() => false));
    expect(rowsWith((at) => at === 19)).not.toEqual(rowsWith(() => false));
  });

  const slower = (measures: readonly Measure[]): Measure[] =>
    measures.map((one) => ({ ...one, value: (one.value ?? 0) * 3 }));
});
