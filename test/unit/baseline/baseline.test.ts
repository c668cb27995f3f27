import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { baselineFile, pool, readBaseline, replaceable, saveBaseline } from '../../../scripts/baseline';
import { UserError } from '../../../scripts/errors';
import type { Baseline } from '../../../scripts/result/baseline';
import type { Observation } from '../../../scripts/result/observation';
import { complaintOf } from '../../support/complaint';
import { observation, steady } from '../../support/observations';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baselines-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NOW = new Date('2026-11-25T10:00:00Z');
const RUNS = [0, 1, 2].map((at) => observation(at, steady(at)));
const save = (observations: readonly Observation[], name = 'load.smoke', into = join(folder, 'made')) =>
  saveBaseline({ folder: into, name, observations, now: NOW });

describe('saving', () => {
  test('pools the runs in time order into a file of its own, whose folder it makes', () => {
    const { path, baseline, leftOut, replaced } = save([RUNS[2], RUNS[0], RUNS[1]] as Observation[]);
    expect(path).toBe(join(folder, 'made', 'load.smoke.json'));
    expect(readdirSync(join(folder, 'made'))).toEqual(['load.smoke.json']);
    expect(readBaseline(path)).toEqual(baseline);
    expect(baseline).toMatchObject({ name: 'load.smoke', savedAt: NOW.toISOString(), observations: RUNS });
    expect([leftOut, replaced]).toEqual([[], null]);
  });

  test('tells which baseline it replaces', () => {
    const before = save(RUNS.slice(0, 1)).baseline;
    expect(save(RUNS).replaced).toEqual(before);
  });

  test('leaves out what failed or says nothing, by name and reason', () => {
    const failed = observation(3, {}, { verdict: 'FAIL' });
    const invalid = observation(4, {}, { verdict: 'INVALID', flaws: ['k6 was killed', 'and more'] });
    const flawed = observation(5, {}, { flaws: ['the generator had no CPU left'] });
    const { baseline, leftOut } = save([...RUNS, failed, invalid, flawed]);
    expect(baseline.observations).toEqual(RUNS);
    expect(leftOut).toEqual([
      { runId: 'run-3', why: 'its own verdict is FAIL' },
      { runId: 'run-4', why: 'its own verdict is INVALID (k6 was killed)' },
      { runId: 'run-5', why: 'the generator had no CPU left' },
    ]);
  });

  test('writes nothing when no run is left, and changes nothing that was there', () => {
    const failed = [observation(3, {}, { verdict: 'FAIL' })];
    expect(complaintOf(() => save(failed))).toBe(
      'no run is left to make a baseline of, so none was written\nrun-3 is left out: its own verdict is FAIL',
    );
    expect(existsSync(join(folder, 'made'))).toBe(false);
    const { path } = save(RUNS);
    const before = readFileSync(path, 'utf8');
    complaintOf(() => save(failed));
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('refuses runs of different conditions, with every difference and whose it is', () => {
    const other = observation(3, {}, { fingerprint: { ...RUNS[0]?.fingerprint, PERF_RATE: '60', k6: '2.3.0' } });
    expect(complaintOf(() => save([...RUNS, other]))).toBe(
      [
        'these runs cannot be one baseline: they were not made under the same conditions',
        '  PERF_RATE: 50 in run-0, run-1, run-2; 60 in run-3',
        '  k6: none in run-0, run-1, run-2; 2.3.0 in run-3',
      ].join('\n'),
    );
    // What is left out anyway need not have the same conditions.
    expect(save([...RUNS, { ...other, verdict: 'FAIL' }]).baseline.observations).toEqual(RUNS);
  });

  test('refuses a name that is not that of every run', () => {
    const other = observation(3, {}, { profile: 'load' });
    const message = complaintOf(() => save([...RUNS, other]));
    expect(message).toBe('run-3 is a run of load.load: it cannot be in a baseline called load.smoke');
    const named = observation(0, {}, { scenario: '../../etc/cron', profile: null });
    expect(complaintOf(() => save([named], '../../etc/cron'))).toMatch(/is no name of a baseline/);
    expect(save([observation(0, {}, { scenario: 'benchmarks', profile: null })], 'benchmarks').path).toMatch(
      /\/benchmarks\.json$/,
    );
  });

  test.each(['/sys/baselines', '/dev/null/baselines'])('into a folder that cannot be written, %s, says so', (into) => {
    expect(complaintOf(() => save(RUNS, 'load.smoke', into))).toMatch(
      /^the folder of the baselines, .*, cannot be made \(\w+\): choose another by PERF_BASELINES$/,
    );
  });

  test('does not replace a file that it does not understand', () => {
    const path = join(folder, 'load.smoke.json');
    writeFileSync(path, '{"schema":"fiml-perf/baseline","version":2}');
    const message = complaintOf(() => save(RUNS, 'load.smoke', folder));
    expect(message).toMatch(/written by a newer fiml-perf[\s\S]*it is not replaced: move it away first$/);
    expect(readFileSync(path, 'utf8')).toBe('{"schema":"fiml-perf/baseline","version":2}');
    expect(replaceable(join(folder, 'none.json'))).toBeNull();
  });

  test('makes the same of its runs in whatever order they come', () => {
    const { baseline } = pool('load.smoke', RUNS, NOW);
    fc.assert(
      fc.property(fc.shuffledSubarray(RUNS, { minLength: RUNS.length }), (shuffled) => {
        expect(pool('load.smoke', shuffled, NOW).baseline).toEqual(baseline);
      }),
    );
  });
});

describe('reading', () => {
  const path = () => join(folder, 'x.json');
  const whole = JSON.stringify(pool('load.smoke', RUNS, NOW).baseline);
  const edited = (edit: (baseline: Baseline) => void): string => {
    const baseline = JSON.parse(whole) as Baseline;
    edit(baseline);
    return JSON.stringify(baseline);
  };
  const first = ({ observations }: Baseline) => observations[0] as Observation;

  function expectRefused(text: string, message: RegExp): void {
    writeFileSync(path(), text);
    expect(complaintOf(() => readBaseline(path()))).toMatch(message);
    // Whoever edited it can undo that.
    expect(readFileSync(path(), 'utf8')).toBe(text);
  }

  test('a missing file says so', () => {
    expect(complaintOf(() => readBaseline(path()))).toMatch(
      /x\.json: the baseline cannot be read: there is no such file/,
    );
  });

  test('a file that was cut anywhere is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expectRefused(whole.slice(0, length), /x\.json: the baseline is not valid JSON/);
      }),
    );
  });

  test.each<[string, string, RegExp]>([
    ['of another kind', '{"schema":"fiml-perf/run","version":1}', /does not have the expected form:\n {2}schema: /],
    ['that is no object', '[1,2]', /does not have the expected form/],
    ['from the future', edited((b) => Object.assign(b, { version: 2 })), /x\.json was written by a newer fiml-perf/],
    ['from before the first', edited((b) => Object.assign(b, { version: 0 })), /version 0, from which nothing leads/],
    [
      'whose value is a word',
      edited((b) => Object.assign(first(b).measures[0] ?? {}, { value: 'fast' })),
      /observations\.0\.measures\.0\.value: /,
    ],
    [
      'whose value is beyond all numbers',
      whole.replace('"withinVariance":0.0001', '"withinVariance":1e999'),
      /observations\.0\.measures\.0\.withinVariance: /,
    ],
    [
      'whose variance is negative',
      edited((b) => Object.assign(first(b).measures[0] ?? {}, { withinVariance: -1 })),
      /observations\.0\.measures\.0\.withinVariance: /,
    ],
    ['without a run', edited((b) => b.observations.splice(0)), /observations: there is no run in it/],
    [
      'that holds a run twice',
      edited((b) => b.observations.push(structuredClone(first(b)))),
      /observations\.3: it is in the baseline twice/,
    ],
    [
      'with a run of other conditions',
      edited((b) => Object.assign(first(b).fingerprint, { PERF_RATE: '60' })),
      /observations\.0\.fingerprint: it is not the baseline's/,
    ],
    [
      'with a run of another profile',
      edited((b) => Object.assign(first(b), { profile: 'load' })),
      /observations\.0: it is a run of load\.load, and the baseline is of load\.smoke/,
    ],
    ['saved at no time', edited((b) => Object.assign(b, { savedAt: 'yesterday' })), /savedAt: /],
  ])('a file %s is refused, with what is wrong, and left as it is', (_, text, message) => {
    expectRefused(text, message);
  });

  test('tells all that is wrong at once', () => {
    expectRefused(
      edited((b) => {
        Object.assign(b, { savedAt: 'yesterday' });
        Object.assign(first(b), { runId: 1 });
      }),
      /savedAt: [\s\S]*observations\.0\.runId: /,
    );
  });
});

test('a name stands for a file in the folder of baselines, a path for itself', () => {
  expect(baselineFile('b', 'load.smoke')).toBe(join('b', 'load.smoke.json'));
  expect(baselineFile('b', 'load.smoke.json')).toBe('load.smoke.json');
  expect(baselineFile('b', 'other/load.smoke')).toBe('other/load.smoke');
  expect(() => baselineFile('b', 'load smoke')).toThrow(UserError);
});
