import { mergeSummaries } from '../../../scripts/merge/summaries';
import type { Summary } from '../../../scripts/result/summary';

const summary = (metrics: Summary['metrics'], testRunDurationMs = 1000): Summary => ({
  metrics,
  state: { testRunDurationMs },
});
const trend = (values: Record<string, number>) => ({ type: 'trend' as const, contains: 'time', values });

test('what adds up is added, and what does not is left out', () => {
  const thresholds = { 'rate<0.01': { ok: false } };
  const one = summary({
    n: { type: 'counter', contains: 'default', values: { count: 3, rate: 9 } },
    failed: { type: 'rate', contains: 'default', values: { rate: 0.5, passes: 1, fails: 1 }, thresholds },
    ms: trend({ count: 2, min: 4, max: 9, 'p(95)': 8 }),
    level: { type: 'gauge', contains: 'default', values: { value: 7, min: 1, max: 7 } },
  });
  const other = summary(
    {
      n: { type: 'counter', contains: 'default', values: { count: 4, rate: 1 } },
      failed: { type: 'rate', contains: 'default', values: { rate: 0, passes: 0, fails: 6 } },
      ms: trend({ count: 1, min: 2, max: 2, 'p(95)': 2 }),
      only: trend({ count: 5, min: 1, max: 3 }),
    },
    2500,
  );
  expect(mergeSummaries([one, other])).toEqual({
    metrics: {
      failed: { type: 'rate', contains: 'default', values: { passes: 1, fails: 7, rate: 0.125 } },
      level: { type: 'gauge', contains: 'default', values: {} },
      ms: trend({ count: 3, min: 2, max: 9 }),
      n: { type: 'counter', contains: 'default', values: { count: 7 } },
      only: trend({ count: 5, min: 1, max: 3 }),
    },
    state: { testRunDurationMs: 2500 },
  });
});

test('a Trend without a sample has no part in the extremes', () => {
  const { metrics } = mergeSummaries([
    summary({ ms: trend({ count: 0, min: 0, max: 0 }) }),
    summary({ ms: trend({ count: 1, min: 5, max: 5 }) }),
  ]);
  expect(metrics.ms?.values).toEqual({ count: 1, min: 5, max: 5 });
});
