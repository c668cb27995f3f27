import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Selector, TARGETS } from '../../../thresholds';

const targetOf = (id: string) => {
  const found = TARGETS.filter((target) => target.id === id);
  expect(found).toHaveLength(1);
  return found[0];
};

/** Of the guide and the Blueprint, what HTTP can show under the guide's traffic. */
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
];

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
  for (const { scenarios } of TARGETS) expect(scenarios).toContain('load');
});

test('only what a server may lack is allowed to be missing', () => {
  const optional = TARGETS.filter(({ unmeasurable }) => unmeasurable !== null).map(({ id }) => id);
  expect(optional).toEqual(['cache-hit-rate', 'p95-narrative']);
  expect(TARGETS.filter(({ severity }) => severity !== 'fail').map(({ id }) => id)).toEqual(['p95-narrative']);
});

test('each says where its limit comes from and why it is measured so', () => {
  for (const { title, source, why } of TARGETS) {
    expect([title, source, why].every((text) => text.trim() !== '')).toBe(true);
    expect(why).toMatch(/\.$/);
  }
});

test('only the steady phase is judged', () => {
  for (const { selector, guard } of TARGETS)
    expect([selector.phase, guard.selector.phase]).toEqual(['steady', 'steady']);
});

const LIB = join(__dirname, '../../../lib');
const sources = readdirSync(LIB)
  .map((file) => readFileSync(join(LIB, file), 'utf8'))
  .join('\n');
/** Metrics that virtual users write, by name. */
const TYPES = new Map([
  ['http_reqs', 'Counter'],
  ['http_req_duration', 'Trend'],
  ...[...sources.matchAll(/new (Counter|Gauge|Rate|Trend)\('(\w+)'/g)].map(
    ([, type = '', name = '']) => [name, type] as const,
  ),
]);
const TYPE_OF_STATISTIC: Readonly<Record<string, string>> = { rate: 'Rate', value: 'Gauge' };

test('each metric is one that virtual users write, of the type that its statistic needs', () => {
  for (const { id, metric, statistic, guard } of TARGETS) {
    expect([id, TYPES.get(metric)]).toEqual([id, TYPE_OF_STATISTIC[statistic] ?? 'Trend']);
    expect([id, TYPES.get(guard.metric)]).toEqual([id, 'Counter']);
  }
});

test('each tag value is one that virtual users write', () => {
  const written = (tag: string, value: string): boolean => {
    if (tag === 'phase') return value === 'steady';
    if (tag === 'op' || tag === 'cache')
      return new RegExp(`export type ${tag === 'op' ? 'Op' : 'CacheTag'} =.*'${value}'`).test(sources);
    return sources.includes(`{ ${tag}: '${value}' }`);
  };
  const pairs = (selector: Selector) =>
    Object.entries(selector).flatMap(([tag, wanted]) =>
      (typeof wanted === 'string' ? [wanted] : wanted).map((value) => [tag, value] as const),
    );
  for (const { selector, guard } of TARGETS) {
    for (const [tag, value] of [...pairs(selector), ...pairs(guard.selector)]) {
      expect([tag, value, written(tag, value)]).toEqual([tag, value, true]);
    }
  }
});
