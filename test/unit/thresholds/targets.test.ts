import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenarioNames } from '../../../build/scenarios';
import { health } from '../../../contract';
import { COMPONENTS, FAULTS, type FaultScenario, isFaultScenario, isJudged, PROFILES } from '../../../profiles';
import { type Selector, TARGETS, targetsFor } from '../../../thresholds';

const targetOf = (id: string) => {
  const found = TARGETS.filter((target) => target.id === id);
  expect(found).toHaveLength(1);
  return found[0];
};

/** Of the guide, the Blueprint and FIML's own benchmarks. */
const PROMISED: readonly (readonly [id: string, statistic: string, operator: string, limit: number, unit: string])[] = [
  ['p95-cached', 'p95', '<', 200, 'ms'],
  ['error-rate', 'rate', '<', 0.01, 'share'],
  ['cache-hit-rate', 'value', '>', 0.8, 'share'],
  ['task-completion', 'rate', '>', 0.95, 'share'],
  ['uptime', 'rate', '>', 0.995, 'share'],
  ['p99-api', 'p99', '<', 500, 'ms'],
  ['mean-api', 'mean', '<', 200, 'ms'],
  ['p95-cold', 'p95', '<', 2000, 'ms'],
  ['provider-success', 'rate', '>', 0.99, 'share'],
  ['p95-deep', 'p95', '<', 3000, 'ms'],
  ['p95-narrative', 'p95', '<', 3000, 'ms'],
  ['p95-dsl', 'p95', '<', 1000, 'ms'],
  ['peak-error-rate', 'rate', '<', 0.05, 'share'],
  ['peak-p95', 'p95', '<', 1000, 'ms'],
  ['peak-throughput', 'delivered', '>', 0.99, 'share'],
  ['spike-error-rate', 'rate', '<', 0.1, 'share'],
  ['spike-throughput', 'delivered', '>', 0.9, 'share'],
  ['spike-recovery', 'recovery', '<', 30, 's'],
  ['spike-after-error-rate', 'rate', '<', 0.01, 'share'],
  ['fault-recovery', 'recovery', '<', 30, 's'],
  ['fault-health', 'rate', '<', 0.05, 'share'],
  ['provider-honest', 'rate', '>', 0.99, 'share'],
  ['provider-p99', 'p99', '<', 3000, 'ms'],
  ['redis-down-correct', 'rate', '<', 0.2, 'share'],
  ['redis-down-median', 'p50', '<', 15_000, 'ms'],
  ['redis-slow-error-rate', 'rate', '<', 0.01, 'share'],
  ['redis-slow-p95', 'p95', '<', 200, 'ms'],
  ['connections-error-rate', 'rate', '<', 0.01, 'share'],
  ['connections-p95', 'p95', '<', 1000, 'ms'],
  ['connections-hit-rate', 'value', '>', 0.5, 'share'],
  ['database-down-error-rate', 'rate', '<', 0.01, 'share'],
  ['database-p95', 'p95', '<', 200, 'ms'],
  ['database-p95-to-before', 'p95-to-before', '<', 2, 'ratio'],
  ['pool-wait', 'p95', '<', 30_000, 'ms'],
  ['network-error-rate', 'rate', '<', 0.01, 'share'],
  ['network-p95', 'p95', '<', 1000, 'ms'],
  ['fault-throughput', 'delivered', '>', 0.95, 'share'],
  ['endurance-p50', 'p50-drift', '<', 0.05, 'share'],
  ['endurance-p95', 'p95-drift', '<', 0.05, 'share'],
  ['endurance-error-rate', 'rate-drift', '<', 0.01, 'share'],
  ['endurance-memory', 'leak', '<', 0.05, 'share'],
  ['memory-leak-growth', 'leak', '<', 0.05, 'share'],
  ['memory-leak-error-rate', 'rate', '<', 0.01, 'share'],
  ['capacity', 'capacity', '>', 100, 'per-second'],
  ['capacity-p95', 'p95-at-capacity', '<', 500, 'ms'],
  ['capacity-error-rate', 'failed-at-capacity', '<', 0.01, 'share'],
  ['capacity-throughput', 'delivered-at-capacity', '>', 0.99, 'share'],
  ['component-l1', 'p95', '<', 100, 'ms'],
  ['component-provider', 'p95', '<', 2000, 'ms'],
  ['component-dsl-sync', 'p95', '<', 1000, 'ms'],
  ['component-dsl-task', 'p95', '<', 1000, 'ms'],
  ['component-narrative', 'p95', '<', 3000, 'ms'],
  ['component-session', 'p95', '<', 500, 'ms'],
  ['component-l2', 'p95', '<', 700, 'ms'],
  ['component-agent', 'p95', '<', 2000, 'ms'],
  ['component-dsl-parsing', 'p95', '<', 50, 'ms'],
  ['component-model', 'p95', '<', 0.01, 'ms'],
  ['component-serialisation', 'p95', '<', 0.01, 'ms'],
];
/** Those that no request reaches: they are listed, and measured elsewhere. */
const ELSEWHERE = TARGETS.filter(({ severity, unmeasurable }) => severity === 'info' && unmeasurable !== null);
const MEASURED = TARGETS.filter((target) => !ELSEWHERE.includes(target));

test.each(PROMISED)('%s is %s %s %d %s', (id, statistic, operator, limit, unit) => {
  expect(targetOf(id)).toMatchObject({ statistic, operator, limit, unit });
});

test('there are no other targets, and each id is there once and fit for the command line', () => {
  expect(TARGETS.map(({ id }) => id).sort()).toEqual(PROMISED.map(([id]) => id).sort());
  for (const { id } of TARGETS) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test('the five that the guide calls performance targets gate both scenarios', () => {
  const five = TARGETS.filter(({ scenarios }) => scenarios.includes('targets'));
  expect(five.map(({ id }) => id)).toEqual(['p95-cached', 'error-rate', 'cache-hit-rate', 'task-completion', 'uptime']);
  for (const { scenarios, severity } of five) expect([scenarios, severity]).toEqual([['load', 'targets'], 'fail']);
});

test('every scenario that a target is for is one', () => {
  const known = scenarioNames(join(__dirname, '../../..'));
  for (const { id, scenarios, faults = [] } of TARGETS) {
    for (const name of scenarios) {
      expect([id, known]).toEqual([id, expect.arrayContaining([name])]);
      // A fault of another scenario would leave the target for ever out of force.
      const own = isFaultScenario(name) ? FAULTS[name].map((fault) => fault.name as string) : [];
      expect([id, own]).toEqual([id, expect.arrayContaining([...faults])]);
    }
  }
});

test('each fault has targets that must hold, one of which is the recovery', () => {
  for (const scenario of Object.keys(FAULTS) as FaultScenario[]) {
    for (const { name } of FAULTS[scenario]) {
      const gating = targetsFor(scenario, { profile: 'smoke', fault: name }, null, null).filter(
        ({ severity }) => severity === 'fail',
      );
      expect([scenario, name, gating.map(({ statistic }) => statistic)]).toEqual([
        scenario,
        name,
        expect.arrayContaining(['recovery']),
      ]);
    }
  }
});

test('each component has a section that measures it, or says where else it is measured', () => {
  const components = TARGETS.filter(({ scenarios }) => scenarios.includes('components'));
  const sections = COMPONENTS.map(({ target }) => target);
  for (const { id, severity } of components) expect([id, sections.includes(id)]).toEqual([id, severity !== 'info']);
  expect(components.map(({ id }) => id)).toEqual(expect.arrayContaining(sections));
  expect(ELSEWHERE.map(({ id }) => id)).toEqual([
    'component-l2',
    'component-agent',
    'component-dsl-parsing',
    'component-model',
    'component-serialisation',
  ]);
  for (const { unmeasurable } of ELSEWHERE) expect(unmeasurable).toMatch(/fiml-perf (components --postgres|ingest) /);
});

test('sessions, for which no document promises anything, are sent and judged on request only', () => {
  const onRequest = (of: readonly { readonly isOnRequest?: boolean | undefined }[]) =>
    of.filter(({ isOnRequest }) => isOnRequest);
  expect(onRequest(COMPONENTS)).toEqual([expect.objectContaining({ target: 'component-session' })]);
  expect(onRequest(TARGETS)).toEqual([expect.objectContaining({ id: 'component-session' })]);
});

test('only what a server may lack is allowed to be missing', () => {
  const optional = MEASURED.filter(({ unmeasurable }) => unmeasurable !== null).map(({ id }) => id);
  expect(optional).toEqual([
    'cache-hit-rate',
    'p95-narrative',
    'endurance-memory',
    'memory-leak-growth',
    'component-l1',
    'component-provider',
    'component-narrative',
    'component-session',
  ]);
  expect(MEASURED.filter(({ severity }) => severity !== 'fail').map(({ id }) => id)).toEqual([
    'p95-narrative',
    'component-narrative',
    'connections-hit-rate',
  ]);
});

test('an hour of load is not lost because the server does not tell its memory, a search for leaks is', () => {
  expect(TARGETS.filter(({ isOptional }) => isOptional).map(({ id }) => id)).toEqual(['endurance-memory']);
});

test('an endurance run has the limits of a normal day, and those of what may not get worse', () => {
  const under = (profile: string) =>
    targetsFor('load', { profile: profile, fault: null }, null, null).map(({ id }) => id);
  expect(under('endurance')).toEqual([
    ...under('load'),
    'endurance-p50',
    'endurance-p95',
    'endurance-error-rate',
    'endurance-memory',
  ]);
});

test('each says where its limit comes from and why it is measured so', () => {
  for (const { title, source, why } of TARGETS) {
    expect([title, source, why].every((text) => text.trim() !== '')).toBe(true);
    expect(why).toMatch(/\.$/);
  }
});

test('no ramp is judged, and what counts the samples counts those of the same phase', () => {
  for (const { id, selector, guard } of TARGETS) {
    expect([id, isJudged(String(selector.phase))]).toEqual([id, true]);
    expect([id, guard.selector.phase]).toEqual([id, selector.phase]);
  }
});

test('what a profile has targets of its own for has those phases', () => {
  for (const { id, selector, profiles = [] } of TARGETS) {
    for (const name of profiles) {
      const phases = PROFILES.get(name)?.stages.map(({ phase }) => phase as string) ?? ['steady'];
      expect([id, name, phases.includes(String(selector.phase))]).toEqual([id, name, true]);
    }
  }
});

const LIB = join(__dirname, '../../../lib');
const sources = readdirSync(LIB)
  .map((file) => readFileSync(join(LIB, file), 'utf8'))
  .join('\n');
/** Metrics that virtual users write, by name. */
const TYPES = new Map([
  ['http_reqs', 'Counter'],
  ['http_req_duration', 'Trend'],
  ['iterations', 'Counter'],
  ...[...sources.matchAll(/new (Counter|Gauge|Rate|Trend)\('(\w+)'/g)].map(
    ([, type = '', name = '']) => [name, type] as const,
  ),
]);
const TYPE_OF_STATISTIC: Readonly<Record<string, string>> = {
  rate: 'Rate',
  'rate-drift': 'Rate',
  value: 'Gauge',
  leak: 'Gauge',
  delivered: 'Counter',
  capacity: 'Counter',
  'failed-at-capacity': 'Rate',
  'delivered-at-capacity': 'Counter',
};

test('each metric is one that virtual users write, of the type that its statistic needs', () => {
  for (const { id, metric, statistic, guard } of TARGETS) {
    expect([id, TYPES.get(metric)]).toEqual([id, TYPE_OF_STATISTIC[statistic] ?? 'Trend']);
    expect([id, TYPES.get(guard.metric)]).toEqual([id, 'Counter']);
  }
});

test('each tag value is one that virtual users write', () => {
  const written = (tag: string, value: string): boolean => {
    if (tag === 'phase') return isJudged(value);
    if (tag === 'scenario') return value === 'traffic' || COMPONENTS.some(({ name }) => name === value);
    if (tag === 'op' || tag === 'cache')
      return new RegExp(`export type ${tag === 'op' ? 'Op' : 'CacheTag'} =.*'${value}'`).test(sources);
    if (tag === 'name') return health().operation === value;
    return sources.includes(`{ ${tag}: '${value}' }`);
  };
  const pairs = (selector: Selector) =>
    Object.entries(selector).flatMap(([tag, wanted]) =>
      (typeof wanted === 'string' ? [wanted] : wanted).map((value) => [tag, value] as const),
    );
  for (const { selector, guard } of MEASURED) {
    for (const [tag, value] of [...pairs(selector), ...pairs(guard.selector)]) {
      expect([tag, value, written(tag, value)]).toEqual([tag, value, true]);
    }
  }
});
