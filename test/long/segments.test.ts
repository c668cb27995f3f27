import { rmSync } from 'node:fs';
import { temporaryFolder } from '../support/cli';
import { iterationsOf, mixOf, PLANNED, percentile, ratio, wholeAndParts } from '../support/whole-and-parts';

const SEGMENTS = 4;
/** Every target gets its samples. Time to a DSL result is none of them: it adds up several of the answers that take 100 ms. */
const LOAD = {
  PERF_RATE: '100',
  PERF_SPAWN_RATE: '200',
  PERF_DURATION: '90s',
  PERF_ONLY: 'p95-cached,p99-api,mean-api,error-rate,cache-hit-rate,uptime,task-completion,provider-success,p95-deep',
};
const DEADLINE_MS = 300_000;

let folder: string;

beforeAll(() => {
  folder = temporaryFolder('segments');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`${SEGMENTS} k6 that share a load for as long as all targets need are one k6 to the judge`, async () => {
  const { whole, merged, exits } = await wholeAndParts(folder, LOAD, SEGMENTS, DEADLINE_MS);
  expect(exits).toEqual(Array.from({ length: SEGMENTS }, () => 0));
  expect([whole.finished.code, merged.finished.code]).toEqual([0, 0]);
  const planned = whole.run.plan?.expectedIterations ?? {};
  for (const scenario of PLANNED) {
    expect(Math.abs((iterationsOf(merged)[scenario] ?? 0) - (planned[scenario] ?? 0))).toBeLessThanOrEqual(1);
  }
  const [one, other] = [mixOf(whole), mixOf(merged)];
  for (const kind of Object.keys(one)) expect(Math.abs((one[kind] ?? 0) - (other[kind] ?? 0))).toBeLessThanOrEqual(2);
  // Of some 6000 answers that take 100 ms each; the slowest in a hundred are what this machine did meanwhile.
  expect(ratio(percentile(whole, 0.5), percentile(merged, 0.5))).toBeLessThan(1.05);
  expect(ratio(percentile(whole, 0.95), percentile(merged, 0.95))).toBeLessThan(1.15);
  expect(ratio(percentile(whole, 0.99), percentile(merged, 0.99))).toBeLessThan(1.5);
}, 400_000);
