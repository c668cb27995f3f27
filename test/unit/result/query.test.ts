import { compareCounts } from '../../../scripts/result/agreement';
import { Histogram } from '../../../scripts/result/histogram';
import {
  answered,
  countIn,
  mergeSeries,
  quantile,
  selectSeries,
  statistic,
  sumIn,
  windowMs,
} from '../../../scripts/result/query';
import type { Result, Series } from '../../../scripts/result/result';

function series(metric: string, tags: Record<string, string>, values: number[], firstMs = 0): Series {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return {
    metric,
    tags,
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    min: Math.min(...values),
    max: Math.max(...values),
    last: values.at(-1) ?? 0,
    nonZero: values.filter((value) => value !== 0).length,
    firstMs,
    lastMs: firstMs + values.length,
    ...(metric === 'lat' ? { histogram: histogram.toSparse() } : {}),
  };
}

const result = {
  series: [
    series('lat', { op: 'poll', phase: 'steady' }, [10, 20, 30]),
    series('lat', { op: 'price', phase: 'steady' }, [40], 100),
    series('lat', { op: 'poll', phase: 'warmup' }, [900]),
    series('n', { op: 'poll', group: '::a::b' }, [2, 3]),
    series('ok', {}, [1, 0, 1, 1]),
  ],
} as Result;

it('selects by tag, by any of several values, by phase, and by the lack of a tag', () => {
  const count = (...args: [string, Parameters<typeof selectSeries>[2]?, { phase?: string }?]) =>
    selectSeries(result, ...args).length;
  expect(count('lat')).toBe(3);
  expect(count('lat', { op: ['poll', 'price'] }, { phase: 'steady' })).toBe(2);
  expect(count('lat', { op: 'poll', phase: 'spike' })).toBe(0);
  expect(count('n', { phase: '' })).toBe(1);
  expect(countIn(result, 'lat', { phase: 'steady' })).toBe(4);
  expect(sumIn(result, 'n')).toBe(5);
});

it('merges series as if they had been one', () => {
  const merged = mergeSeries(selectSeries(result, 'lat', { phase: 'steady' }));
  expect(merged).toMatchObject({ count: 4, sum: 100, min: 10, max: 40, last: 40, firstMs: 0, lastMs: 101 });
  expect(windowMs(merged)).toBe(101);
  expect((statistic(merged, 'p50') as number) / 25).toBeCloseTo(1, 2);
  expect(statistic(merged, 'mean')).toBe(25);
  expect(quantile(merged, 1)).toBeLessThanOrEqual(40);
});

it('has no statistic of nothing, and no percentile of what is no Trend', () => {
  expect(statistic(mergeSeries([]), 'rate')).toBeNull();
  expect(statistic(mergeSeries([]), 'value')).toBeNull();
  const rate = mergeSeries(selectSeries(result, 'ok'));
  expect([statistic(rate, 'rate'), statistic(rate, 'value'), statistic(rate, 'p95')]).toEqual([0.75, 1, null]);
});

it.each([
  [{ status: '200' }, true],
  [{ status: '503', error_code: '1503' }, true],
  [{ status: '0', error_code: '1212' }, false],
  [{ error_code: '1050' }, false],
  [{}, true],
])('%j: answered is %p', (tags, expected) => expect(answered({ tags: tags as Record<string, string> })).toBe(expected));

describe('the comparison with k6', () => {
  const metric = (type: 'counter' | 'gauge' | 'rate' | 'trend', values: Record<string, number>) => ({
    type,
    contains: 'default',
    values,
  });
  const compare = (metrics: Parameters<typeof compareCounts>[1]['metrics']) =>
    compareCounts(result, { metrics, state: { testRunDurationMs: 1 } });

  it('is silent when all agree, also where k6 saw nothing or does not count', () => {
    expect(
      compare({
        lat: metric('trend', { count: 5 }),
        'lat{op:poll,phase:steady}': metric('trend', { count: 3 }),
        'n{group:::a::b}': metric('counter', { count: 5 }),
        ok: metric('rate', { passes: 3, fails: 1 }),
        none: metric('counter', { count: 0 }),
        vus: metric('gauge', { value: 3 }),
        'lat{op:price}': metric('trend', { avg: 3 }),
      }),
    ).toEqual([]);
  });

  it('names what differs, both ways', () => {
    expect(
      compare({
        'lat{op:poll}': metric('trend', { count: 5 }),
        n: metric('counter', { count: 4 }),
        ok: metric('rate', { passes: 2, fails: 2 }),
        gone: metric('counter', { count: 1 }),
      }),
    ).toEqual([
      { metric: 'gone', what: 'sum', fromSamples: 0, fromK6: 1 },
      { metric: 'lat{op:poll}', what: 'samples', fromSamples: 4, fromK6: 5 },
      { metric: 'n', what: 'sum', fromSamples: 5, fromK6: 4 },
      { metric: 'ok', what: 'samples that are not zero', fromSamples: 3, fromK6: 2 },
    ]);
  });
});
