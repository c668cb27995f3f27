import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import { reportOf } from '../../../scripts/report/model';
import { slowOf } from '../../../scripts/report/slow';
import { slowView } from '../../../scripts/report/view';
import type { SlowRequest, SlowRequests } from '../../../scripts/result/slow';
import { slowText } from '../../../scripts/slow/text';
import { evidence, STARTED_MS, times, withResult } from '../../support/evidence';

const request = (change: Partial<SlowRequest> = {}): SlowRequest => ({
  name: 'search-quick',
  op: 'price',
  cache: 'hot',
  phase: 'steady',
  atMs: STARTED_MS + 12_340,
  durationMs: 1500,
  subject: 'NVDA',
  layer: null,
  ...change,
});

const requests = (...kept: readonly SlowRequest[]): SlowRequests => ({
  version: 1,
  requests: 900,
  slowMs: 1000,
  slow: kept.filter(({ durationMs }) => durationMs > 1000).length,
  kept: [...kept],
});

const adviceOn = (...kept: readonly SlowRequest[]): string => slowOf(requests(...kept)).advice.join('\n');

test.each([
  ['indexes', request({ name: 'session-info', op: 'session', cache: '' })],
  ['Redis', request()],
  ['provider', request({ cache: 'cold' })],
  ['LLM', request({ name: 'search-deep', op: 'analysis', cache: '' })],
  ['steps', request({ name: 'dsl-sync', op: 'dsl', cache: '' })],
  ['PERF_TIMEOUT', request({ layer: 'transport' })],
  ['whole process', request({ name: 'health', op: 'probe', cache: '' })],
])('advice that speaks of %s is given for what it helps, and for nothing else', (word, fitting) => {
  expect(adviceOn(fitting)).toContain(word);
  expect(adviceOn(request({ name: 'other', op: 'other', cache: '' }))).not.toContain(word);
});

test('a database is looked at only where its own operations were slow', () => {
  expect(adviceOn(request(), request({ cache: 'cold' }), request({ op: 'dsl' }))).not.toMatch(/EXPLAIN|index/);
});

test('where nothing was slow there is no advice and no list, but the slowest is told', () => {
  const view = slowView(slowOf(requests(request({ durationMs: 1000 }), request({ durationMs: 12 }))), STARTED_MS, 10);
  expect(view).toEqual({
    sentence: 'None of 900 requests took more than 1.0 s; the slowest was search-quick · price · hot with 1000 ms.',
    subjects: '',
    requests: [],
    more: '',
    advice: [],
  });
});

test('slow ones are listed with the time since the run began, and counted by operation and by what was asked for', () => {
  const dsl = request({
    name: 'dsl-sync',
    op: 'dsl',
    cache: '',
    subject: 'GET PRICE FOR T',
    layer: 'inner',
    durationMs: 2e4,
  });
  const view = slowView(slowOf(requests(dsl, request(), request(), request({ durationMs: 20 }))), STARTED_MS, 2);
  expect(view).toMatchObject({
    sentence: '3 of 900 requests took more than 1.0 s: search-quick · price · hot 2, dsl-sync · dsl 1.',
    subjects: 'Most often for NVDA 2.',
    requests: [
      {
        duration: '20 s',
        at: '12 s',
        phase: 'steady',
        operation: 'dsl-sync · dsl',
        subject: 'GET PRICE FOR T',
        layer: 'inner',
      },
      { duration: '1.5 s', subject: 'NVDA', layer: '–' },
    ],
    more: '1 more were slow.',
  });
});

test('the report says it, and of a result that lists none it says nothing', () => {
  const measured = withResult(evidence(), () => ({ slowest: requests(...times(12, request())) }));
  const { markdown } = render(measured, judge(measured));
  expect(markdown).toContain('## Slow queries');
  expect(markdown.match(/\| NVDA \|/g)).toHaveLength(10);
  expect(markdown).toContain('2 more were slow. fiml-perf slow lists the slowest 1,000.');
  const older = evidence();
  expect(reportOf(older, judge(older)).slow).toBeNull();
  expect(render(older, judge(older)).markdown).not.toContain('## Slow queries');
});

test('on a terminal long queries are cut, and nothing moves the cursor', () => {
  const hostile = request({ subject: `\u001b[2J${'EVALUATE '.repeat(50)}`, phase: 'a\nb', layer: '\u202e' });
  const text = slowText(slowView(slowOf(requests(hostile)), STARTED_MS, 10));
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  const rows = text.split('\n').filter((line) => line.includes('1.5 s'));
  expect(rows).toEqual([expect.stringContaining('…')]);
});
