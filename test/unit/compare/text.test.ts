import { formatChange, formatMeasure, formatSize } from '../../../scripts/compare/text';
import { limitsOf } from '../../../scripts/compare/threshold';
import { formatAge } from '../../../scripts/text/age';

test.each<[Parameters<typeof formatMeasure>, string]>([
  [[null, 'ms'], '–'],
  [[123.4, 'ms'], '123 ms'],
  [[2.345, 'ms'], '2.35 ms'],
  [[0.5, 'ms'], '0.50 ms'],
  [[0.0123, 'ms'], '12.3 µs'],
  [[0, 'ms'], '0.00 ms'],
  [[1.5e-8, 's'], '15.0 ns'],
  [[0.000_999_9, 's'], '1.00 ms'],
  [[0.25, 's'], '250 ms'],
  [[1.234, 's'], '1.23 s'],
  [[345.6, 's'], '346 s'],
  [[0.0123, 'share'], '1.23 %'],
  [[63.21, 'per second'], '63.2 /s'],
  [[12_345.6, 'per second'], '12346 /s'],
  [[0, 'per second'], '0.00 /s'],
  [[250_000_000, 'bytes'], '250 MB'],
])('a value %j is shown as %s', (args, text) => {
  expect(formatMeasure(...args)).toBe(text);
});

test('a change has a sign, a size has none; a share changes by points', () => {
  expect(formatChange({ unit: 'ms' }, 0.123)).toBe('+12.3 %');
  expect(formatChange({ unit: 'ms' }, -0.05)).toBe('−5.0 %');
  expect(formatChange({ unit: 'share' }, 0.0025)).toBe('+0.25 points');
  expect(formatChange({ unit: 'ms' }, null)).toBe('–');
  expect(formatSize({ unit: 'ms' }, 0.123)).toBe('12.3 %');
  expect(formatSize({ unit: 'share' }, 0.0025)).toBe('0.25 points');
  expect(formatSize({ unit: 'share' }, null)).toBe('–');
});

test('an age is in the largest unit that has more than one of it, down to minutes', () => {
  const minute = 60_000;
  expect([0, minute, 59.9 * minute, 60 * minute, 47 * 60 * minute, 48 * 60 * minute].map(formatAge)).toEqual([
    '0 minutes',
    '1 minute',
    '59 minutes',
    '1 hour',
    '47 hours',
    '2 days',
  ]);
});

test('a threshold is δ, and Δ is never below it', () => {
  expect(limitsOf(undefined)).toEqual({ smallestRelevant: 0.05, margin: 0.1, alpha: 0.05 });
  expect(limitsOf('0.10')).toEqual({ smallestRelevant: 0.1, margin: 0.1, alpha: 0.05 });
  expect(limitsOf('10%')).toEqual(limitsOf('0.10'));
  expect(limitsOf(' 2.5 % ')).toEqual({ smallestRelevant: 0.025, margin: 0.1, alpha: 0.05 });
  expect(limitsOf('.5')).toEqual({ smallestRelevant: 0.5, margin: 0.5, alpha: 0.05 });
});
