import fc from 'fast-check';
import { formatDuration, parseDurationMs } from '../../../config';

test.each([
  ['0s', 0],
  ['500ms', 500],
  ['2s', 2000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['0.5m', 30_000],
  ['1h2m3s4ms', 3_723_004],
  ['90m', 5_400_000],
  ['1.001s', 1001],
])('%s are %i ms', (text, durationMs) => {
  expect(parseDurationMs(text)).toBe(durationMs);
});

test.each([
  '',
  '10',
  '1.5',
  's',
  '-1s',
  '+1s',
  '1 s',
  ' 1s',
  '1s ',
  '1s\n',
  '1d',
  '1S',
  '1e3s',
  '.5s',
  '1.s',
  '1m30',
  '1,5s',
  '٣s',
])('%j is no duration', (text) => {
  expect(parseDurationMs(text)).toBeNull();
});

test('a bare number is refused, whatever it is', () => {
  fc.assert(fc.property(fc.nat(), (n) => parseDurationMs(String(n)) === null && parseDurationMs(`1m${n}`) === null));
});

test('what is written is read back exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), (durationMs) => {
      expect(parseDurationMs(formatDuration(durationMs))).toBe(durationMs);
    }),
    { numRuns: 1000 },
  );
});

test('decimals are exact to the millisecond', () => {
  fc.assert(
    fc.property(fc.nat(1e7), (durationMs) => {
      const decimals = String(durationMs % 1000).padStart(3, '0');
      expect(parseDurationMs(`${Math.floor(durationMs / 1000)}.${decimals}s`)).toBe(durationMs);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [0, '0s'],
  [0.4, '0s'],
  [1, '1ms'],
  [59_999, '59s999ms'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [86_400_000, '24h'],
])('%d ms are written %s, without parts of nothing', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
