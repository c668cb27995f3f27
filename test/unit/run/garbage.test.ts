import fc from 'fast-check';
import { garbagePercent } from '../../../scripts/run/garbage';

const planOf = (virtualUsers: number, expectedRequests = 0) => ({
  vuCeiling: { traffic: virtualUsers, probes: 0 },
  expectedRequests,
});

test.each([
  ['few virtual users have k6 collect seldom', planOf(20), 297],
  ['as many as hold what k6 leaves lying leave it as Go does it', planOf(382), 100],
  ['many have it collect often', planOf(1100), 45],
  ['requests count, whose figures k6 keeps', planOf(20, 1_000_000), 53],
  ['so little is used that there is nothing to save', planOf(1), 300],
])('%s', (_, plan, percent) => {
  expect(garbagePercent(plan)).toBe(percent);
});

test('a script of which nothing is known beforehand is left as Go does it', () => {
  expect(garbagePercent(null)).toBe(100);
});

test('more to hold never leaves more garbage, and no load makes k6 collect all the time', () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.nat(1e9),
      fc.nat(100_000),
      fc.nat(1e9),
      (users, requests, moreUsers, moreRequests) => {
        const percent = garbagePercent(planOf(users, requests));
        expect(garbagePercent(planOf(users + moreUsers, requests + moreRequests))).toBeLessThanOrEqual(percent);
        expect(percent).toBeGreaterThanOrEqual(45);
        expect(percent).toBeLessThanOrEqual(300);
      },
    ),
  );
});
