import fc from 'fast-check';
import { parseConfig } from '../../../config';
import { loadPlan, planProblems, type RateStep } from '../../../profiles';
import { minimumSamples, TARGETS } from '../../../thresholds';
import { given } from '../../support/evidence';
import { type Env, planWith, UPTIME_SAMPLES } from './settings';

const stepsWith = (env: Env = {}): readonly RateStep[] => given(planWith({ PERF_PROFILE: 'breakpoint', ...env }).steps);
const lengthOf = ({ startMs, endMs }: RateStep): number => endMs - startMs;
/** What the claims about a step take. */
const SAMPLES = Math.max(
  ...TARGETS.filter(({ statistic }) => statistic.endsWith('-at-capacity')).map((target) => minimumSamples(target)),
);

test('the rate rises from half the normal load to ten times of it, by 5 % each time', () => {
  const steps = stepsWith();
  expect([steps[0]?.ratePerS, steps.at(-1)?.ratePerS]).toEqual([25, 500]);
  for (const [at, { ratePerS }] of steps.entries()) {
    const before = steps[at - 1]?.ratePerS;
    // Rates are whole, so that 26.25 is 26 and 27.56 is 28.
    if (before === undefined) continue;
    expect(ratePerS).toBeGreaterThan(before);
    expect(ratePerS).toBeLessThanOrEqual(before * 1.05 + 1.05);
    // The last step ends at the highest rate, however near that is.
    if (at < steps.length - 1) expect(ratePerS).toBeGreaterThanOrEqual(before * 1.05 - 1.05);
  }
});

test('the longest rise is shorter than the ten minutes from which a run is long', () => {
  expect(planWith({ PERF_PROFILE: 'breakpoint' }).durationMs).toBeLessThan(600_000);
});

test('each step has its samples in the whole seconds within it, however short it is made', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 400 }), fc.integer({ min: 50, max: 3000 }), (rate, scale) => {
      for (const step of stepsWith({ PERF_RATE: String(rate), PERF_TIME_SCALE: String(scale / 1000) })) {
        // Of a length that does not begin with a second up to one second is lost.
        const wholeSeconds = Math.floor(lengthOf(step) / 1000) - 1;
        expect(wholeSeconds * step.ratePerS).toBeGreaterThanOrEqual(SAMPLES);
      }
    }),
  );
});

test('steps follow each other, each at a rate that the load keeps meanwhile', () => {
  const { steps = [], stages } = planWith({ PERF_PROFILE: 'breakpoint', PERF_RATE: '80' });
  let atMs = 0;
  let from = 0;
  const held = stages.flatMap(({ durationMs, target }) => {
    const level = from === target ? [{ ratePerS: target, startMs: atMs, endMs: atMs + durationMs }] : [];
    atMs += durationMs;
    from = target;
    return level;
  });
  expect(steps).toEqual(held);
});

test('PERF_DURATION is the length of a step, and not of the way to it', () => {
  const steps = stepsWith({ PERF_DURATION: '20s' });
  for (const [at, step] of steps.entries()) {
    expect(lengthOf(step)).toBe(20_000);
    if (at > 0) expect(step.startMs - (steps[at - 1]?.endMs ?? 0)).toBe(1000);
  }
});

test('another profile has no steps', () => {
  expect(planWith().steps).toBeUndefined();
});

test('the closed model is refused: users who wait for their answers keep no rate', () => {
  const problemsOf = (env: Env) => {
    const config = parseConfig(env);
    return planProblems(loadPlan(config, UPTIME_SAMPLES), config, { hitRateLimit: null, needsCold: false });
  };
  expect(problemsOf({ PERF_PROFILE: 'breakpoint', PERF_MODEL: 'closed' })).toEqual([
    expect.stringContaining('leave out PERF_MODEL=closed'),
  ]);
  expect(problemsOf({ PERF_PROFILE: 'breakpoint' })).toEqual([]);
  expect(problemsOf({ PERF_PROFILE: 'smoke', PERF_MODEL: 'closed' })).toEqual([]);
});
