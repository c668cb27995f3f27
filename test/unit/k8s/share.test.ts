import fc from 'fast-check';
import { PROFILES } from '../../../profiles';
import { podMemoryMib, shareProblems, shareText } from '../../../scripts/k8s/share';
import { planWith } from '../profiles/settings';

test('four pods of the high load have a quarter each, and the monitor is one user on one of them', () => {
  const plan = planWith({ PERF_PROFILE: 'high' });
  expect(shareProblems(plan, 4)).toEqual([]);
  const rows = shareText(plan, 4)
    .split('\n')
    .map((line) => line.split(/\s{2,}/));
  expect(rows).toContainEqual(['traffic', '500', '125', '151,500', '37,875', '250.0/s', '62.5/s']);
  expect(rows).toContainEqual(['monitor', '1', '1, on one pod', '306', '306', '0.5/s']);
});

test('a pod without a user for a part of the load is refused, with how many there may be', () => {
  const plan = planWith({ PERF_PROFILE: 'high' });
  expect(plan.vuCeiling.probes).toBe(4);
  expect(shareProblems(plan, 5)).toEqual([expect.stringMatching(/^--parallelism 5: .*\(probes 4\).* take 4 at most/)]);
  expect(shareProblems(planWith({ PERF_PROFILE: 'high', PERF_PROBE_RATE: '9' }), 5)).toEqual([]);
});

test('whatever is not refused gives every pod a user for each part that is shared', () => {
  const pods = fc.integer({ min: 2, max: 200 });
  fc.assert(
    fc.property(fc.constantFrom(...PROFILES.keys()), pods, fc.integer({ min: 1, max: 5000 }), (name, count, rate) => {
      const plan = planWith({ PERF_PROFILE: name, PERF_RATE: String(rate) });
      const fewest = Math.min(...Object.values(plan.vuCeiling).filter((users) => users > 1));
      expect(shareProblems(plan, count).length > 0).toBe(Math.floor(fewest / count) === 0);
    }),
  );
});

test('a pod has more memory for more users, and less where more share them', () => {
  const memory = (users: string, pods: number) => podMemoryMib(planWith({ PERF_USERS: users }), pods);
  expect(memory('2000', 2)).toBeGreaterThan(memory('200', 2));
  expect(memory('2000', 8)).toBeLessThan(memory('2000', 2));
  expect(memory('2000', 2) % 128).toBe(0);
});
