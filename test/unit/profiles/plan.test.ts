import fc from 'fast-check';
import {
  COLD_SYMBOLS,
  MONITOR_PERIOD_S,
  type PhaseWindow,
  type Plan,
  PROFILES,
  USER_PERIOD_S,
} from '../../../profiles';
import { type Env, NAMES, planWith, UPTIME_SAMPLES } from './settings';

const windowOf = (plan: Plan, phase: string): PhaseWindow => {
  const found = plan.phases.filter((window) => window.phase === phase);
  expect(found).toHaveLength(1);
  return found[0] as PhaseWindow;
};
const lengthOf = ({ startMs, endMs }: PhaseWindow): number => endMs - startMs;

const anyEnv: fc.Arbitrary<Env> = fc
  .record(
    {
      PERF_PROFILE: fc.constantFrom(...NAMES),
      PERF_MODEL: fc.constantFrom('open', 'closed'),
      PERF_USERS: fc.integer({ min: 1, max: 3000 }).map(String),
      PERF_SPAWN_RATE: fc.integer({ min: 1, max: 500 }).map((n) => String(n / 10)),
      PERF_DURATION: fc.integer({ min: 1000, max: 600_000 }).map((ms) => `${ms}ms`),
      PERF_TIME_SCALE: fc.integer({ min: 50, max: 3000 }).map((n) => String(n / 1000)),
      PERF_COLD_SHARE: fc.integer({ min: 0, max: 100 }).map((n) => String(n / 100)),
      PERF_PROBE_RATE: fc.integer({ min: 1, max: 200 }).map(String),
    },
    { requiredKeys: [] },
  )
  .map((env) => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)));

test.each<[string, Env, { users: number; rate: number; steadyMs: number }]>([
  ['100 users for 5 minutes', { PERF_PROFILE: 'load' }, { users: 100, rate: 50, steadyMs: 300_000 }],
  ['500 users for 10 minutes', { PERF_PROFILE: 'high' }, { users: 500, rate: 250, steadyMs: 600_000 }],
  ['100 users for an hour', { PERF_PROFILE: 'endurance' }, { users: 100, rate: 50, steadyMs: 3_600_000 }],
  ['a minute of the 100', { PERF_PROFILE: 'smoke' }, { users: 100, rate: 50, steadyMs: 60_000 }],
])('the guide has %s, who all are there after 10 s', (_, env, { users, rate, steadyMs }) => {
  const plan = planWith(env);
  expect(plan).toMatchObject({ model: 'open', users, rate });
  expect(lengthOf(windowOf(plan, 'warmup'))).toBe(10_000);
  expect(lengthOf(windowOf(plan, 'steady'))).toBe(steadyMs);
  expect(plan.stages[0]).toEqual({ durationMs: 10_000, target: rate });
  // A user asks every 2 s: the guide's 1 to 3 s of thought.
  expect(users / rate).toBe(USER_PERIOD_S);
});

test('smoke is what runs when no profile is named', () => {
  expect(planWith()).toEqual(planWith({ PERF_PROFILE: 'smoke' }));
});

const NORMAL = ['warmup', 'steady', 'rampdown'];
const PHASES: Readonly<Record<string, readonly string[]>> = {
  smoke: NORMAL,
  load: NORMAL,
  high: NORMAL,
  endurance: NORMAL,
  peak: NORMAL,
  spike: ['warmup', 'before', 'spike', 'recovery', 'rampdown'],
  breakpoint: ['warmup', 'rise', 'rampdown'],
};

test('phases follow each other without gap from the start to the end of the load', () => {
  fc.assert(
    fc.property(anyEnv, (env) => {
      const { phases, durationMs, stages } = planWith(env);
      expect(phases.map(({ phase }) => phase)).toEqual(PHASES[env.PERF_PROFILE ?? 'smoke']);
      expect([phases[0]?.startMs, phases.at(-1)?.endMs]).toEqual([0, durationMs]);
      for (const [index, window] of phases.entries()) {
        expect(window.endMs).toBeGreaterThan(window.startMs);
        if (index > 0) expect(window.startMs).toBe(phases[index - 1]?.endMs);
      }
      expect(stages.reduce((sum, stage) => sum + stage.durationMs, 0)).toBe(durationMs);
    }),
  );
});

test('the load is what was asked for in every stage, ends at 0, and k6 can take its stages', () => {
  fc.assert(
    fc.property(anyEnv, (env) => {
      const plan = planWith(env);
      const peak = plan.model === 'open' ? plan.rate : plan.users;
      const { stages = [] } = PROFILES.get(env.PERF_PROFILE ?? 'smoke') ?? {};
      expect(plan.stages.map(({ target }) => target)).toEqual(stages.map(({ to }) => Math.round(peak * to)));
      expect(plan.stages.at(-1)?.target).toBe(0);
      for (const { durationMs, target } of plan.stages) {
        expect([durationMs, target].every(Number.isInteger)).toBe(true);
        expect(durationMs).toBeGreaterThan(0);
      }
    }),
  );
});

/**
 * Iterations that a load that moves linearly from target to target starts, step by step. Each step counts what its middle
 * starts, which is exact for a line however long the step is; more of them would only add errors of rounding.
 */
function iterationsOf({ stages }: Plan): number {
  const STEPS = 1000;
  let total = 0;
  let from = 0;
  for (const { durationMs, target } of stages) {
    for (let step = 0; step < STEPS; step += 1) {
      total += (from + ((target - from) * (step + 0.5)) / STEPS) * (durationMs / STEPS / 1000);
    }
    from = target;
  }
  return total;
}

test('as many iterations are expected as the ramps hold', () => {
  fc.assert(
    fc.property(anyEnv, (env) => {
      const plan = planWith(env);
      const { traffic, probes, refill, monitor } = plan.expectedIterations;
      const seconds = plan.durationMs / 1000;
      const perIteration = plan.model === 'open' ? 1 : USER_PERIOD_S;
      expect(Math.abs(traffic - iterationsOf(plan) / perIteration)).toBeLessThanOrEqual(0.51);
      expect(Math.abs(probes - plan.probeRate * seconds)).toBeLessThanOrEqual(0.5);
      expect(Math.abs(refill - (seconds * 1000) / plan.hotSet.spacingMs)).toBeLessThanOrEqual(0.5);
      expect(monitor).toBe(Math.ceil(seconds / MONITOR_PERIOD_S));
      expect(plan.expectedRequests).toBeGreaterThanOrEqual(traffic + 2 * probes + refill + monitor);
    }),
    { numRuns: 30 },
  );
});

test('the numbers of a smoke run, counted by hand', () => {
  const plan = planWith();
  // 10 s up to 50/s, 60 s at it, 2 s down: 250 + 3000 + 50. Of 20 iterations one is DSL, of three DSL two are polled.
  expect(plan.expectedIterations).toEqual({ traffic: 3300, probes: 792, refill: 206, monitor: 36 });
  expect(plan.probeRate).toBe(11);
  expect(plan.expectedRequests).toBe(Math.round(3300 * (1 + (1 / 20) * (2 / 3) * 5)) + 2 * 792 + 206 + 36);
});

test("Little's law bounds the virtual users: as many as arrive while the longest iteration lasts", () => {
  fc.assert(
    fc.property(anyEnv, (env) => {
      const plan = planWith(env);
      const worstS = (PROFILES.get(env.PERF_PROFILE ?? 'smoke')?.worstIterationMs ?? 0) / 1000;
      const enough = (vus: number, ratePerS: number) => {
        expect(vus).toBeGreaterThanOrEqual(ratePerS * worstS);
        expect(vus).toBeLessThanOrEqual(Math.max(2, ratePerS * worstS + 1));
      };
      enough(plan.vuCeiling.probes, plan.probeRate);
      enough(plan.vuCeiling.refill, 1000 / plan.hotSet.spacingMs);
      const highest = Math.max(...plan.stages.map(({ target }) => target));
      if (plan.model === 'open') enough(plan.vuCeiling.traffic, highest);
      else expect(plan.vuCeiling.traffic).toBe(highest);
      expect(plan.vuCeiling.monitor).toBe(1);
    }),
  );
});

test.each(
  NAMES.filter((name) => PROFILES.get(name)?.probesPerS === undefined),
)('%s has the probes that prove the uptime, however short its steady phase is made', (name) => {
  for (const scale of ['1', '3', '0.5', '0.2', '0.1', '0.05']) {
    const plan = planWith({ PERF_PROFILE: name, PERF_TIME_SCALE: scale });
    const steadyS = lengthOf(windowOf(plan, 'steady')) / 1000;
    expect(Math.floor(plan.probeRate * steadyS)).toBeGreaterThanOrEqual(UPTIME_SAMPLES);
    // The traffic's own rate does not follow the scale.
    expect(plan.rate).toBe(planWith({ PERF_PROFILE: name }).rate);
  }
  const short = planWith({ PERF_PROFILE: name, PERF_DURATION: '10s' });
  expect(short.probeRate * 10).toBeGreaterThanOrEqual(UPTIME_SAMPLES);
});

test('the scale multiplies every phase', () => {
  const [whole, tenth] = [planWith(), planWith({ PERF_TIME_SCALE: '0.1' })];
  expect(tenth.phases.map(lengthOf)).toEqual(whole.phases.map((window) => lengthOf(window) / 10));
});

test('PERF_PROBE_RATE is taken as it is', () => {
  expect(planWith({ PERF_PROBE_RATE: '3', PERF_TIME_SCALE: '0.1' }).probeRate).toBe(3);
});

test('users of the closed model are virtual users, who come as fast as the profile says', () => {
  const plan = planWith({ PERF_MODEL: 'closed', PERF_PROFILE: 'load' });
  expect(plan).toMatchObject({ model: 'closed', users: 100, rate: 50 });
  expect(plan.stages).toEqual([
    { durationMs: 10_000, target: 100 },
    { durationMs: 300_000, target: 100 },
    { durationMs: 2000, target: 0 },
  ]);
  expect(plan.vuCeiling.traffic).toBe(100);
  expect(plan.expectedIterations.traffic).toBe(planWith({ PERF_PROFILE: 'load' }).expectedIterations.traffic);
});

test.each<[Env, { users: number; rate: number; rampMs: number; steadyMs: number }]>([
  [{ PERF_USERS: '40' }, { users: 40, rate: 20, rampMs: 10_000, steadyMs: 60_000 }],
  [{ PERF_USERS: '1' }, { users: 1, rate: 1, rampMs: 10_000, steadyMs: 60_000 }],
  [{ PERF_RATE: '30' }, { users: 60, rate: 30, rampMs: 10_000, steadyMs: 60_000 }],
  [{ PERF_SPAWN_RATE: '50' }, { users: 100, rate: 50, rampMs: 2000, steadyMs: 60_000 }],
  [
    { PERF_USERS: '40', PERF_SPAWN_RATE: '5' },
    { users: 40, rate: 20, rampMs: 8000, steadyMs: 60_000 },
  ],
  [{ PERF_DURATION: '90s' }, { users: 100, rate: 50, rampMs: 10_000, steadyMs: 90_000 }],
  [
    { PERF_DURATION: '90s', PERF_TIME_SCALE: '0.5' },
    { users: 100, rate: 50, rampMs: 5000, steadyMs: 45_000 },
  ],
])('%j is followed', (env, { users, rate, rampMs, steadyMs }) => {
  const plan = planWith(env);
  expect([plan.users, plan.rate]).toEqual([users, rate]);
  expect([lengthOf(windowOf(plan, 'warmup')), lengthOf(windowOf(plan, 'steady'))]).toEqual([rampMs, steadyMs]);
});

test('cold symbols return when all have been asked for, or never', () => {
  expect(planWith().coldReturnMs).toBeNull();
  expect(planWith({ PERF_PROFILE: 'load', PERF_COLD_SHARE: '0' }).coldReturnMs).toBeNull();
  // 80 % of 50/s are price queries, a tenth of them cold: 4/s.
  expect(planWith({ PERF_PROFILE: 'load' }).coldReturnMs).toBeCloseTo((COLD_SYMBOLS / 4) * 1000, 6);
});

test('the room for the samples grows with the requests', () => {
  const [short, long] = [planWith(), planWith({ PERF_PROFILE: 'load' })];
  const perRequest = (long.diskBytes - short.diskBytes) / (long.expectedRequests - short.expectedRequests);
  // What k6 writes of a request, gzipped, is about 110 bytes.
  expect(perRequest).toBeGreaterThan(110);
  expect(short.diskBytes).toBeGreaterThan(short.expectedRequests * perRequest);
});
