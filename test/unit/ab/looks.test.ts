import fc from 'fast-check';
import { AB_ALPHA, alphaOfLook, looksOf, roundLooks } from '../../../scripts/ab/looks';

test('looks ascend, each a third later than the one before, and the last is at the end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20_000, max: 3_600_000 }), (longestMs) => {
      const looks = looksOf(longestMs);
      expect(looks.at(-1)).toBe(longestMs);
      looks.slice(1).forEach((at, index) => {
        expect(at / (looks[index] as number)).toBeGreaterThan(1.1);
      });
    }),
  );
});

test('rounds are looked at from the fifth on, and at the last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 400 }), (most) => {
      const looks = roundLooks(most);
      expect(looks.at(-1)).toBe(most);
      expect(looks[0]).toBe(5);
      expect([...new Set(looks)].sort((a, b) => a - b)).toEqual(looks);
    }),
  );
});

test('all looks together spend the error rate once', () => {
  const looks = looksOf(180_000).length;
  expect(looks * alphaOfLook(looks)).toBeCloseTo(AB_ALPHA, 12);
});
