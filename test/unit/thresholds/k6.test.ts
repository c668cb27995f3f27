import fc from 'fast-check';
import {
  BROKEN,
  isOverTime,
  isStop,
  k6Statistic,
  k6Stops,
  k6Thresholds,
  minimumSamples,
  type Severity,
  SUMMARY_TREND_STATS,
  seriesKeys,
  TARGETS,
  type Target,
} from '../../../thresholds';

const targetOf = (id: string): Target => {
  const target = TARGETS.find((one) => one.id === id);
  if (target === undefined) throw new Error(`no target ${id}`);
  return target;
};

/** Aggregation, operator and number, as k6's own parser takes them. */
const EXPRESSION = /^(count|rate|value|avg|min|max|med|p\(\d+(\.\d+)?\))(>=|<=|>|<|===|==|!=)-?\d+(\.\d+)?$/;

const anyTargets: fc.Arbitrary<Target[]> = fc
  .tuple(
    fc.subarray([...TARGETS], { minLength: 1 }),
    fc.infiniteStream(fc.constantFrom<Severity>('fail', 'warn', 'info')),
  )
  .map(([targets, severities]) => targets.map((target) => ({ ...target, severity: severities.next().value })));

test('what gates has its limit and, against empty series, a count of its samples', () => {
  fc.assert(
    fc.property(anyTargets, (targets) => {
      const thresholds = k6Thresholds(targets);
      for (const target of targets.filter(({ severity, isOptional }) => severity === 'fail' && !isOptional)) {
        const limit = `${k6Statistic(target)}${target.operator}${target.limit}`;
        for (const key of seriesKeys(target.metric, target.selector)) {
          expect(thresholds[key]?.includes(limit)).toBe(!isOverTime(target.statistic));
        }
        const guards = seriesKeys(target.guard.metric, target.guard.selector);
        expect(guards.length).toBeGreaterThan(0);
        const needed = guards.length === 1 ? minimumSamples(target) : 1;
        for (const key of guards) expect(thresholds[key]).toContain(`count>=${needed}`);
      }
    }),
  );
});

test('what does not gate is kept and not judged', () => {
  fc.assert(
    fc.property(anyTargets, (targets) => {
      const soft = targets.map(
        (target): Target => ({ ...target, severity: target.severity === 'fail' ? 'warn' : 'info' }),
      );
      for (const target of soft) {
        for (const key of seriesKeys(target.metric, target.selector)) expect(k6Thresholds(soft)[key]).toEqual([]);
        for (const key of seriesKeys(target.guard.metric, target.guard.selector))
          expect(k6Thresholds(soft)[key]).toEqual([]);
      }
      // Beside targets that gate it takes nothing from them.
      const gating = targets.filter(({ severity }) => severity === 'fail');
      const judged = (all: readonly Target[]) =>
        Object.entries(k6Thresholds(all)).filter(([, expressions]) => expressions.length > 0);
      expect(Object.fromEntries(judged(targets))).toEqual(Object.fromEntries(judged(gating)));
    }),
  );
});

test('a server that cannot be measured for what is optional does not fail a plain run', () => {
  expect(k6Thresholds([targetOf('endurance-memory')])).toEqual({
    'fiml_server_rss_bytes{phase:steady}': [],
    'fiml_observations{series:memory,phase:steady}': [],
  });
});

test('every expression is one that k6 parses, none twice, and no HTTP metric is judged without a tag', () => {
  const thresholds = k6Thresholds(TARGETS);
  for (const [key, expressions] of Object.entries(thresholds)) {
    expect(key).toMatch(/^[a-z0-9_]+(\{[a-z]+:[a-zA-Z0-9-]+(,[a-z]+:[a-zA-Z0-9-]+)*\})?$/);
    if (key.startsWith('http_')) expect(key).toMatch(/\{.*phase:(steady|spike|recovery|fault|rise).*\}$/);
    for (const expression of expressions) expect(expression).toMatch(EXPRESSION);
    expect(new Set(expressions).size).toBe(expressions.length);
  }
});

test('the cached P95 as k6 reads it', () => {
  expect(k6Thresholds([targetOf('p95-cached')])).toEqual({
    'http_req_duration{cache:hot,phase:steady}': ['p(95)<200'],
    'http_reqs{cache:hot,phase:steady}': ['count>=59'],
  });
  expect(k6Thresholds([targetOf('cache-hit-rate')])).toEqual({
    'fiml_cache_hit_rate{phase:steady}': ['value>0.8'],
    'fiml_cache_reads{phase:steady}': ['count>=14'],
  });
});

test('targets of one series share it', () => {
  const thresholds = k6Thresholds([targetOf('p99-api'), targetOf('mean-api')]);
  expect(thresholds['http_req_duration{op:price,phase:steady}']).toEqual(['p(99)<500', 'avg<200']);
  expect(thresholds['http_reqs{op:price,phase:steady}']).toEqual(['count>=1']);
});

test('a selector of several values is one key for each, in every combination', () => {
  expect(seriesKeys('http_reqs', { op: ['price', 'poll'], phase: 'steady' })).toEqual([
    'http_reqs{op:price,phase:steady}',
    'http_reqs{op:poll,phase:steady}',
  ]);
  expect(seriesKeys('m', { a: ['1', '2'], b: ['x', 'y'] })).toEqual([
    'm{a:1,b:x}',
    'm{a:1,b:y}',
    'm{a:2,b:x}',
    'm{a:2,b:y}',
  ]);
  expect(seriesKeys('iterations', {})).toEqual(['iterations']);
  const keys = Object.keys(k6Thresholds([targetOf('p99-api')]));
  expect(keys.filter((key) => key.startsWith('http_req_duration'))).toEqual(
    ['price', 'poll', 'probe'].map((op) => `http_req_duration{op:${op},phase:steady}`),
  );
});

test("k6's end-of-test data holds what thresholds use, and the count that shows emptiness", () => {
  const used = (['p50', 'p95', 'p99', 'mean'] as const).map((statistic) => k6Statistic({ statistic }));
  expect(used).toEqual(['med', 'p(95)', 'p(99)', 'avg']);
  for (const statistic of [...used, 'count']) expect(SUMMARY_TREND_STATS).toContain(statistic);
  for (const statistic of SUMMARY_TREND_STATS) expect(statistic).toMatch(/^(count|avg|min|med|max|p\(\d+\))$/);
});

test.each(['rate', 'value'] as const)('a %s is called the same by k6', (statistic) => {
  expect(k6Statistic({ statistic })).toBe(statistic);
});

test('what ends a rising load is told apart from what judges it', () => {
  const stops = k6Stops(12_345.6);
  expect(Object.keys(stops)).toEqual([BROKEN, 'fiml_failed{phase:rise}']);
  for (const [key, [stop, ...others]] of Object.entries(stops)) {
    expect(others).toEqual([]);
    expect(stop).toEqual({
      threshold: expect.stringMatching(EXPRESSION),
      abortOnFail: true,
      delayAbortEval: '12346ms',
    });
    expect(isStop(key, stop?.threshold ?? '')).toBe(true);
  }
  expect(isStop('fiml_failed{phase:steady}', 'rate<0.1')).toBe(false);
  expect(isStop('fiml_failed{phase:rise}', 'rate<0.01')).toBe(false);
});
