import { k6Thresholds, LimitsError, TARGETS, type Target, targetsFor } from '../../../thresholds';

function problemsOf(limits: unknown, only: readonly string[] | null = null): readonly string[] {
  try {
    targetsFor(
      'load',
      { profile: 'smoke', fault: null },
      only,
      typeof limits === 'string' ? limits : JSON.stringify(limits),
    );
    return [];
  } catch (error) {
    if (error instanceof LimitsError) return error.problems;
    throw error;
  }
}

const inForce = (scenario: string, profile = 'smoke') =>
  TARGETS.filter(
    ({ scenarios, profiles, isOnRequest }) =>
      scenarios.includes(scenario) && (profiles?.includes(profile) ?? true) && isOnRequest !== true,
  );
const OF_LOAD = inForce('load');
const targetsOf = (limits: object, scenario = 'load') =>
  targetsFor(scenario, { profile: 'smoke', fault: null }, null, JSON.stringify(limits));
const pick = (targets: readonly Target[], id: string) => targets.find((target) => target.id === id);

const own = {
  id: 'p50-quick',
  title: 'Median of quick searches',
  metric: 'http_req_duration',
  selector: { name: 'search-quick', phase: 'steady' },
  statistic: 'p50',
  operator: '<',
  limit: 20,
  unit: 'ms',
};
const adding = (changes: object) => ({ version: 1, add: [{ ...own, ...changes }] });

test('without a file the targets are the suite’s own, by scenario', () => {
  for (const scenario of ['load', 'targets', 'components']) {
    const own = inForce(scenario);
    expect(own.length).toBeGreaterThan(4);
    expect(targetsFor(scenario, { profile: 'smoke', fault: null }, null, null)).toEqual(own);
  }
  expect(targetsFor('another', { profile: 'smoke', fault: null }, null, null)).toEqual([]);
  expect(targetsOf({ version: 1 })).toEqual(OF_LOAD);
});

test('a target on request is in force where it is named, with the limit of the file, and nowhere else', () => {
  const limits = JSON.stringify({ version: 1, targets: { 'component-session': { limit: 50 } } });
  const conditions = { profile: 'smoke', fault: null };
  const named = targetsFor('components', conditions, ['component-session', 'component-l1'], limits);
  expect(named.map(({ id, limit }) => [id, limit])).toEqual([
    ['component-l1', 100],
    ['component-session', 50],
  ]);
  expect(targetsFor('components', conditions, null, limits).map(({ id }) => id)).not.toContain('component-session');
});

test('a file changes limits and severities and nothing else', () => {
  const targets = targetsOf({ version: 1, targets: { 'p95-cached': { limit: 300 }, uptime: { severity: 'warn' } } });
  expect(pick(targets, 'p95-cached')).toEqual({ ...pick(TARGETS, 'p95-cached'), limit: 300 });
  expect(pick(targets, 'uptime')).toEqual({ ...pick(TARGETS, 'uptime'), severity: 'warn' });
  const untouched = targets.filter(({ id }) => id !== 'p95-cached' && id !== 'uptime');
  expect(untouched).toEqual(OF_LOAD.filter(({ id }) => id !== 'p95-cached' && id !== 'uptime'));
});

test('a file adds targets, which gate unless it says otherwise', () => {
  const added = pick(targetsOf(adding({})), 'p50-quick');
  expect(added).toEqual({
    ...own,
    severity: 'fail',
    scenarios: ['load'],
    source: 'PERF_THRESHOLDS',
    why: 'Added by the user.',
    guard: { metric: 'http_reqs', selector: own.selector },
    unmeasurable: null,
  });
  expect(targetsOf(adding({}), 'targets').map(({ id }) => id)).not.toContain('p50-quick');
  expect(pick(targetsOf(adding({ scenarios: ['targets'], severity: 'info' }), 'targets'), 'p50-quick')).toMatchObject({
    severity: 'info',
  });
});

test.each([
  ['fiml_up', 'rate', '>', 'fiml_observations{series:probe,phase:steady}', 'count>=59'],
  ['fiml_task_completed', 'rate', '>', 'fiml_observations{series:task,phase:steady}', 'count>=59'],
  ['fiml_cache_hit_rate', 'value', '>', 'fiml_cache_reads{phase:steady}', 'count>=59'],
  ['fiml_failed', 'rate', '>', 'http_reqs{phase:steady}', 'count>=59'],
])('an added target on %s counts the samples of that metric, not whatever requests there were', (...row) => {
  const [metric, statistic, operator, key, expression] = row;
  const limits = adding({ metric, statistic, operator, limit: 0.95, unit: 'share', selector: { phase: 'steady' } });
  expect(k6Thresholds(targetsOf(limits).filter(({ id }) => id === own.id))[key]).toEqual([expression]);
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', '{', /^not JSON: /],
  ['a list', [], /must be a JSON object/],
  ['no version', {}, /"version" must be 1/],
  ['another version', { version: 2 }, /"version" must be 1/],
  ['an unknown key', { version: 1, target: {} }, /^"target" is not known at the top; use version, targets, add/],
  ['targets in a list', { version: 1, targets: [] }, /"targets" must be an object by target id/],
  ['no list of additions', { version: 1, add: {} }, /"add" must be a list of targets/],
  ['a number for a target', { version: 1, targets: { uptime: 1 } }, /^targets\.uptime must be an object/],
  [
    'a field that cannot be changed',
    { version: 1, targets: { uptime: { metric: 'x' } } },
    /^targets\.uptime\.metric cannot be changed; only limit and severity can/,
  ],
  [
    'an unknown severity',
    { version: 1, targets: { uptime: { severity: 'error' } } },
    /^targets\.uptime\.severity must be one of fail, warn, info/,
  ],
  [
    'a limit that is text',
    { version: 1, targets: { uptime: { limit: '1' } } },
    /^targets\.uptime\.limit must be a number/,
  ],
  ['a limit of null', { version: 1, targets: { uptime: { limit: null } } }, /^targets\.uptime\.limit must be a number/],
  [
    'a negative limit',
    { version: 1, targets: { 'p95-dsl': { limit: -1 } } },
    /^targets\.p95-dsl\.limit must be a number/,
  ],
  [
    'per cent where a share belongs',
    { version: 1, targets: { 'error-rate': { limit: 5 } } },
    /^targets\.error-rate\.limit is a share from 0 to 1, not per cent: 0\.05 instead of 5\?/,
  ],
  ['text for an addition', { version: 1, add: ['x'] }, /^add\[0\] must be an object/],
  ['an unknown field', adding({ limits: 1 }), /^add\[0\]\.limits is not known; a target has id, title/],
  ['a field that the suite sets', adding({ guard: {} }), /^add\[0\]\.guard is not known/],
  ['an id with spaces', adding({ id: 'My target' }), /^add\[0\]\.id must consist of a-z, 0-9 and -/],
  ['an empty title', adding({ title: '' }), /^add\[0\]\.title must be a text/],
  ['a title in red', adding({ title: '\u001b[31mA\u001b[0m' }), /^add\[0\]\.title must be a text/],
  ['a metric that k6 would refuse', adding({ metric: 'a-b' }), /^add\[0\]\.metric is not a name that k6 allows/],
  ['an unknown statistic', adding({ statistic: 'p90' }), /^add\[0\]\.statistic must be one of p50, p95, p99/],
  ['an unknown operator', adding({ operator: '<=' }), /^add\[0\]\.operator must be one of <, >/],
  ['an unknown unit', adding({ unit: 's' }), /^add\[0\]\.unit must be one of ms, share/],
  ['an unknown severity in an addition', adding({ severity: 'no' }), /^add\[0\]\.severity must be one of/],
  [
    'an endless limit',
    '{"version":1,"targets":{"p95-dsl":{"limit":1e999}}}',
    /^targets\.p95-dsl\.limit must be a number/,
  ],
  [
    'a rate in milliseconds',
    adding({ metric: 'fiml_failed', statistic: 'rate', limit: 5 }),
    /^add\[0\]\.unit must be share, since a rate is one/,
  ],
  ['a selector that is text', adding({ selector: 'phase:steady' }), /^add\[0\]\.selector must be an object of texts/],
  ['a selector with a comma', adding({ selector: { op: 'a,b' } }), /^add\[0\]\.selector must be an object of texts/],
  ['a selector in red', adding({ selector: { op: '\u009b31ma' } }), /^add\[0\]\.selector must be an object of texts/],
  ['a tag with a line break', adding({ selector: { 'o\np': 'a' } }), /^add\[0\]\.selector must be an object of/],
  ['an empty tag value', adding({ selector: { op: '' } }), /^add\[0\]\.selector must be an object of texts/],
  ['a selector with a brace', adding({ selector: { op: 'a}' } }), /^add\[0\]\.selector must be an object of texts/],
  ['a tag with a colon', adding({ selector: { 'op:a': 'b' } }), /^add\[0\]\.selector must be an object of texts/],
  ['a selector with a list', adding({ selector: { op: ['a'] } }), /^add\[0\]\.selector must be an object of texts/],
  ['an HTTP metric without a tag', adding({ selector: {} }), /^add\[0\]\.selector must name a tag/],
  ['an HTTP metric without a selector', adding({ selector: undefined }), /^add\[0\]\.selector must name a tag/],
  ['scenarios that are text', adding({ scenarios: 'load' }), /^add\[0\]\.scenarios must be a list of scenario names/],
  ['no scenarios at all', adding({ scenarios: [] }), /^add\[0\]\.scenarios must be a list of scenario names/],
  ['an id that is taken', adding({ id: 'uptime' }), /^the id uptime is there twice/],
  ['an id twice', { version: 1, add: [own, own] }, /^the id p50-quick is there twice/],
])('a file with %s is refused, with one sentence', (_, limits, message) => {
  const problems = problemsOf(limits);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(message);
});

test('an unknown id is told the known ones', () => {
  const ids = (targets: readonly Target[]) => targets.map(({ id }) => id).join(', ');
  expect(problemsOf({ version: 1, targets: { 'p95-cache': { limit: 1 } } })).toEqual([
    `targets.p95-cache: no such target; known are ${ids(TARGETS)}`,
  ]);
  expect(problemsOf({ version: 1 }, ['p95-cache', 'uptime', 'x'])).toEqual([
    `"p95-cache" is not a target of the scenario load under the profile smoke; it has ${ids(OF_LOAD)}`,
    `"x" is not a target of the scenario load under the profile smoke; it has ${ids(OF_LOAD)}`,
  ]);
});

test('every problem is told at once', () => {
  const problems = problemsOf(
    {
      version: 3,
      nope: 1,
      targets: { gone: {}, uptime: { limit: 99.5, severity: 'x', why: 'y' } },
      add: [{ ...own, id: '', limit: undefined }, 7],
    },
    ['nobody'],
  );
  const wheres = ['"nope"', '"version"', 'targets.gone', 'targets.uptime.why', 'targets.uptime.limit'];
  wheres.push('targets.uptime.severity', 'add[0].id', 'add[0].id', 'add[0].limit', 'add[1]', '"nobody"');
  expect(problems.map((problem, index) => problem.startsWith(wheres[index] ?? '?'))).toEqual(wheres.map(() => true));
  const error = new LimitsError(['one', 'two']);
  expect([error.name, error.message]).toEqual(['LimitsError', 'one\ntwo']);
});

test('PERF_ONLY keeps the targets that it names, in their own order, also added ones', () => {
  const ids = (only: readonly string[]) =>
    targetsFor('load', { profile: 'smoke', fault: null }, only, JSON.stringify(adding({}))).map(({ id }) => id);
  expect(ids(['p50-quick', 'uptime', 'p95-cached'])).toEqual(['p95-cached', 'uptime', 'p50-quick']);
  expect(ids([])).toEqual([]);
});

test('PERF_ONLY cannot name a target of another scenario', () => {
  expect(() => targetsFor('targets', { profile: 'smoke', fault: null }, ['p95-dsl'], null)).toThrow(
    '"p95-dsl" is not a target of the scenario targets under the profile smoke; it has p95-cached, error-rate, cache-hit-rate, task-completion, uptime',
  );
});
