import fc from 'fast-check';
import { PROFILES, planFor } from '../../../profiles';
import { effectiveOverrides } from '../../../scripts/overrides/effective';
import { isLeftToJudge, MOST_REQUESTS_WITH_THRESHOLDS } from '../../../scripts/run/left-to-judge';
import { TARGETS, uptimeSamples } from '../../../thresholds';
import { given } from '../../support/evidence';

test('k6 has thresholds up to a number of requests, and always where one of them ends the load', () => {
  const steps = [{ ratePerS: 10, startMs: 0, endMs: 1000 }];
  fc.assert(
    fc.property(fc.nat(3 * MOST_REQUESTS_WITH_THRESHOLDS), (expectedRequests) => {
      expect(isLeftToJudge({ expectedRequests })).toBe(expectedRequests > MOST_REQUESTS_WITH_THRESHOLDS);
      expect(isLeftToJudge({ expectedRequests, steps })).toBe(false);
    }),
  );
  expect(isLeftToJudge({ expectedRequests: MOST_REQUESTS_WITH_THRESHOLDS })).toBe(false);
  expect(isLeftToJudge({ expectedRequests: MOST_REQUESTS_WITH_THRESHOLDS + 1 })).toBe(true);
  expect(isLeftToJudge(null)).toBe(false);
});

const planOf = (flags: Parameters<typeof effectiveOverrides>[1]) =>
  given(planFor('load', effectiveOverrides({}, flags).config, uptimeSamples(TARGETS)));

test.each([...PROFILES.keys()])('profile %s as it comes keeps its thresholds in k6', (profile) => {
  expect(isLeftToJudge(planOf({ PERF_PROFILE: profile }))).toBe(false);
});

test.each([
  ['that rate for an hour', { PERF_RATE: '1000', PERF_DURATION: '1h' }],
  ['users who wait for their answers', { PERF_MODEL: 'closed', PERF_USERS: '2000', PERF_DURATION: '10m' }],
])('a larger load does not: %s', (_, flags) => {
  expect(isLeftToJudge(planOf(flags))).toBe(true);
});
