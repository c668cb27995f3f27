import { rmSync } from 'node:fs';
import { judge } from '../../../scripts/judge';
import { mergeSegments } from '../../../scripts/merge';
import { findSegments } from '../../../scripts/merge/find';
import type { Evidence } from '../../../scripts/result/evidence';
import type { Run } from '../../../scripts/result/run';
import type { Check } from '../../../scripts/result/verdict';
import { temporaryFolder } from '../../support/cli';
import { partOf, writeDivided } from '../../support/divided';
import { evidence, given, healthy, withRun } from '../../support/evidence';

const PARTS = 2;

let folder: string;
let merged: Evidence;
beforeAll(async () => {
  folder = temporaryFolder('witness');
  const parts = Array.from({ length: PARTS }, (_, at) => partOf(healthy(), at, PARTS));
  writeDivided(folder, parts, PARTS);
  merged = await mergeSegments(findSegments([folder]), []);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checkOf = (run: Partial<Run>, id: string): Check =>
  given(judge(withRun(merged, () => run)).checks.find((check) => check.id === id));

/** CPU of the busiest k6 in each second, as somebody beside the load would have seen it. */
const watched = (share: number): Pick<Run, 'generator'> => {
  const { generator } = evidence().run;
  return {
    generator: { ...generator, samples: generator.samples.map((sample) => ({ ...sample, share, waiting: null })) },
  };
};

test('where nobody watched, it is not known whether a generator was the limit', () => {
  expect(checkOf({}, 'generator-cpu')).toMatchObject({
    unchecked: true,
    detail: "nobody looked at the CPU of the segments' k6",
  });
});

test('a generator that was seen at its limit makes the run INVALID, and one with CPU to spare is known to have it', () => {
  const busy = withRun(merged, () => watched(0.97));
  expect(judge(busy).verdict).toBe('INVALID');
  expect(checkOf(watched(0.97), 'generator-cpu')).toMatchObject({ ok: false });
  const free = checkOf(watched(0.3), 'generator-cpu');
  expect(free).toMatchObject({ ok: true, detail: expect.stringContaining('30 %') });
  expect(free).not.toHaveProperty('unchecked');
});

test('a server that was asked after the load and answered has outlived it', () => {
  const { target } = merged.run;
  expect(checkOf({ target: { ...target, after: evidence().run.target.after } }, 'survival')).toMatchObject({
    ok: true,
    detail: 'it answered after the run',
  });
  expect(checkOf({}, 'survival').detail).toBe('it answered until the end of the load');
});
