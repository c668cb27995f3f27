import { type SummaryData, textSummary } from '../../../lib/summary';

const data: SummaryData = {
  state: { isStdOutTTY: false, testRunDurationMs: 1000 },
  metrics: {
    http_reqs: { type: 'counter', contains: 'default', values: { count: 1234, rate: 12 } },
    'http_req_duration{cache:hot,phase:steady}': {
      type: 'trend',
      contains: 'time',
      values: { 'p(95)': 312.345, count: 99 },
      thresholds: { 'p(95)<200': { ok: false } },
    },
    'http_reqs{cache:hot,phase:steady}': {
      type: 'counter',
      contains: 'default',
      values: { count: 99 },
      thresholds: { 'count>=59': { ok: true } },
    },
    'fiml_failed{phase:steady}': {
      type: 'rate',
      contains: 'default',
      values: { rate: 0.0042, passes: 5, fails: 1200 },
      thresholds: { 'rate<0.01': { ok: true } },
    },
  },
};

test('prints each limit beside the value that it was held against, crossed ones first', () => {
  const lines = textSummary(data).split('\n');
  const rows = lines.filter((line) => /^ {2}(pass|FAIL)/.test(line)).map((line) => line.replace(/ +/g, ' '));
  expect(rows).toEqual([
    ' FAIL http_req_duration{cache:hot,phase:steady} p(95) 312.35 ms < 200.00 ms',
    ' pass fiml_failed{phase:steady} rate 0.42 % < 1.00 %',
    ' pass http_reqs{cache:hot,phase:steady} count 99 >= 59',
  ]);
  expect(lines).toContain('1 of 3 thresholds crossed');
});

test('a script without thresholds is told that k6 judged nothing', () => {
  expect(textSummary({ ...data, metrics: {} })).toContain('k6 judged nothing');
});

test('a statistic that k6 left out reads as no data, never as a number', () => {
  const metrics = {
    gone: { type: 'trend', contains: 'time', values: {}, thresholds: { 'p(99)<1': { ok: true } } },
  };
  expect(textSummary({ ...data, metrics })).toContain('no data');
});

test('colours only when asked to, and indents every line', () => {
  expect(textSummary(data)).not.toContain('\u001b');
  expect(textSummary(data, { enableColors: true })).toContain('\u001b[31mFAIL\u001b[0m');
  const filled = textSummary(data, { indent: '  | ' })
    .split('\n')
    .filter((line) => line !== '');
  expect(filled.every((line) => line.startsWith('  | '))).toBe(true);
});
