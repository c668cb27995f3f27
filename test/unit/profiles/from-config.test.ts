import { ConfigError, parseConfig } from '../../../config';
import { HOT_SLOTS, hotSet, onlyOf, PROFILES, planFor, planProblems, profileNamed, WINDOWS } from '../../../profiles';
import { componentsWith, type Env, memoryLeakWith, NAMES, planWith, sectionsWith, UPTIME_SAMPLES } from './settings';

test('a profile is found by its name', () => {
  for (const name of NAMES) expect(profileNamed(name)).toBe(PROFILES.get(name));
});

test.each([
  [
    'smok',
    'there is no profile "smok"; did you mean smoke? Known are smoke, load, high, endurance, peak, spike, breakpoint',
  ],
  [
    'nothing-of-the-kind',
    'there is no profile "nothing-of-the-kind". Known are smoke, load, high, endurance, peak, spike, breakpoint',
  ],
])('the profile %s is refused with the known ones', (name, message) => {
  expect(() => profileNamed(name)).toThrow(new ConfigError([message]));
  expect(() => planWith({ PERF_PROFILE: name })).toThrow(ConfigError);
  expect(() => sectionsWith({ PERF_PROFILE: name })).toThrow(ConfigError);
});

test('the plan of a scenario by its name; one that makes its own has none', () => {
  expect(planFor('load', parseConfig({}), UPTIME_SAMPLES)).toEqual(planWith());
  expect(planFor('targets', parseConfig({}), UPTIME_SAMPLES)).toEqual(sectionsWith());
  expect(planFor('components', parseConfig({}), UPTIME_SAMPLES)).toEqual(componentsWith());
  expect(planFor('memory-leak', parseConfig({}), UPTIME_SAMPLES)).toEqual(memoryLeakWith());
  expect(planFor('another', parseConfig({}), UPTIME_SAMPLES)).toBeNull();
});

test.each<[string | undefined, string[] | null]>([
  [undefined, null],
  ['uptime', ['uptime']],
  [' uptime , p95-cached,', ['uptime', 'p95-cached']],
  [',', []],
])('PERF_ONLY=%s names %j', (text, ids) => {
  expect(onlyOf(parseConfig({ PERF_ONLY: text }))).toEqual(ids);
});

const problemsOf = (env: Env, scenario: 'load' | 'targets', limit: number | null = 0.8) =>
  planProblems(scenario === 'load' ? planWith(env) : sectionsWith(env), parseConfig(env), {
    hitRateLimit: limit,
    needsCold: true,
  });

test.each(NAMES)('%s can give a fair verdict as it is', (PERF_PROFILE) => {
  for (const scale of ['1', '0.05']) {
    const env = { PERF_PROFILE, PERF_TIME_SCALE: scale };
    expect([...problemsOf(env, 'load'), ...problemsOf(env, 'targets')]).toEqual([]);
  }
});

test('traffic that cannot reach the hit rate is refused, where the hit rate gates', () => {
  const env = { PERF_COLD_SHARE: '0.4' };
  const best = { load: planWith(env).bestHitRate ?? 0, targets: sectionsWith(env).bestHitRate ?? 0 };
  for (const scenario of ['load', 'targets'] as const) {
    const [problem, ...others] = problemsOf(env, scenario);
    expect(others).toEqual([]);
    expect(problem).toMatch(/^this traffic cannot reach a cache hit rate above 80\.0 %: at best /);
    expect(problem).toContain(`${(best[scenario] * 100).toFixed(1)} %`);
    expect(problemsOf(env, scenario, null)).toEqual([]);
  }
  // A limit must be exceeded: reaching it is not enough.
  expect(problemsOf(env, 'load', best.load)).toHaveLength(1);
  expect(problemsOf(env, 'load', best.load - 1e-9)).toEqual([]);
});

test('without a reader of the cache no hit rate is out of reach', () => {
  expect(problemsOf({ PERF_ONLY: 'uptime' }, 'targets', 0.999)).toEqual([]);
});

test('cold symbols that return while the cache may still hold them are refused', () => {
  // A tenth of 80 % of 400/s: all 971 within 31 s, and a price may stay for 40 s.
  expect(problemsOf({ PERF_RATE: '400' }, 'load')).toEqual([
    expect.stringMatching(
      /^cold symbols would be asked for again after 30s344ms, while a price may stay cached for 40s:/,
    ),
  ]);
  expect(problemsOf({ PERF_RATE: '300' }, 'load')).toEqual([]);
  expect(problemsOf({ PERF_RATE: '400', PERF_COLD_SHARE: '0.05' }, 'load')).toEqual([]);
  expect(problemsOf({ PERF_RATE: '400', PERF_DURATION: '10s' }, 'load')).toEqual([]);
  expect(problemsOf({ PERF_RATE: '300', PERF_CACHE_TTL: '20s' }, 'load')).toHaveLength(1);
  expect(problemsOf({ PERF_RATE: '500' }, 'targets')).toEqual([expect.stringMatching(/^cold symbols would be asked/)]);
});

test('a steady phase below a second is refused', () => {
  expect(problemsOf({ PERF_TIME_SCALE: '0.016' }, 'load')).toEqual([
    'the phase steady would last 960ms, which is too short to measure anything in; it takes 1s at least: raise PERF_TIME_SCALE',
  ]);
  expect(problemsOf({ PERF_DURATION: '2s', PERF_TIME_SCALE: '0.4' }, 'load')).toHaveLength(1);
  expect(problemsOf({ PERF_TIME_SCALE: '0.017' }, 'load')).toEqual([]);
  expect(problemsOf({ PERF_DURATION: '1s' }, 'load')).toEqual([]);
});

test('every problem is told at once', () => {
  expect(problemsOf({ PERF_RATE: '400', PERF_COLD_SHARE: '0.5' }, 'load')).toHaveLength(2);
});

test('whatever TTL is accepted, a slot’s symbols all wait longer than an entry can live', () => {
  for (const ttl of ['7s', '10s', '30s', '10m']) {
    const ttlMs = parseConfig({ PERF_CACHE_TTL: ttl }).PERF_CACHE_TTL;
    const { windowMs, spacingMs, slots } = hotSet(ttlMs);
    expect(WINDOWS * windowMs).toBeGreaterThan(4 * ttlMs);
    expect([slots, spacingMs * slots]).toEqual([HOT_SLOTS, windowMs]);
  }
  // With 6 s and less, refills would come before the entry of the round before has gone.
  expect(() => parseConfig({ PERF_CACHE_TTL: '6s' })).toThrow(ConfigError);
});
