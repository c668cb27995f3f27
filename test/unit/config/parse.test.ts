import fc from 'fast-check';
import { ConfigError, OVERRIDES, type Override, parseConfig } from '../../../config';

type Env = Readonly<Record<string, string | undefined>>;

function problemsOf(env: Env): readonly string[] {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** What every override of a type takes and refuses; its own minimum comes on top. */
const TAKEN: Readonly<Record<string, readonly (readonly [text: string, value: unknown])[]>> = {
  string: [['anything at all', 'anything at all']],
  path: [['./a b/ü.json', './a b/ü.json']],
  url: [
    ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
    ['https://host/base/', 'https://host/base'],
    ['http://user:pw@host//', 'http://user:pw@host'],
    ['https://host/a@b', 'https://host/a@b'],
  ],
  integer: [['999999999', 999_999_999]],
  number: [
    ['1', 1],
    ['2.5', 2.5],
  ],
  share: [
    ['0', 0],
    ['1', 1],
    ['0.25', 0.25],
    ['1.0', 1],
  ],
  duration: [
    ['1h', 3_600_000],
    ['1m30s', 90_000],
  ],
  flag: [
    ['true', true],
    ['false', false],
  ],
  json: [
    ['{}', {}],
    ['{"X-Key":"a"}', { 'X-Key': 'a' }],
  ],
};
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  string: [],
  path: [],
  url: [
    'localhost:8000',
    'ftp://host',
    'http://',
    'http://host?x=1',
    'http://host/#a',
    'http://a b',
    'HTTP//host',
    'http://a:b@c@host',
    'http://@',
  ],
  integer: ['-1', '1.5', '1e3', '0x10', 'ten', ' 1', '1 ', '1000000000', '+1', 'Infinity'],
  number: ['-1', '1e3', '.5', '5.', 'NaN', 'Infinity', '1,5', '0x10'],
  share: ['-0.1', '1.1', '2', '10%', '10', '.5', '1e-3', 'NaN'],
  duration: ['10', '1.5', '-1s', '1 s', '1d', 'soon'],
  flag: ['1', '0', 'yes', 'no', 'TRUE', 'on'],
  json: ['{', '[]', 'null', '"a"', '{"a":1}', '{"a":null}', '{"a":["b"]}', 'a=b'],
};
const NUMERIC = ['integer', 'number', 'duration'];

const ALL: readonly Override[] = OVERRIDES;
const named = ALL.map((override) => [override.name, override] as const);
/** What else must be said for one override to be accepted. */
const PARTNERS: Readonly<Record<string, Env>> = {
  PERF_TLS_CERT: { PERF_TLS_KEY: 'key.pem' },
  PERF_TLS_KEY: { PERF_TLS_CERT: 'cert.pem' },
  PERF_FAULT_ON: { PERF_FAULT_OFF: 'true' },
  PERF_FAULT_OFF: { PERF_FAULT_ON: 'true' },
};

test.each(named)('%s takes values of its type and refuses others by its name', (_, { name, type, minimum }) => {
  const words = typeof type === 'string' ? null : type;
  const taken = words?.map((word) => [word, word] as const) ?? TAKEN[String(type)] ?? [];
  expect(taken.length).toBeGreaterThan(0);
  for (const [text, value] of taken) {
    expect(parseConfig({ ...PARTNERS[name], [name]: text })[name as keyof ReturnType<typeof parseConfig>]).toEqual(
      value,
    );
  }
  const refused = words === null ? (REFUSED[String(type)] ?? []) : ['opened', 'OPEN', 'x'];
  const below = minimum === undefined || minimum === 0 ? [] : [type === 'duration' ? `${minimum - 1}ms` : '0'];
  for (const text of [...refused, ...below]) {
    const [problem, ...others] = problemsOf({ ...PARTNERS[name], [name]: text });
    expect(others).toEqual([]);
    expect(problem).toMatch(new RegExp(`^${name} must be `));
  }
});

test.each(
  named.filter(([, { type, minimum }]) => NUMERIC.includes(String(type)) && minimum !== undefined),
)('%s takes its very minimum', (_, { name, type, minimum }) => {
  const text = type === 'duration' ? `${minimum}ms` : String(minimum);
  expect(parseConfig({ [name]: text })[name as keyof ReturnType<typeof parseConfig>]).toBe(minimum);
});

test('a number that is too small is told its minimum and its unit', () => {
  expect(problemsOf({ PERF_USERS: '0' })).toEqual(['PERF_USERS must be a whole number of at least 1 users, not "0"']);
  expect(problemsOf({ PERF_DURATION: '10' })).toEqual([
    'PERF_DURATION must be a duration such as 1m30s, at least 1000 ms, not "10"',
  ]);
});

test('an empty value is no value, as make passes it on', () => {
  const env = Object.fromEntries(ALL.map(({ name }) => [name, '']));
  expect(parseConfig(env)).toEqual(parseConfig({}));
  expect(parseConfig(Object.fromEntries(ALL.map(({ name }) => [name, undefined])))).toEqual(parseConfig({}));
});

test('what does not begin with PERF_ is none of ours', () => {
  expect(parseConfig({ PATH: '/bin', K6_VUS: 'x', perf_users: 'x', XPERF_USERS: 'x' })).toEqual(parseConfig({}));
});

test.each([
  ['PERF_TARGE', 'PERF_TARGE is not an override of fiml-perf; did you mean PERF_TARGET?'],
  ['PERF_USER', 'PERF_USER is not an override of fiml-perf; did you mean PERF_USERS?'],
  ['PERF_K6_VUS_PER_SECOND_AND_MACHINE', 'PERF_K6_VUS_PER_SECOND_AND_MACHINE is not an override of fiml-perf'],
])('%s is refused', (name, message) => {
  expect(problemsOf({ [name]: 'x' })).toEqual([message]);
  expect(problemsOf({ [name]: '' })).toEqual([message]);
});

test('every problem is told at once, the unknown names first', () => {
  expect(
    problemsOf({
      PERF_USERS: 'many',
      PERF_ZZZZZZZZZZZZZZ: '1',
      PERF_TLS_INSECURE: 'maybe',
      PERF_COLD_SHARE: '10',
      PERF_AAAAAAAAAAAAAA: '1',
    }).map((problem) => problem.split(' ')[0]),
  ).toEqual(['PERF_AAAAAAAAAAAAAA', 'PERF_ZZZZZZZZZZZZZZ', 'PERF_USERS', 'PERF_COLD_SHARE', 'PERF_TLS_INSECURE']);
  const error = new ConfigError(['one', 'two']);
  expect([error.name, error.message]).toEqual(['ConfigError', 'one\ntwo']);
});

const ADDRESSES = ALL.filter(({ type }) => type === 'url').map(({ name }) => name);
const SECRETS = ALL.filter(({ secret }) => secret === true).map(({ name }) => name);

test('no message repeats a secret', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SECRETS), fc.constantFrom('', '{', '{"a":', 'ftp://'), (name, before) => {
      for (const problem of problemsOf({ [name]: `${before}pa55word` })) expect(problem).not.toContain('pa55word');
    }),
  );
  expect(problemsOf({ PERF_HEADERS: '{"X-Key":"pa55word"' })).toEqual([
    'PERF_HEADERS must be a JSON object whose values are strings',
  ]);
});

test.each(ADDRESSES)('no message about %s repeats the password in it, nor what its query holds', (name) => {
  for (const text of [
    'ftp://user:pa55word@host',
    'user:pa55word@host',
    'http://user:pa55word@host?x',
    'http://user:p@pa55word@host',
    'http://user:pa55\npa55word@host',
    'http://user:pa55?word@host',
    'http://host/?token=pa55word',
    'http://host/?mail=a@b&token=pa55word',
  ]) {
    const [problem = ''] = problemsOf({ [name]: text });
    expect(problem).toMatch(new RegExp(`^${name} must be an http`));
    expect(problem).not.toMatch(/pa55/);
  }
});

test('an address that is refused is shown without what may be secret', () => {
  expect(problemsOf({ PERF_TARGET: 'user:pw@host' })[0]).toMatch(/, not "…"$/);
  expect(problemsOf({ PERF_TARGET: 'ftp://user:pw@host/a' })[0]).toMatch(/, not "ftp:\/\/…"$/);
  expect(problemsOf({ PERF_TARGET: 'http://host/a?b=c' })[0]).toMatch(/, not "http:\/\/…"$/);
  expect(problemsOf({ PERF_TARGET: 'localhost:8000' })[0]).toMatch(/, not "localhost:8000"$/);
});

test.each<[string, Env, RegExp]>([
  ['a rate in the closed model', { PERF_MODEL: 'closed', PERF_RATE: '5' }, /^PERF_RATE is an arrival rate/],
  ['two sizes of the load', { PERF_RATE: '5', PERF_USERS: '5' }, /^PERF_RATE and PERF_USERS both/],
  ['a certificate without its key', { PERF_TLS_CERT: 'a.pem' }, /^PERF_TLS_CERT and PERF_TLS_KEY/],
  ['a key without its certificate', { PERF_TLS_KEY: 'a.pem' }, /^PERF_TLS_CERT and PERF_TLS_KEY/],
  [
    'two Authorization headers',
    { PERF_AUTHORIZATION: 'a', PERF_HEADERS: '{"authorization" : "b"}' },
    /^PERF_AUTHORIZATION and PERF_HEADERS both/,
  ],
  [
    'two Authorization headers, one spelled with an escape',
    { PERF_AUTHORIZATION: 'a', PERF_HEADERS: '{"\\u0041uthorization":"b"}' },
    /^PERF_AUTHORIZATION and PERF_HEADERS both/,
  ],
])('%s contradict each other', (_, env, message) => {
  const problems = problemsOf(env);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(message);
});

test('contradictions are all told at once, and wait until each value is right by itself', () => {
  const env = { PERF_RATE: '5', PERF_USERS: '5', PERF_TLS_KEY: 'a.pem' };
  expect(problemsOf(env)).toHaveLength(2);
  expect(problemsOf({ ...env, PERF_SEED: 'x' })).toEqual(['PERF_SEED must be a whole number of at least 0, not "x"']);
});

test.each<[string, Env]>([
  ['users in the closed model', { PERF_MODEL: 'closed', PERF_USERS: '5' }],
  ['a rate in the open model', { PERF_RATE: '5' }],
  ['a certificate with its key', { PERF_TLS_CERT: 'a', PERF_TLS_KEY: 'b' }],
  ['headers of other names', { PERF_AUTHORIZATION: 'a', PERF_HEADERS: '{"X":"\\"authorization\\":"}' }],
  ['one Authorization header', { PERF_HEADERS: '{"Authorization":"b"}' }],
])('%s go together', (_, env) => {
  expect(problemsOf(env)).toEqual([]);
});
