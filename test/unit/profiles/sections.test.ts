import { MONITOR_PERIOD_S, SECTIONS } from '../../../profiles';
import { TARGETS } from '../../../thresholds';
import { NAMES, sectionsWith, UPTIME_SAMPLES } from './settings';

const names = (env = {}) => sectionsWith(env).sections.map(({ name }) => name);

test('each section is for a target that the scenario has, and the readers of the cache come first', () => {
  const ids = TARGETS.filter(({ scenarios }) => scenarios.includes('targets')).map(({ id }) => id);
  for (const { target } of SECTIONS) expect(ids).toContain(target);
  expect(names()).toEqual(['cached', 'hits', 'tasks', 'probes']);
});

test('sections follow each other without gap, each with a warm-up of its own', () => {
  for (const PERF_TIME_SCALE of ['1', '0.05', '0.001', '2']) {
    const { sections, phases, durationMs } = sectionsWith({ PERF_TIME_SCALE });
    let atMs = 0;
    for (const { startMs, endMs, phases: own } of sections) {
      expect(startMs).toBe(atMs);
      expect((own[1]?.endMs ?? 0) - (own[1]?.startMs ?? 0)).toBeGreaterThanOrEqual(1000);
      expect(own.map(({ phase }) => phase)).toEqual(['warmup', 'steady']);
      expect([own[0]?.startMs, own[0]?.endMs, own[1]?.endMs]).toEqual([0, own[1]?.startMs, endMs - startMs]);
      atMs = endMs;
    }
    expect(durationMs).toBe(atMs);
    expect(phases).toHaveLength(2 * sections.length);
    expect(phases[0]?.startMs).toBe(0);
    for (const [index, window] of phases.slice(1).entries()) expect(window.startMs).toBe(phases[index]?.endMs);
    expect(phases.at(-1)?.endMs).toBe(durationMs);
  }
});

test('rates are shares of the profile’s own, and do not follow the scale', () => {
  const rates = (env: Record<string, string>) =>
    Object.fromEntries(sectionsWith(env).sections.map(({ name, ratePerS }) => [name, ratePerS]));
  expect(rates({})).toEqual({ cached: 30, hits: 50, tasks: 10, probes: 44 });
  expect(rates({ PERF_PROFILE: 'high' })).toEqual({ cached: 150, hits: 250, tasks: 50, probes: 44 });
  expect(rates({ PERF_RATE: '10', PERF_PROBE_RATE: '7' })).toEqual({ cached: 6, hits: 10, tasks: 2, probes: 7 });
  expect(rates({ PERF_RATE: '1' })).toMatchObject({ cached: 1, hits: 1, tasks: 1 });
  expect(rates({ PERF_TIME_SCALE: '0.1' })).toMatchObject({ cached: 30, hits: 50, tasks: 10 });
});

test.each(NAMES)('the probes under %s prove the uptime, however short their section is made', (PERF_PROFILE) => {
  for (const PERF_TIME_SCALE of ['1', '2', '0.5', '0.1', '0.05']) {
    const probes = sectionsWith({ PERF_PROFILE, PERF_TIME_SCALE }).sections.find(({ name }) => name === 'probes');
    const steady = probes?.phases[1];
    const seconds = ((steady?.endMs ?? 0) - (steady?.startMs ?? 0)) / 1000;
    expect(Math.floor((probes?.ratePerS ?? 0) * seconds)).toBeGreaterThanOrEqual(UPTIME_SAMPLES);
  }
});

test.each([
  ['p95-cached', ['cached']],
  ['uptime,cache-hit-rate', ['hits', 'probes']],
  [' task-completion , error-rate ', ['tasks']],
  ['error-rate', ['cached', 'hits', 'tasks', 'probes']],
])('PERF_ONLY=%s runs the sections of these targets, or all when none has one', (PERF_ONLY, expected) => {
  expect(names({ PERF_ONLY })).toEqual(expected);
});

test('without a reader of the cache nothing fills it, and without hits nobody watches it', () => {
  const { refillMs, bestHitRate, expectedIterations, vuCeiling, coldReturnMs } = sectionsWith({ PERF_ONLY: 'uptime' });
  expect([refillMs, bestHitRate, coldReturnMs]).toEqual([0, null, null]);
  expect(Object.keys(expectedIterations)).toEqual(['probes']);
  expect(Object.keys(vuCeiling)).toEqual(['probes']);
  const cached = sectionsWith({ PERF_ONLY: 'p95-cached' });
  expect(cached.refillMs).toBe(cached.durationMs);
  expect(cached.expectedIterations.monitor).toBeUndefined();
});

test('as many iterations are expected as the sections hold, and enough virtual users for the slowest of them', () => {
  const { sections, expectedIterations, vuCeiling, expectedRequests, refillMs, hotSet } = sectionsWith();
  for (const { name, ratePerS, startMs, endMs } of sections) {
    expect(expectedIterations[name]).toBe(Math.round(ratePerS * ((endMs - startMs) / 1000)));
    expect(vuCeiling[name]).toBe(Math.ceil(ratePerS * 2));
  }
  expect(refillMs).toBe(44_000);
  expect(expectedIterations.refill).toBe(Math.round(refillMs / hotSet.spacingMs));
  expect(expectedIterations.monitor).toBe(22 / MONITOR_PERIOD_S);
  const { cached = 0, hits = 0, tasks = 0, probes = 0, refill = 0, monitor = 0 } = expectedIterations;
  expect(expectedRequests).toBe(cached + hits + 6 * tasks + 2 * probes + refill + monitor);
});

test('the closed model is refused', () => {
  expect(() => sectionsWith({ PERF_MODEL: 'closed' })).toThrow(
    'the scenario targets measures at fixed arrival rates: leave out PERF_MODEL=closed',
  );
});
