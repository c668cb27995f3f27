import fc from 'fast-check';
import { type Moment, recoveredAt } from '../../../scripts/judge/recovery';

/** Moments at a level, each a little off it as seconds of one server are. */
const level = (count: number, p50: number, { failed = 0, asked = 60, noise = 0.05, seed = 1 } = {}): Moment[] =>
  Array.from({ length: count }, (_, at) => {
    const off = 1 + noise * Math.sin(seed * 7.3 + at * 2.1);
    return { latenciesMs: [p50 * off, p50 * 3 * off], asked, failed };
  });

const silent = (count: number): Moment[] =>
  Array.from({ length: count }, () => ({ latenciesMs: [null, null], asked: 0, failed: 0 }));

const BEFORE = level(20, 40);

test('a level that never left is back at once', () => {
  expect(recoveredAt(BEFORE, level(30, 40, { seed: 2 }))).toBe(0);
});

test('a level that comes back is back when it does', () => {
  expect(recoveredAt(BEFORE, [...level(8, 400), ...level(30, 40, { seed: 3 })])).toBe(8);
  expect(recoveredAt(BEFORE, [...silent(4), ...level(30, 40)])).toBe(4);
  expect(recoveredAt(BEFORE, [...level(6, 40, { failed: 30 }), ...level(30, 40)])).toBe(6);
});

test('a level that stays away is not back', () => {
  expect(recoveredAt(BEFORE, level(30, 80))).toBeNull();
  expect(recoveredAt(BEFORE, level(30, 40, { failed: 3 }))).toBeNull();
  expect(recoveredAt(BEFORE, silent(30))).toBeNull();
});

test('a P95 that stays away is enough', () => {
  const tail = level(30, 40).map((moment) => ({ ...moment, latenciesMs: [moment.latenciesMs[0] ?? null, 400] }));
  expect(recoveredAt(BEFORE, tail)).toBeNull();
});

test('a glance at a good moment is no recovery', () => {
  expect(recoveredAt(BEFORE, [...level(6, 40), ...level(24, 200)])).toBeNull();
});

test('what nobody notices is back: 10 ms, however many times the level that is', () => {
  expect(recoveredAt(level(20, 1), level(30, 3, { seed: 2 }))).toBe(0);
  expect(recoveredAt(level(20, 1), level(30, 30))).toBeNull();
});

test('too noisy to say that it is back is not back', () => {
  const wild = Array.from({ length: 8 }, (_, at) => ({
    latenciesMs: [at % 2 === 0 ? 4 : 400, 600],
    asked: 60,
    failed: 0,
  }));
  expect(recoveredAt(BEFORE, wild)).toBeNull();
});

test('faster than before is back as well', () => {
  expect(recoveredAt(BEFORE, level(30, 20))).toBe(0);
});

test('a server that answers as before is back at once or soon, whatever its noise', () => {
  fc.assert(
    fc.property(fc.double({ min: 20, max: 2000, noNaN: true }), fc.nat(50), (p50, seed) => {
      expect(recoveredAt(level(20, p50, { seed }), level(30, p50, { seed: seed + 1 }))).toBe(0);
    }),
  );
});

test('a server that stays twice as slow is never back', () => {
  fc.assert(
    fc.property(fc.double({ min: 25, max: 2000, noNaN: true }), fc.nat(50), (p50, seed) => {
      expect(recoveredAt(level(20, p50, { seed }), level(30, p50 * 2, { seed: seed + 1 }))).toBeNull();
    }),
  );
});
