import { parseConfig } from '../../../config';
import { planProblems, ROUNDS } from '../../../profiles';
import { minimumSamples, TARGETS } from '../../../thresholds';
import { given } from '../../support/evidence';
import { type Env, memoryLeakWith, NAMES } from './settings';

const steadyOf = (env: Env = {}) => given(memoryLeakWith(env).phases.find(({ phase }) => phase === 'steady'));
const roundMs = (env: Env = {}) => (steadyOf(env).endMs - steadyOf(env).startMs) / ROUNDS;

test('24 rounds of 15 s at twice the normal rate are judged, after ten minutes that are not', () => {
  const plan = memoryLeakWith();
  expect([ROUNDS, roundMs()]).toEqual([24, 15_000]);
  expect(plan.phases).toEqual([
    { phase: 'warmup', startMs: 0, endMs: 600_000 },
    { phase: 'steady', startMs: 600_000, endMs: 960_000 },
    { phase: 'rampdown', startMs: 960_000, endMs: 962_000 },
  ]);
  expect(plan).toMatchObject({ ratePerS: 100, iterationsPerRound: 1500, arrivalsMs: 960_000 });
  expect(plan.expectedIterations.rounds).toBe(64 * 1500);
});

test.each<[Env, { roundMs: number; iterationsPerRound: number }]>([
  [
    { PERF_TIME_SCALE: '0.1', PERF_RATE: '150' },
    { roundMs: 1500, iterationsPerRound: 225 },
  ],
  [{ PERF_DURATION: '48s' }, { roundMs: 2000, iterationsPerRound: 200 }],
  [{ PERF_USERS: '20' }, { roundMs: 15_000, iterationsPerRound: 300 }],
  [{ PERF_PROFILE: 'high' }, { roundMs: 15_000, iterationsPerRound: 7500 }],
])('%j is followed', (env, expected) => {
  expect(roundMs(env)).toBe(expected.roundMs);
  expect(memoryLeakWith(env).iterationsPerRound).toBe(expected.iterationsPerRound);
});

test.each([
  '1',
  '0.5',
  '0.1',
  '0.05',
])('at a time scale of %s a round is whole, and memory is looked at often enough', (PERF_TIME_SCALE) => {
  const plan = memoryLeakWith({ PERF_TIME_SCALE });
  expect(plan.ratePerS * (roundMs({ PERF_TIME_SCALE }) / 1000)).toBeCloseTo(plan.iterationsPerRound, 9);
  const needed = minimumSamples(given(TARGETS.find(({ id }) => id === 'memory-leak-growth')));
  const { startMs, endMs } = steadyOf({ PERF_TIME_SCALE });
  expect((endMs - startMs) / plan.lookEveryMs).toBeGreaterThanOrEqual(2 * needed);
});

test.each(NAMES)('%s can give a fair verdict', (PERF_PROFILE) => {
  const env = { PERF_PROFILE };
  expect(planProblems(memoryLeakWith(env), parseConfig(env), { hitRateLimit: null, needsCold: false })).toEqual([]);
});

test('the closed model is refused, and an unknown profile', () => {
  expect(() => memoryLeakWith({ PERF_MODEL: 'closed' })).toThrow(
    'the scenario memory-leak repeats rounds at a fixed arrival rate: leave out PERF_MODEL=closed',
  );
  expect(() => memoryLeakWith({ PERF_PROFILE: 'smok' })).toThrow('did you mean smoke?');
});
