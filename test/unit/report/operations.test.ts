import { operationsOf } from '../../../scripts/report/operations';
import type { Result, Series } from '../../../scripts/result/result';

const requests = (name: string, scenario: string, count: number, firstMs: number, lastMs: number): Series => ({
  metric: 'http_reqs',
  tags: { name, op: 'price', scenario, phase: 'steady' },
  count,
  sum: count,
  min: 1,
  max: 1,
  last: 1,
  nonZero: count,
  firstMs,
  lastMs,
});

const ratesOf = (...series: Series[]) =>
  Object.fromEntries(
    operationsOf({ series } as Result, ['steady'], 60_000).map(({ name, perSecond }) => [name, perSecond]),
  );

test('what was sent throughout has its rate by the planned steady phase', () => {
  expect(ratesOf(requests('quick', 'traffic', 600, 10, 59_900))).toEqual({ quick: 10 });
});

test('what one section of several sent has its rate by that section', () => {
  const rates = ratesOf(requests('quick', 'cached', 200, 0, 20_000), requests('deep', 'hits', 400, 20_000, 60_000));
  expect(rates).toEqual({ quick: 10, deep: 10 });
});

test('a rare operation has its rate by all that its section did, not by its own few answers', () => {
  const rates = ratesOf(requests('quick', 'cached', 200, 0, 20_000), requests('coin', 'cached', 2, 9000, 9500));
  expect(rates.coin).toBeCloseTo(0.1);
});
