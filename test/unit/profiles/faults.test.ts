import { parseConfig } from '../../../config';
import {
  chooseWay,
  type Drivers,
  driversWanted,
  FAULTS,
  type Fault,
  type FaultScenario,
  faultOf,
  isStress,
  planFor,
  TOXIC_PREFIX,
} from '../../../profiles';

const SCENARIOS = Object.keys(FAULTS) as FaultScenario[];
const EVERY = SCENARIOS.flatMap((scenario) =>
  FAULTS[scenario].map((fault: Fault) => [`${scenario} ${fault.name}`, scenario, fault] as const),
);
const NONE: Drivers = { toxiproxy: null, control: null, hook: null };
const ALL: Drivers = { toxiproxy: 'http://toxi:8474', control: 'http://control:9000', hook: null };

const DRIVEN = EVERY.filter(([, , fault]) => fault.ways.every(({ driver }) => driver !== 'load'));

test('what the scenario’s own users make takes no driver', () => {
  const [pool] = FAULTS['redis-connections'];
  expect(chooseWay(pool, NONE)).toMatchObject({ driver: 'load', on: [], off: [], look: null });
});

test.each(DRIVEN)('%s: without a driver there is no way, and it is said what it takes', (_, __, fault) => {
  expect(chooseWay(fault, NONE)).toBeNull();
  expect(driversWanted(fault)).toMatch(/PERF_TOXIPROXY|PERF_CONTROL|REDIS_URL|DATABASE_URL/);
  expect(driversWanted(fault)).toContain('PERF_FAULT_ON');
});

test.each(EVERY)('%s: a hook goes before every other way', (_, __, fault) => {
  expect(chooseWay(fault, { ...ALL, hook: 'http://hook:1' })).toMatchObject({
    driver: 'hook',
    on: [{ method: 'POST', url: 'http://hook:1/on' }],
    off: [{ method: 'POST', url: 'http://hook:1/off' }],
  });
});

test.each(DRIVEN)('%s: what is made over HTTP is undone over HTTP, and bears the mark of the suite', (_, __, fault) => {
  const chosen = chooseWay(fault, ALL);
  if (chosen === null) {
    expect(fault.ways.map(({ driver }) => driver)).toEqual(['store']);
    return;
  }
  expect(chosen.on.length).toBe(chosen.off.length);
  if (chosen.driver !== 'toxiproxy') return;
  const name = TOXIC_PREFIX + fault.name;
  expect(JSON.parse(chosen.on[0]?.body ?? '')).toMatchObject({ name });
  expect(chosen.off.at(-1)).toMatchObject({ method: 'DELETE', url: expect.stringMatching(new RegExp(`/${name}$`)) });
  const closes = chosen.on.some(({ body }) => body === '{"enabled":false}');
  expect(chosen.off[0]?.body).toBe(closes ? '{"enabled":true}' : null);
});

test('the mark of a proxy that is closed touches nothing', () => {
  const [fault] = FAULTS['redis-down'];
  expect(JSON.parse(chooseWay(fault, ALL)?.on[0]?.body ?? '')).toMatchObject({ toxicity: 0 });
});

test('PERF_FAULT picks one of the scenario’s own faults', () => {
  expect(faultOf('network', parseConfig({}))?.name).toBe('latency');
  expect(faultOf('network', parseConfig({ PERF_FAULT: 'reset' }))?.name).toBe('reset');
  expect(faultOf('load', parseConfig({}))).toBeNull();
  expect(() => faultOf('network', parseConfig({ PERF_FAULT: 'pool' }))).toThrow(
    'the scenario network has no fault "pool"; it has latency, jitter, bandwidth, reset, half-open',
  );
  expect(() => faultOf('load', parseConfig({ PERF_FAULT: 'pool' }))).toThrow('makes no fault');
});

test('faults and what brings a server to its limits are stress, the load of a normal day is not', () => {
  const config = (profile: string) => parseConfig({ PERF_PROFILE: profile });
  for (const scenario of SCENARIOS) expect(isStress(scenario, config('smoke'))).toBe(true);
  for (const profile of ['peak', 'spike']) expect(isStress('load', config(profile))).toBe(true);
  for (const profile of ['smoke', 'load', 'high']) expect(isStress('load', config(profile))).toBe(false);
});

test.each(SCENARIOS)('%s: before, fault and recovery follow each other, each as long as the scale says', (scenario) => {
  const plan = planFor(scenario, parseConfig({ PERF_TIME_SCALE: '0.5', PERF_DURATION: '40s' }), 1);
  const judged = plan?.phases.filter(({ phase }) => phase !== 'warmup' && phase !== 'rampdown') ?? [];
  expect(judged.map(({ phase, startMs, endMs }) => [phase, endMs - startMs])).toEqual([
    ['before', 15_000],
    ['fault', 20_000],
    ['recovery', 30_000],
  ]);
  for (const [at, window] of judged.entries()) if (at > 0) expect(window.startMs).toBe(judged[at - 1]?.endMs);
  expect(plan?.vuCeiling).toMatchObject({ faults: 1, looks: 1 });
});
