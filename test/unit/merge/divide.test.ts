import { divide } from '../../../scripts/merge/divide';
import { segmentsSchema } from '../../../scripts/result/segments';
import { prepareRun } from '../../../scripts/run';

const HOST = { cpuModel: 'some', cpus: 2, memoryBytes: 1e9, os: 'Linux' };
const NOW = new Date('2026-11-24T10:00:00Z');

const divided = (env: Record<string, string>, { scenario = 'load', segments = 4 } = {}) => {
  const request = { scenario, env, flags: {}, out: null, stream: process.stderr, quiet: true };
  const about = { id: 'x', segments, k6Version: '2.2.0', host: HOST, before: null, now: NOW };
  return divide(prepareRun(request), about);
};
const TARGET = { PERF_TARGET: 'http://me:pass@127.0.0.1:8000' };

test('what is to be run is told as a run tells it, without secrets', () => {
  const described = segmentsSchema.parse(
    divided({ ...TARGET, PERF_PROFILE: 'high', PERF_AUTHORIZATION: 'Bearer abcd' }),
  );
  expect(described).toMatchObject({ segments: 4, profile: 'high', createdAt: '2026-11-24T10:00:00.000Z' });
  expect(described.targets.length).toBeGreaterThan(5);
  expect(described.plan?.expectedIterations.traffic).toBeGreaterThan(100_000);
  expect(JSON.stringify(described)).not.toMatch(/pass|abcd/);
});

test.each<[string, () => unknown, RegExp]>([
  ['without a server', () => divided({}), /needs PERF_TARGET/],
  ['of a breakpoint', () => divided({ ...TARGET, PERF_PROFILE: 'breakpoint' }), /not load under breakpoint/],
  ['of another scenario', () => divided(TARGET, { scenario: 'memory-leak' }), /only the scenario load/],
  ['too small for so many', () => divided({ ...TARGET, PERF_RATE: '1' }), /2 virtual users cannot be divided among 4/],
])('a load %s is not divided', (_, attempt, message) => {
  expect(attempt).toThrow(message);
});
