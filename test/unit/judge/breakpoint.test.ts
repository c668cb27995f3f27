import fc from 'fast-check';
import { judge } from '../../../scripts/judge';
import { type Breakpoint, breakIn, breakpointInWords, breakpointOf } from '../../../scripts/judge/breakpoint';
import type { Evidence } from '../../../scripts/result/evidence';
import type { TargetRow } from '../../../scripts/result/verdict';
import type { Target } from '../../../thresholds';
import { given, withRun } from '../../support/evidence';
import { limitedTo, RISE_TARGETS, type Rise, risingOn, type Server } from '../../support/rise';

const found = (rise: Rise): Breakpoint => {
  const { run, result } = risingOn(rise);
  return given(breakpointOf(run, given(result)));
};
const ratesOf = ({ steps, last, first }: Breakpoint) => [
  last === null ? null : steps[last]?.ratePerS,
  first === null ? null : steps[first]?.ratePerS,
];
const row = (evidence: Evidence, id: string): TargetRow =>
  given(judge(evidence).targets.find((target) => target.id === id));
const withLimit = (id: string, limit: number): Target[] =>
  RISE_TARGETS.map((target) => (target.id === id ? { ...target, limit } : target));
/** When the load is stopped that breaks at some rate: after three steps more, as the watch does it. */
const threeStepsAfter = (rate: number): number => {
  const { plan } = risingOn({ server: limitedTo(1) });
  const steps = given(plan.steps);
  return given(steps[steps.findIndex(({ ratePerS }) => ratePerS > rate) + 3]).endMs + 500;
};

describe('where steps break', () => {
  test.each([
    ['nothing breaks', [true, true, true], { last: 2, first: null }],
    ['all break', [false, false, false], { last: null, first: 0 }],
    ['the load is broken from somewhere on', [true, true, false, false, false, false], { last: 1, first: 2 }],
    ['two steps are missed between others', [true, false, false, true, false, false, false], { last: 3, first: 4 }],
    ['the last step is missed, and nothing shows that it was a pause', [true, true, false], { last: 1, first: 2 }],
    ['there is no step', [], { last: null, first: null }],
  ])('%s', (_, holds, expected) => {
    expect(breakIn(holds)).toEqual(expected);
  });
});

test('the interval of a server that is limited to a capacity contains that capacity', () => {
  fc.assert(
    fc.property(fc.double({ min: 30, max: 450, noNaN: true }), (capacity) => {
      const [last, first] = ratesOf(found({ server: limitedTo(capacity) }));
      // 1 % may be missing, and of whole iterations one more.
      expect(given(last)).toBeLessThanOrEqual(capacity * 1.011 + 1);
      expect(given(first)).toBeGreaterThan(capacity);
      expect(given(first) / given(last)).toBeLessThan(1.08);
      expect(Math.abs(given(last) / capacity - 1)).toBeLessThan(0.1);
    }),
    { numRuns: 25 },
  );
});

test.each<[string, Server, RegExp]>([
  [
    'answers slowly above 90/s',
    (rate) => ({ carriedOut: rate, latencyMs: rate > 90 ? 700 : 20, failedShare: 0 }),
    /^P95 (69|70)\d ms$/,
  ],
  [
    'refuses above 90/s',
    (rate) => ({ carriedOut: rate, latencyMs: 5, failedShare: rate > 90 ? 0.2 : 0 }),
    /^failed (19|20|21)\.\d\d %$/,
  ],
  [
    'does only some of it above 90/s',
    (rate) => ({ carriedOut: rate > 90 ? rate * 0.9 : rate, latencyMs: 5, failedShare: 0 }),
    /^carried out 90\.\d\d %$/,
  ],
])('a server breaks that %s, and why is said', (_, server, why) => {
  const breakpoint = found({ server });
  const [last, first] = ratesOf(breakpoint);
  expect([given(last) <= 90, given(first) > 90]).toEqual([true, true]);
  expect(breakpoint.steps[given(breakpoint.first)]?.misses).toEqual([expect.stringMatching(why)]);
});

test('a pause of a few seconds within the rise is no break', () => {
  let second = 0;
  const server = limitedTo(150);
  const pausing: Server = (rate) => {
    second += 1;
    return second === 100 ? { carriedOut: 0, latencyMs: 1000, failedShare: 0 } : server(rate);
  };
  const breakpoint = found({ server: pausing });
  const missed = breakpoint.steps.findIndex(({ holds }) => !holds);
  expect(missed).toBeGreaterThanOrEqual(0);
  expect(missed).toBeLessThan(given(breakpoint.last));
  expect(given(ratesOf(breakpoint)[0]) / 150).toBeGreaterThan(0.9);
});

test('a step in which the load was stopped is not judged', () => {
  const { plan } = risingOn({ server: limitedTo(1000) });
  const step = given(given(plan.steps)[10]);
  expect(found({ server: limitedTo(1000), stoppedAtMs: step.endMs - 100 }).steps).toHaveLength(10);
});

test('a run whose load does not rise has no breakpoint', () => {
  const { run, result } = risingOn({ server: limitedTo(100) });
  const { steps: _, ...plan } = given(run.plan);
  expect(breakpointOf({ ...run, plan }, given(result))).toBeNull();
  expect(breakpointOf({ ...run, plan: null }, given(result))).toBeNull();
});

describe('the verdict', () => {
  test('passes with the capacity and what lies beyond it, and a stop that was ordered is no flaw', () => {
    const evidence = risingOn({ server: limitedTo(150), stoppedAtMs: threeStepsAfter(150) });
    const { verdict, checks } = judge(evidence);
    expect(verdict).toBe('PASS');
    expect(checks.find(({ id }) => id === 'length')?.detail).toMatch(
      /^stopped after [\d.]+ s of [\d.]+ s planned, since the server had broken \(fiml_broken count<1\)$/,
    );
    expect(row(evidence, 'capacity').reason).toMatch(/^it holds at 14\d \/s and breaks at 15\d \/s: carried out 9\d\./);
    expect(row(evidence, 'capacity-p95').value).toBeLessThan(100);
  });

  test('is INVALID when the load ended before its time and nobody had ordered that', () => {
    const evidence = risingOn({ server: limitedTo(150), stoppedAtMs: threeStepsAfter(150) });
    const cut = withRun(evidence, ({ k6: { stoppedBy: _, ...k6 } }) => ({ k6 }));
    expect(judge(cut)).toMatchObject({ verdict: 'INVALID', reasons: [expect.stringContaining('less than the')] });
  });

  test('fails when the capacity is below the limit, with both', () => {
    const evidence = risingOn({ server: limitedTo(80) });
    expect(judge(evidence)).toMatchObject({ verdict: 'FAIL', exitCode: 1 });
    expect(row(evidence, 'capacity')).toMatchObject({
      verdict: 'FAIL',
      reason: expect.stringMatching(/breaks at 8\d \/s: carried out .*; it must be above 100 \/s$/),
    });
    expect(row(evidence, 'capacity-throughput').verdict).toBe('PASS');
  });

  test('fails when not even the first step holds, and says what is wrong there', () => {
    const evidence = risingOn({ server: limitedTo(10) });
    expect(row(evidence, 'capacity')).toMatchObject({
      verdict: 'FAIL',
      value: 0,
      reason: expect.stringMatching(
        /^it does not even hold at 25 \/s, the lowest that was offered: P95 .*, carried out /,
      ),
    });
    expect(row(evidence, 'capacity-throughput').verdict).toBe('FAIL');
  });

  test('is a lower bound when nothing broke: a pass above the limit, and none below it', () => {
    const server = limitedTo(10_000);
    expect(row(risingOn({ server }), 'capacity')).toMatchObject({
      verdict: 'PASS',
      value: 500,
      reason: 'at least 500 /s: nothing broke at the rates that were offered',
    });
    expect(row(risingOn({ server, targets: withLimit('capacity', 700) }), 'capacity')).toMatchObject({
      verdict: 'INVALID',
      reason: expect.stringContaining('above 700 /s takes higher ones: raise PERF_RATE'),
    });
  });

  test('follows the limits of the user', () => {
    const slow = withLimit('capacity-p95', 10);
    expect(row(risingOn({ server: limitedTo(150), targets: slow }), 'capacity')).toMatchObject({ value: 0 });
    expect(row(risingOn({ server: limitedTo(150), targets: withLimit('capacity', 160) }), 'capacity').verdict).toBe(
      'FAIL',
    );
  });

  test('is INVALID when no target says when a step holds', () => {
    const only = RISE_TARGETS.filter(({ id }) => id === 'capacity');
    expect(row(risingOn({ server: limitedTo(150), targets: only }), 'capacity')).toMatchObject({
      verdict: 'INVALID',
      reason: 'no target says when a step of the load holds',
    });
  });

  describe('is INVALID when k6 had no CPU left where the targets break, and only there', () => {
    const evidence = risingOn({ server: limitedTo(150) });
    const { steps, last, first } = given(breakpointOf(evidence.run, given(evidence.result)));
    const cpuIn = (at: number, share: number, waiting: number): Evidence => {
      const { startMs, endMs } = given(steps[at]);
      return withRun(evidence, ({ generator }) => ({
        generator: {
          ...generator,
          samples: generator.samples.map((sample) =>
            sample.atMs >= startMs && sample.atMs <= endMs ? { ...sample, share, waiting } : sample,
          ),
        },
      }));
    };

    test.each([
      [0.84, 0.1, /used 84 % of its CPU and waited for 10 % at 15\d\/s, .*: the generator may be what broke/],
      [0.1, 0.4, /used 10 % of its CPU and waited for 40 % at 15\d\/s, .*: the generator may be what broke/],
    ])('it used %d and waited for %d', (share, waiting, reason) => {
      expect(judge(cpuIn(given(first), share, waiting))).toMatchObject({
        verdict: 'INVALID',
        reasons: [expect.stringMatching(reason)],
      });
      expect(judge(cpuIn(given(last) - 1, share, waiting)).verdict).toBe('PASS');
    });

    test('what it used and waited for on a machine that it shares with the server alone is no flaw', () => {
      expect(judge(cpuIn(given(first), 0.1, 0.2)).verdict).toBe('PASS');
      expect(judge(cpuIn(given(first), 0.45, 0.36)).verdict).toBe('PASS');
    });
  });
});

test('the breakpoint is told in a sentence', () => {
  expect(breakpointInWords(found({ server: limitedTo(150) }))).toMatch(
    /^The capacity is 14\d \/s: all targets hold up to there, and not at 15\d \/s \(carried out 9\d\.\d+ %\)\.$/,
  );
  expect(breakpointInWords(found({ server: limitedTo(10) }))).toBe(
    'The targets do not hold at any rate that was offered; the lowest is 25 /s.',
  );
  expect(breakpointInWords(found({ server: limitedTo(10_000) }))).toBe(
    'The capacity is at least 500 /s: nothing broke at the rates that were offered.',
  );
  expect(breakpointInWords({ steps: [], last: null, first: null })).toBe('No step of the rising load was completed.');
});
