import fc from 'fast-check';
import { minimumSamples, type Statistic, TARGETS, uptimeSamples } from '../../../thresholds';

const shareAbove = (limit: number) => minimumSamples({ statistic: 'rate', operator: '>', limit });
const shareBelow = (limit: number) => minimumSamples({ statistic: 'rate', operator: '<', limit });
const latency = (statistic: Statistic) => minimumSamples({ statistic, operator: '<', limit: 200 });

test.each<[Statistic, number]>([
  ['p50', 5],
  ['p95', 59],
  ['p99', 299],
  ['mean', 59],
])('a %s takes %i samples, whatever its limit', (statistic, samples) => {
  expect(latency(statistic)).toBe(samples);
  expect(minimumSamples({ statistic, operator: '>', limit: 0.5 })).toBe(samples);
});

test.each([
  [0.8, 14],
  [0.95, 59],
  [0.99, 299],
  [0.995, 598],
  [0.999, 2995],
])('a share above %d takes %i samples, as does one of the others below the rest', (limit, samples) => {
  expect(shareAbove(limit)).toBe(samples);
  expect(shareBelow(1 - limit)).toBe(samples);
  expect(minimumSamples({ statistic: 'value', operator: '>', limit })).toBe(samples);
});

test('growth takes as many in each part that it compares', () => {
  expect(latency('p50-drift')).toBe(12 * 5);
  expect(latency('p95-drift')).toBe(12 * 59);
  expect(minimumSamples({ statistic: 'rate-drift', operator: '<', limit: 0.01 })).toBe(4 * 299);
  // A look in each of twelve parts of both halves.
  expect(minimumSamples({ statistic: 'leak', operator: '<', limit: 0.05 })).toBe(24);
});

test('it is the fewest by which a claim that just does not hold would be seen through 19 times of 20', () => {
  // Binary fractions blur the last digits where a power is 0.05 exactly.
  const slack = 1e-9;
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), fc.boolean(), (limit, above) => {
      const good = above ? limit : 1 - limit;
      const samples = above ? shareAbove(limit) : shareBelow(limit);
      expect(Number.isInteger(samples) && samples >= 1).toBe(true);
      expect(good ** samples).toBeLessThanOrEqual(0.05 * (1 + slack));
      expect(good ** (samples - 1)).toBeGreaterThan(0.05 * (1 - slack));
    }),
  );
});

test.each([0, 1, -1, 2])('a limit of %d is no claim that samples could prove: one is enough to look', (limit) => {
  expect(shareAbove(limit)).toBe(1);
  expect(shareBelow(limit)).toBe(1);
});

test('availability is probed as often as the uptime target in force needs', () => {
  expect(uptimeSamples(TARGETS)).toBe(598);
  expect(uptimeSamples([])).toBe(598);
  expect(uptimeSamples(TARGETS.map((target) => ({ ...target, limit: 0.999 })))).toBe(2995);
  expect(uptimeSamples(TARGETS.filter(({ id }) => id !== 'uptime'))).toBe(598);
});
