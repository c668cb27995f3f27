import fc from 'fast-check';
import { judge } from '../../../scripts/judge';
import type { Evidence } from '../../../scripts/result/evidence';
import type { Verdict, VerdictWord } from '../../../scripts/result/verdict';
import {
  COLD,
  evidenceOf,
  type Failing,
  failing,
  given,
  HOT,
  healthy as healthyRun,
  NOTHING_SENT,
  type Numbers,
  type Plain,
  plain,
  targetsNamed,
  times,
  withResult,
  withRun,
} from '../../support/evidence';

/** Worst first, as the design has it. */
const ORDER: readonly VerdictWord[] = ['FAIL', 'REGRESSED', 'INVALID', 'INCONCLUSIVE', 'WARN', 'NO BASELINE', 'PASS'];
const badness = (word: string) => ORDER.length - ORDER.indexOf(word as VerdictWord);

const NAMES = ['p95-cached', 'error-rate', 'p95-cold', 'mean-api', 'p95-narrative', 'cache-hit-rate', 'uptime'];

/** Without what these targets do not look at, so that many runs can be tried. */
const healthy = (changes: Partial<Numbers>) => healthyRun({ ...NOTHING_SENT, ...changes });

const latency = fc.oneof(fc.double({ min: 1, max: 400, noNaN: true }), fc.constantFrom(199.9, 200, 200.1, 0.5));
/** A few values in turn: to draw each of hundreds would take most of the time. */
const latencies = (min: number, max: number) =>
  fc
    .tuple(fc.integer({ min, max }), fc.array(latency, { minLength: 1, maxLength: 7 }))
    .map(([count, values]) => Array.from({ length: count }, (_, i) => given(values[(i * 5) % values.length])));
const bits = (min: number, max: number) =>
  fc
    .tuple(fc.integer({ min, max }), fc.integer({ min: 0, max: 4 }))
    .map(([count, down]) => [...times(Math.max(0, count - down), true), ...times(Math.min(count, down), false)]);

const numbers: fc.Arbitrary<Partial<Numbers>> = fc.record({
  hotMs: fc.oneof(latencies(0, 70), latencies(300, 330)),
  coldMs: latencies(0, 70),
  analysisMs: latencies(0, 70),
  probes: fc.oneof({ weight: 3, arbitrary: bits(0, 10) }, { weight: 1, arbitrary: bits(590, 620) }),
  hits: fc.integer({ min: 0, max: 100 }),
  misses: fc.integer({ min: 0, max: 20 }),
  dropped: fc.constantFrom(0, 0, 0, 1, 40),
  vus: fc.constantFrom([9], [9], [9], [121], []),
});

const failure: fc.Arbitrary<Failing> = fc.record({
  count: fc.integer({ min: 1, max: 40 }),
  tags: fc.constantFrom(HOT, COLD),
  status: fc.constantFrom('0', '200', '503'),
  ms: fc.double({ min: 0, max: 1000, noNaN: true }),
});

type Break = (evidence: Evidence) => Evidence;
const breaks: fc.Arbitrary<Break> = fc.constantFrom<Break[]>(
  (measured) => measured,
  (measured) => measured,
  (measured) => withRun(measured, ({ k6 }) => ({ k6: { ...k6, exitCode: 108 } })),
  (measured) => withResult(measured, ({ source }) => ({ source: { ...source, truncated: true } })),
  (measured) => withRun(measured, ({ target }) => ({ target: { ...target, after: null } })),
  (measured) => ({ ...measured, result: null, resultProblem: null }),
  (measured) => withRun(measured, ({ targets }) => ({ targets: targets.map((one) => ({ ...one, severity: 'warn' })) })),
  (measured) => withRun(measured, ({ targets }) => ({ targets: targets.map((one) => ({ ...one, severity: 'info' })) })),
  (measured) => withRun(measured, () => ({ targets: [] })),
);

const targets = fc.subarray(NAMES, { minLength: 1 });

const anyEvidence = fc
  .tuple(numbers, fc.array(failure, { maxLength: 2 }), breaks, targets)
  .map(([changes, failures, break_, names]) =>
    break_(evidenceOf([...healthy(changes), ...failures.flatMap(failing)], targetsNamed(...names))),
  );

/** Whether the same checks hold. */
const isSame = (one: Verdict['checks'], other: Verdict['checks']) => one.every(({ ok }, at) => ok === other[at]?.ok);

const isFlaw = ({ ok, kind }: Verdict['checks'][number]) => !ok && kind === 'blinding';

test('a run’s verdict is the worst of its rows and of what its flaws make of it', () => {
  fc.assert(
    fc.property(anyEvidence, (measured) => {
      const { verdict, targets: rows, checks } = judge(measured);
      const words: string[] = rows.map((row) => row.verdict).filter((word) => word !== 'INFO');
      if (checks.some(isFlaw) || !rows.some(({ severity }) => severity === 'fail')) words.push('INVALID');
      expect(badness(verdict)).toBe(Math.max(...words.map(badness)));
    }),
    { numRuns: 100 },
  );
});

test('a pass means that every required target was measured, with enough samples, inside its limit and without a flaw', () => {
  let passes = 0;
  const good = fc
    .record({
      hotMs: latencies(298, 310),
      coldMs: latencies(58, 62),
      analysisMs: latencies(58, 62),
      misses: fc.nat(300),
    })
    .chain((changes) => fc.tuple(fc.constant({ ...changes, probes: times(599, true) }), targets))
    .map(([changes, names]) => evidenceOf(healthy(changes), targetsNamed(...names)));
  fc.assert(
    fc.property(fc.oneof(anyEvidence, good), (measured) => {
      const { verdict, targets: rows, checks } = judge(measured);
      if (verdict !== 'PASS') return;
      passes += 1;
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      const required = rows.filter(({ severity }) => severity === 'fail');
      expect(required.length).toBeGreaterThan(0);
      for (const { value, limit, operator, samples, minimumSamples, measurable } of required) {
        expect(measurable).toBe(true);
        expect(samples).toBeGreaterThanOrEqual(minimumSamples);
        expect(operator === '<' ? given(value) < limit : given(value) > limit).toBe(true);
      }
    }),
    { numRuns: 120 },
  );
  // Otherwise nothing was looked at.
  expect(passes).toBeGreaterThan(5);
});

test('the exit code is a function of the verdict and of what shall fail', () => {
  const failOn = fc.subarray([...ORDER]);
  fc.assert(
    fc.property(anyEvidence, failOn, (measured, words) => {
      const { verdict, exitCode } = judge(measured, words);
      const own = { FAIL: 1, REGRESSED: 1, INVALID: 3 }[verdict as string] ?? 0;
      expect(exitCode).toBe(own === 0 && words.includes(verdict) ? 1 : own);
      expect(verdict).toBe(judge(measured).verdict);
      expect([0, 1, 3]).toContain(exitCode);
    }),
    { numRuns: 50 },
  );
});

test('every verdict but a pass has its reasons, and a pass has none', () => {
  fc.assert(
    fc.property(anyEvidence, (measured) => {
      const { verdict, reasons } = judge(measured);
      expect(reasons.length > 0).toBe(verdict !== 'PASS');
      expect(new Set(reasons).size).toBe(reasons.length);
    }),
    { numRuns: 50 },
  );
});

describe('more failures', () => {
  /** Enough samples of everything, so that a failed request cannot be the one sample that was missing. */
  const plenty: fc.Arbitrary<Partial<Numbers>> = fc.record({
    hotMs: latencies(300, 340),
    coldMs: latencies(60, 80),
  });
  const measuredWith = (changes: Partial<Numbers>, failures: readonly Failing[]) =>
    evidenceOf([...healthy(changes), ...failures.flatMap(failing)], targetsNamed(...NAMES));
  const rowsOf = (measured: Evidence) => new Map(judge(measured).targets.map((row) => [row.id, row.verdict]));

  test('never make any target or the run better when they are requests without an answer', () => {
    const silent = failure.map((one) => ({ ...one, status: '0', ms: 0 }));
    fc.assert(
      fc.property(plenty, fc.array(failure, { maxLength: 2 }), silent, (changes, before, more) => {
        const [one, other] = [measuredWith(changes, before), measuredWith(changes, [...before, more])];
        expect(badness(judge(other).verdict)).toBeGreaterThanOrEqual(badness(judge(one).verdict));
        const after = rowsOf(other);
        for (const [id, word] of rowsOf(one))
          expect(badness(given(after.get(id)))).toBeGreaterThanOrEqual(badness(word));
      }),
      { numRuns: 50 },
    );
  });

  test('never turn what does not pass into what does, however fast or slow they are', () => {
    fc.assert(
      fc.property(plenty, fc.array(failure, { maxLength: 2 }), failure, (changes, before, more) => {
        const [one, other] = [measuredWith(changes, before), measuredWith(changes, [...before, more])];
        // Beside more answers, the same requests without one are a smaller share: that flaw of the whole run may go.
        fc.pre(isSame(judge(one).checks, judge(other).checks));
        const after = rowsOf(other);
        for (const [id, word] of rowsOf(one))
          if (word !== 'PASS') expect([id, after.get(id)]).not.toEqual([id, 'PASS']);
      }),
      { numRuns: 50 },
    );
  });
});

/** Without the last digits, which depend on the order of a sum. */
function essence({ verdict, exitCode, targets: rows, checks }: Verdict): unknown {
  const rounded = (value: number | null) => (value === null ? null : Number(value.toPrecision(9)));
  return {
    verdict,
    exitCode,
    checks: checks.map(({ id, ok, detail }) => [id, ok, detail]),
    rows: rows.map((row) => [row.id, row.verdict, row.samples, row.reason, rounded(row.value), rounded(row.bound)]),
  };
}

test('the order of the series changes nothing', () => {
  fc.assert(
    fc.property(
      numbers,
      fc.array(failure, { maxLength: 2 }),
      fc.infiniteStream(fc.nat()),
      (changes, failures, keys) => {
        const measured = evidenceOf([...healthy(changes), ...failures.flatMap(failing)], targetsNamed(...NAMES));
        const series = [...given(measured.result).series];
        const keyed = series.map((one) => ({ one, key: given(keys.next().value) }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ one }) => one);
        expect(essence(judge(withResult(measured, () => ({ series: shuffled }))))).toEqual(essence(judge(measured)));
      },
    ),
    { numRuns: 50 },
  );
});

test('series that one more tag has split are judged as the whole', () => {
  const split = (one: Plain, modulus: number): Plain[] =>
    [...Array(modulus).keys()].map((part) => ({
      metric: one.metric,
      tags: { ...one.tags, instance: String(part) },
      points: one.points.filter((_, i) => i % modulus === part),
    }));
  fc.assert(
    fc.property(
      numbers,
      fc.array(failure, { maxLength: 2 }),
      fc.integer({ min: 2, max: 4 }),
      (changes, failures, parts) => {
        const plains = [...healthy(changes), ...failures.flatMap(failing)];
        const whole = evidenceOf(plains, targetsNamed(...NAMES));
        const pieces = evidenceOf(
          plains.flatMap((one) => split(one, parts)),
          targetsNamed(...NAMES),
        );
        expect(essence(judge(pieces))).toEqual(essence(judge(whole)));
      },
    ),
    { numRuns: 50 },
  );
});

test('samples of other phases and of unknown metrics change no row', () => {
  fc.assert(
    fc.property(numbers, fc.constantFrom('warmup', 'rampdown', 'spike'), latency, (changes, phase, ms) => {
      const plains = healthy(changes);
      const others = [
        plain('http_req_duration', { ...HOT, status: '200', phase }, times(50, ms * 100)),
        plain('fiml_failed', { ...HOT, phase }, times(50, 1)),
        plain('fiml_up', { phase }, times(50, 0)),
        plain('some_metric', { phase: 'steady' }, times(50, ms)),
      ];
      const names = targetsNamed(...NAMES);
      expect(judge(evidenceOf([...plains, ...others], names)).targets).toEqual(
        judge(evidenceOf(plains, names)).targets,
      );
    }),
    { numRuns: 50 },
  );
});
