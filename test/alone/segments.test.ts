import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { judge } from '../../scripts/judge';
import { readObservations } from '../../scripts/observe/read';
import { readEvidence } from '../../scripts/result/evidence';
import { temporaryFolder, verdictIn } from '../support/cli';
import {
  iterationsOf,
  type Measured,
  mixOf,
  PLANNED,
  percentile,
  ratio,
  wholeAndParts,
} from '../support/whole-and-parts';

const SEGMENTS = 4;
/** Two targets that a few seconds can prove. */
const LOAD = {
  PERF_RATE: '60',
  PERF_SPAWN_RATE: '120',
  PERF_DURATION: '5s',
  PERF_PROBE_RATE: '20',
  PERF_ONLY: 'p95-cached,error-rate',
};

let folder: string;
let whole: Measured;
let merged: Measured;
let exits: readonly (number | string)[];

beforeAll(async () => {
  folder = temporaryFolder('segments');
  ({ whole, merged, exits } = await wholeAndParts(folder, LOAD, SEGMENTS));
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('four k6 that share a load are merged into a run that is judged as a whole', () => {
  expect(exits).toEqual([0, 0, 0, 0]);
  expect(merged.finished).toMatchObject({ code: 0, stderr: '' });
  expect(merged.finished.stdout).toContain('PASS  load, profile smoke');
  expect(merged.run.segments?.parts.map(({ segment }) => segment)).toEqual(['0:1/4', '1/4:1/2', '1/2:3/4', '3/4:1']);
});

test('the merged run is taken as any other', () => {
  const path = join(folder, 'merged');
  expect(judge(readEvidence(path))).toEqual(verdictIn(path));
  const [observation] = readObservations([path]);
  expect(observation).toMatchObject({ flaws: [], fingerprint: { segments: '4' } });
  expect(observation?.measures.length).toBeGreaterThan(5);
});

test('they carry out what was planned, to the one, as one k6 does', () => {
  const planned = whole.run.plan?.expectedIterations ?? {};
  for (const scenario of PLANNED) {
    for (const one of [whole, merged]) {
      expect(Math.abs((iterationsOf(one)[scenario] ?? 0) - (planned[scenario] ?? 0))).toBeLessThanOrEqual(1);
    }
  }
});

test('they send the same mix', () => {
  const [one, other] = [mixOf(whole), mixOf(merged)];
  expect(Object.keys(other).sort()).toEqual(Object.keys(one).sort());
  // Each of the two may have an iteration more or less than planned, and a probe asks two things.
  for (const kind of Object.keys(one)) expect(Math.abs((one[kind] ?? 0) - (other[kind] ?? 0))).toBeLessThanOrEqual(2);
});

test('percentiles of the merged run are those of one k6, within what two runs of one k6 differ by', () => {
  // Of 100 ms that each answer takes, a busy machine adds a few to the median, and more to the slowest in twenty.
  expect(ratio(percentile(whole, 0.5), percentile(merged, 0.5))).toBeLessThan(1.1);
  expect(ratio(percentile(whole, 0.95), percentile(merged, 0.95))).toBeLessThan(1.25);
});

test('the clocks of one machine are found to agree, and its segments to have begun together', () => {
  const { parts = [] } = merged.run.segments ?? {};
  const offsets = parts.flatMap(({ clock }) => clock?.offsetMs ?? []);
  const errors = parts.flatMap(({ clock }) => clock?.errorMs ?? []);
  expect(offsets).toHaveLength(SEGMENTS);
  for (const [at, offsetMs] of offsets.entries()) expect(Math.abs(offsetMs)).toBeLessThanOrEqual(errors[at] ?? 0);
});
