import { parseConfig } from '../../../config';
import { coldEquities } from '../../../contract';
import {
  COMPONENTS,
  L1_SYMBOLS,
  LIST_SESSIONS_EVERY,
  MONITOR_PERIOD_S,
  NARRATIVE_EVERY_MS,
  planProblems,
  REQUESTS_PER_SESSION,
  SESSION_LOOKS,
} from '../../../profiles';
import { minimumSamples, TARGETS } from '../../../thresholds';
import { given } from '../../support/evidence';
import { componentsWith, type Env, NAMES } from './settings';

/** A server keeps a narrative for so long. */
const NARRATIVE_TTL_MS = 30 * 60_000;

const names = (env: Env = {}) => componentsWith(env).sections.map(({ name }) => name);
const section = (name: string, env: Env = {}) => given(componentsWith(env).sections.find((one) => one.name === name));
const steadyS = (name: string, env: Env = {}): number => {
  const steady = given(section(name, env).phases[1]);
  return (steady.endMs - steady.startMs) / 1000;
};
const steadyIterations = (name: string, env: Env = {}) => section(name, env).ratePerS * steadyS(name, env);

test('each component is measured in turn, each with a warm-up of its own', () => {
  expect(names()).toEqual(['l1', 'provider', 'dslSync', 'dslTask', 'narrative']);
  const { sections, durationMs, phases } = componentsWith();
  let atMs = 0;
  for (const { startMs, endMs, phases: own } of sections) {
    expect([startMs, own.map(({ phase }) => phase)]).toEqual([atMs, ['warmup', 'steady']]);
    atMs = endMs;
  }
  expect([durationMs, phases.at(-1)?.endMs, phases.length]).toEqual([atMs, atMs, 10]);
});

test.each(NAMES)('under %s every component gets the samples that its P95 takes', (PERF_PROFILE) => {
  for (const { name, target } of COMPONENTS) {
    const needed = minimumSamples(given(TARGETS.find(({ id }) => id === target)));
    const samples =
      steadyIterations(name, { PERF_PROFILE, PERF_ONLY: target }) * (name === 'sessions' ? SESSION_LOOKS : 1);
    expect([name, Math.floor(samples) >= needed]).toEqual([name, true]);
  }
});

test.each<[string, string[]]>([
  ['component-l1', ['l1']],
  [' component-narrative , component-provider', ['provider', 'narrative']],
  ['component-l1,component-l2', ['l1']],
  ['component-session', ['sessions']],
])('PERF_ONLY=%s sends what these components need and nothing else', (PERF_ONLY, expected) => {
  expect(names({ PERF_ONLY })).toEqual(expected);
});

test.each([
  'component-l2',
  'component-agent,component-model',
  ',',
])('PERF_ONLY=%j names nothing that a request reaches, and is refused before any load', (PERF_ONLY) => {
  expect(() => componentsWith({ PERF_ONLY })).toThrow(
    'PERF_ONLY names nothing that the scenario components can measure over HTTP; there are component-l1, ' +
      'component-provider, component-dsl-sync, component-dsl-task, component-narrative, component-session',
  );
});

test('the closed model is refused', () => {
  expect(() => componentsWith({ PERF_MODEL: 'closed' })).toThrow(
    'the scenario components measures at fixed arrival rates: leave out PERF_MODEL=closed',
  );
});

describe('third parties', () => {
  const SPARED = ['provider', 'narrative'];

  test.each<[string, Env]>([
    ['as it is', {}],
    ['under a heavy profile', { PERF_PROFILE: 'high' }],
    ['with many users', { PERF_USERS: '5000' }],
    ['for an hour', { PERF_DURATION: '1h' }],
    ['for a day', { PERF_DURATION: '24h' }],
    ['stretched', { PERF_TIME_SCALE: '20' }],
  ])('get few requests, and those slowly: %s', (_what, env) => {
    for (const name of SPARED) {
      expect(section(name, env).ratePerS).toBeLessThanOrEqual(2);
      // Below one in 100 s there is no rate for k6: a day has 864 of them.
      expect(steadyIterations(name, env)).toBeLessThanOrEqual(Math.max(64, 0.01 * steadyS(name, env)) + 1e-9);
    }
  });

  test('get more where PERF_RATE asks for it, the LLM never more than its symbols allow', () => {
    expect(section('provider', { PERF_RATE: '50' }).ratePerS).toBe(10);
    expect(section('provider', { PERF_RATE: '2' }).ratePerS).toBe(1);
    expect(steadyIterations('provider', { PERF_RATE: '50', PERF_DURATION: '1m' })).toBe(600);
    expect(section('narrative', { PERF_RATE: '500' }).ratePerS).toBe(1000 / NARRATIVE_EVERY_MS);
    expect(steadyIterations('narrative', { PERF_RATE: '50', PERF_DURATION: '10m' })).toBe(300);
  });

  test('are asked as often as is said beforehand', () => {
    const { providerRequests, expectedIterations } = componentsWith();
    const { provider = 0, narrative = 0 } = expectedIterations;
    expect([provider, narrative]).toEqual([68, 65]);
    // 22 s of L1 reads, whose entries live for 10 s; an analysis asks three times.
    expect(providerRequests).toBe(3 * L1_SYMBOLS + provider + 3 * narrative);
    expect(componentsWith({ PERF_ONLY: 'component-dsl-sync' }).providerRequests).toBe(0);
  });
});

test('no symbol’s turn for a narrative comes again while the server may still keep its first one', () => {
  expect(coldEquities().length * NARRATIVE_EVERY_MS).toBeGreaterThan(NARRATIVE_TTL_MS);
  for (const env of [{}, { PERF_PROFILE: 'high' }, { PERF_RATE: '1000' }, { PERF_DURATION: '1h' }]) {
    expect(section('narrative', env).ratePerS).toBeLessThanOrEqual(1000 / NARRATIVE_EVERY_MS);
  }
});

test('a rate at which cold symbols would come again while they are cached is refused', () => {
  const problems = (env: Env) =>
    planProblems(componentsWith(env), parseConfig(env), { hitRateLimit: null, needsCold: true });
  // A fifth of 120/s: all 971 within 40.5 s, and a price may stay for 40 s.
  expect(problems({ PERF_RATE: '120' })).toEqual([]);
  expect(problems({ PERF_RATE: '125' })).toEqual([expect.stringMatching(/^cold symbols would be asked for again/)]);
  expect(problems({ PERF_RATE: '125', PERF_ONLY: 'component-dsl-sync' })).toEqual([]);
  for (const PERF_PROFILE of NAMES) expect(problems({ PERF_PROFILE })).toEqual([]);
});

test('as many iterations are expected as the sections hold, and virtual users for answers beyond every limit', () => {
  const { sections, expectedIterations, expectedRequests, vuCeiling } = componentsWith();
  for (const { name, ratePerS, startMs, endMs } of sections) {
    expect(expectedIterations[name]).toBe(Math.round((ratePerS * (endMs - startMs)) / 1000));
    const limitMs = given(TARGETS.find(({ id }) => COMPONENTS.some((one) => one.name === name && one.target === id)));
    expect(vuCeiling[name]).toBeGreaterThanOrEqual(Math.max(2, Math.ceil((2 * ratePerS * limitMs.limit) / 1000)));
  }
  const { l1 = 0, provider = 0, dslSync = 0, dslTask = 0, narrative = 0, monitor = 0 } = expectedIterations;
  expect(monitor).toBe(22 / MONITOR_PERIOD_S);
  expect(expectedRequests).toBe(l1 + provider + dslSync + 6 * dslTask + narrative + monitor + 34 / MONITOR_PERIOD_S);
  expect(componentsWith({ PERF_ONLY: 'component-narrative' }).vuCeiling).toEqual({ narrative: 8 });
});

describe('sessions, which stay for an hour', () => {
  const PERF_ONLY = 'component-session';
  const made = (env: Env) => given(componentsWith({ ...env, PERF_ONLY }).expectedIterations.sessions);

  test.each<Env>([
    {},
    { PERF_PROFILE: 'high' },
    { PERF_USERS: '5000' },
    { PERF_DURATION: '1h' },
    { PERF_TIME_SCALE: '20' },
  ])('are few: %j', (env) => {
    expect(steadyIterations('sessions', { ...env, PERF_ONLY })).toBeLessThanOrEqual(64 + 1e-9);
  });

  test('are more where PERF_RATE asks for it', () => {
    expect(section('sessions', { PERF_ONLY, PERF_RATE: '250' }).ratePerS).toBe(5);
    expect(made({ PERF_RATE: '250', PERF_DURATION: '30s' })).toBe(5 * 32);
  });

  test('are made, looked up, extended, and one in some is listed; providers have nothing to do with it', () => {
    const { expectedRequests, providerRequests, vuCeiling } = componentsWith({ PERF_ONLY });
    expect(expectedRequests).toBe(Math.round(made({}) * REQUESTS_PER_SESSION));
    expect(REQUESTS_PER_SESSION).toBeCloseTo(SESSION_LOOKS + 2 + 1 / LIST_SESSIONS_EVERY);
    expect([providerRequests, Object.keys(vuCeiling)]).toEqual([0, ['sessions']]);
  });
});
