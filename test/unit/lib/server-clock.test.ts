import fc from 'fast-check';
import { clockOffset, serverTimeMs } from '../../../lib/server-clock';

const T0 = Date.parse('2026-11-24T10:00:00.250Z');

test.each<[string, unknown, number | null]>([
  ['six digits of a second', '2026-11-24T10:00:00.250718Z', T0],
  ['three', '2026-11-24T10:00:00.250Z', T0],
  ['none', '2026-11-24T10:00:00Z', T0 - 250],
  ['another zone', '2026-11-24T12:00:00.250000+02:00', T0],
  ['no zone', '2026-11-24T10:00:00.250718', null],
  ['what is no time', 'soon Z', null],
  ['a number', T0, null],
  ['nothing', undefined, null],
])('the time of a task with %s', (_, created_at, expected) => {
  expect(serverTimeMs({ task: { created_at } })).toBe(expected);
});

test('an answer without a task tells no time', () => {
  expect([serverTimeMs(null), serverTimeMs({}), serverTimeMs({ task: null })]).toEqual([null, null, null]);
  expect(clockOffset([])).toBeNull();
});

test('the true offset is never further away than the error says', () => {
  const look = fc.record({ waitMs: fc.nat(500), backMs: fc.nat(500), atMs: fc.nat(10_000) });
  fc.assert(
    fc.property(fc.array(look, { minLength: 1 }), fc.integer({ min: -1e6, max: 1e6 }), (looks, offsetMs) => {
      const found = clockOffset(
        looks.map(({ waitMs, backMs, atMs }) => ({
          sentMs: atMs,
          serverMs: atMs + waitMs + offsetMs,
          receivedMs: atMs + waitMs + backMs,
        })),
      );
      expect(Math.abs((found?.offsetMs ?? Number.NaN) - offsetMs)).toBeLessThanOrEqual(found?.errorMs ?? 0);
    }),
  );
});

test('the quickest answer decides', () => {
  const slow = { sentMs: 0, serverMs: 0, receivedMs: 400 };
  const quick = { sentMs: 500, serverMs: 512, receivedMs: 504 };
  expect(clockOffset([slow, quick, slow])).toEqual({ offsetMs: 10, errorMs: 3 });
});
