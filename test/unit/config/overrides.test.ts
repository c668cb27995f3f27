import { OVERRIDES, type Override, parseConfig } from '../../../config';

const ALL: readonly Override[] = OVERRIDES;
const NUMERIC = ['integer', 'number', 'share', 'duration'];
const named = ALL.map((override) => [override.name, override] as const);

test('names are unique and begin as the suite promises, so that none is taken for one of k6', () => {
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
  for (const { name } of ALL) expect(name).toMatch(/^PERF(_[A-Z0-9]+)+$/);
});

test.each(named)('%s says what it means, in a line', (_, { meaning }) => {
  expect(meaning).toMatch(/^\S.*\S$/);
  expect(meaning).not.toMatch(/\.$/);
  expect(meaning.length).toBeLessThanOrEqual(120);
});

test.each(named)('%s has units and a minimum only where numbers have them', (_, { type, unit, minimum }) => {
  if (unit !== undefined) expect(['integer', 'number']).toContain(type);
  if (minimum !== undefined) {
    expect(NUMERIC).toContain(type);
    expect(minimum).toBeGreaterThanOrEqual(0);
  }
  // The text of a duration or a share carries its unit; a count of users or probes does not.
  if (type === 'duration' || type === 'share') expect(unit).toBeUndefined();
});

test.each(named)('%s has a default that it would accept, if any, and no secret has one', (_, {
  name,
  fallback,
  secret,
}) => {
  if (fallback === undefined) {
    expect(parseConfig({})[name as keyof typeof empty]).toBeNull();
  } else {
    expect(secret).not.toBe(true);
    expect(parseConfig({ [name]: fallback })).toEqual(empty);
  }
});

const empty = parseConfig({});

test('whatever may hold a password is a secret', () => {
  const secrets = ALL.filter(({ secret }) => secret === true).map(({ name }) => name);
  expect(secrets).toEqual(['PERF_AUTHORIZATION', 'PERF_HEADERS', 'PERF_PROXY', 'PERF_FAULT_ON', 'PERF_FAULT_OFF']);
});

test('a word to choose is one of at least two', () => {
  for (const { type, fallback } of ALL) {
    if (typeof type === 'string') continue;
    expect(type.length).toBeGreaterThan(1);
    expect(type).toContain(fallback);
  }
});
