import { type SummaryData, textSummary } from '../../../lib/summary';

type Metrics = SummaryData['metrics'];

const text = (metrics: Metrics, options?: Parameters<typeof textSummary>[1]): string =>
  textSummary({ metrics, state: { isStdOutTTY: true, testRunDurationMs: 1000 } }, options);
const rowsOf = (metrics: Metrics): string[] =>
  text(metrics)
    .split('\n')
    .filter((line) => /^ {2}(pass|FAIL|none) /.test(line))
    .map((line) => line.trim().replace(/ +/g, ' '));

const latency = (ok: boolean, count = 99) => ({
  type: 'trend',
  contains: 'time',
  values: { 'p(95)': 12.5, count },
  thresholds: { 'p(95)<200': { ok } },
});
const share = (passes: number, fails: number) => ({
  type: 'rate',
  contains: 'default',
  values: { rate: passes / Math.max(1, passes + fails), passes, fails },
  thresholds: { 'rate<0.01': { ok: true } },
});

/** Whatever a terminal obeys, but for the line breaks that end the lines. */
const OBEYED = Array.from({ length: 160 }, (_, code) => String.fromCharCode(code)).filter(
  (character) => character < ' ' || character >= '\u007f',
);

test('nothing in a name reaches the terminal that the terminal would obey', () => {
  for (const character of OBEYED) {
    const name = `http_req_duration{op:${character}[2J}`;
    const shown = text({ [name]: latency(true) });
    expect(shown.split('\n')).toHaveLength(text({ 'http_req_duration{op:x[2J}': latency(true) }).split('\n').length);
    const obeyed = OBEYED.filter((one) => one !== '\n' && shown.includes(one));
    expect([character, obeyed]).toEqual([character, []]);
    expect(shown).toContain(`\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}[2J`);
  }
});

test('a name in another script stays readable', () => {
  expect(text({ 'http_req_duration{op:Börse 株}': latency(true) })).toContain('{op:Börse 株} p(95)');
});

test('columns line up, whatever stands in them', () => {
  const lines = text({ a: latency(true), 'a{much:longer,than:that}': latency(false), '\u001b[31m': latency(true) })
    .split('\n')
    .filter((line) => line.includes('p(95)'));
  expect(lines).toHaveLength(3);
  expect(new Set(lines.map((line) => line.indexOf('12.50 ms'))).size).toBe(1);
  expect(new Set(lines.map((line) => line.indexOf('< 200.00 ms'))).size).toBe(1);
});

test('what has no data is neither a pass nor counted as one', () => {
  const metrics = { cold: latency(true, 0), failed: share(0, 0), hot: latency(true) };
  expect(rowsOf(metrics)).toEqual([
    'none cold p(95) no data < 200.00 ms',
    'none failed rate no data < 1.00 %',
    'pass hot p(95) 12.50 ms < 200.00 ms',
  ]);
  expect(text(metrics)).toContain('1 of 3 thresholds hold, 2 had no data');
  expect(text(metrics)).not.toContain('all');
});

test('one crossed threshold is the last word, beside any that hold or have no data', () => {
  const metrics = { cold: latency(true, 0), hot: latency(false), failed: share(0, 100) };
  expect(rowsOf(metrics)[0]).toBe('FAIL hot p(95) 12.50 ms < 200.00 ms');
  expect(text(metrics).trimEnd().split('\n').pop()).toBe('1 of 3 thresholds crossed');
});

test('when all hold it says so, and when there are none it claims nothing', () => {
  expect(text({ hot: latency(true), failed: share(0, 100) })).toContain('all 2 thresholds hold');
  expect(text({})).toContain('k6 judged nothing');
  expect(text({})).not.toMatch(/hold|crossed/);
  expect(text({ http_reqs: { type: 'counter', contains: 'default', values: { count: 0 } } })).not.toMatch(/hold/);
});

test.each([
  ['trend', 'time', 'avg', 0.5, 'avg<0.75', '0.50 ms < 0.75 ms'],
  ['trend', 'default', 'avg', 0.5, 'avg<0.75', '0.5 < 0.75'],
  ['rate', 'default', 'rate', 0.5, 'rate>0.995', '50.00 % > 99.50 %'],
  ['gauge', 'default', 'value', 0.5, 'value>0.8', '50.00 % > 80.00 %'],
  ['counter', 'default', 'count', 1, 'count>=59', '1 >= 59'],
  ['counter', 'default', 'rate', 0.5, 'rate>=1', '0.5 >= 1'],
])('a %s of %s shows its %s in its own unit', (type, contains, statistic, value, expression, expected) => {
  const values = { [statistic]: value, ...(type === 'rate' ? { passes: 1, fails: 1 } : { count: 1 }) };
  const metrics = { m: { type, contains, values, thresholds: { [expression]: { ok: true } } } };
  expect(rowsOf(metrics)).toEqual([`pass m ${statistic} ${expected}`]);
});

test('the totals are those of the run, and only those there are', () => {
  const lines = text({
    http_reqs: { type: 'counter', contains: 'default', values: { count: 1234, rate: 9 } },
    http_req_duration: { type: 'trend', contains: 'time', values: { avg: 2, 'p(95)': 5, count: 1234 } },
    fiml_failed: { ...share(5, 1229), thresholds: {} },
    vus_max: { type: 'gauge', contains: 'default', values: { value: 1 } },
    not_a_total: { type: 'counter', contains: 'default', values: { count: 7 } },
  })
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '));
  expect(lines.slice(lines.indexOf('TOTALS') + 2).filter((line) => line !== '')).toEqual([
    'http_reqs 1234',
    'http_req_duration avg 2.00 ms p(95) 5.00 ms',
    'fiml_failed 0.41 % (5 of 1234)',
    'vus_max 1',
  ]);
});

test('it is called as the published textSummary is: data, then indent and colours, each of them optional', () => {
  const metrics = { hot: latency(true), slow: latency(false), cold: latency(true, 0) };
  const plain = text(metrics);
  expect(text(metrics, {})).toBe(plain);
  expect(text(metrics, { enableColors: false, indent: '' })).toBe(plain);
  const indented = text(metrics, { indent: '> ' });
  expect(indented).toBe(plain.replace(/^(?=.)/gm, '> '));
  const coloured = text(metrics, { enableColors: true });
  for (const part of ['\u001b[32mpass\u001b[0m', '\u001b[31mFAIL\u001b[0m', '\u001b[33mnone\u001b[0m']) {
    expect(coloured).toContain(part);
  }
  // Without its colours it is the same text.
  const codes = ['0', '31', '32', '33'].map((code) => `\u001b[${code}m`);
  expect(codes.reduce((rest, code) => rest.split(code).join(''), coloured)).toBe(plain);
});

test('a part of a divided load holds no limit and misses none: the whole does', () => {
  const shown = text(
    { hot: latency(false), http_reqs: { type: 'counter', contains: 'default', values: { count: 9 } } },
    { segment: '1/4:1/2' },
  );
  expect(shown).toContain('segment 1/4:1/2 of a load, which fiml-perf merge judges as a whole');
  expect(shown).not.toMatch(/FAIL|pass|crossed/);
  expect(shown).toMatch(/http_reqs +9/);
});
