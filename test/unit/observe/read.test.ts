import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveBaseline } from '../../../scripts/baseline';
import { judge } from '../../../scripts/judge';
import { observe } from '../../../scripts/observe';
import { readObservations } from '../../../scripts/observe/read';
import type { Observation } from '../../../scripts/result/observation';
import { complaintOf } from '../../support/complaint';
import { evidence } from '../../support/evidence';
import { observation } from '../../support/observations';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const healthy = evidence();
const at = (...names: string[]) => join(folder, ...names);

/** A run's folder, as a run with that number would have left it. */
function putRun(path: string, number: number): Observation {
  mkdirSync(path, { recursive: true });
  const startedAtMs = healthy.run.k6.startedAtMs + number;
  const run = { ...healthy.run, id: `run-${number}`, k6: { ...healthy.run.k6, startedAtMs } };
  writeFileSync(join(path, 'run.json'), JSON.stringify(run));
  writeFileSync(join(path, 'result.json'), JSON.stringify(healthy.result));
  writeFileSync(join(path, 'summary.json'), JSON.stringify(healthy.summary));
  const put = { ...healthy, run };
  return observe(put, judge(put));
}

function putText(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

const putFile = (name: string, content: unknown): string => putText(name, JSON.stringify(content));

const pytest = (datetime: string) => ({
  machine_info: {},
  commit_info: {},
  version: '5.1.0',
  datetime,
  benchmarks: [
    {
      fullname: 'test_x.py::test_agent',
      options: {},
      stats: { median: 0.1, mean: 0.1, stddev: 0.001, iqr: 0.001, rounds: 100, iterations: 1 },
    },
  ],
});

const complaint = (...paths: string[]): string => complaintOf(() => readObservations(paths));

test('reads whatever holds runs, in the order in which it is given', () => {
  const run = putRun(at('run'), 1);
  const repeated = [2, 3].map((number) => putRun(at('repeated', String(number)), number));
  const one = observation(4);
  const pooled = [observation(5), observation(6)];
  saveBaseline({ folder, name: 'load.smoke', observations: pooled, now: new Date() });
  const read = readObservations([
    putFile('pytest.json', pytest('2026-11-24T10:00:00+00:00')),
    at('run'),
    at('repeated'),
    putFile('one.json', one),
    at('load.smoke.json'),
  ]);
  expect(read.slice(1)).toEqual([run, ...repeated, one, ...pooled]);
  expect(read[0]).toMatchObject({ scenario: 'benchmarks', profile: null });
});

test('of a folder of runs takes those that are there, and the link to the latest for none of its own', () => {
  const runs = [1, 2].map((number) => putRun(at('results', `run-${number}`), number));
  mkdirSync(at('results', 'running'));
  symlinkSync('run-2', at('results', 'latest'));
  expect(readObservations([at('results')])).toEqual(runs);
  expect(readObservations([at('results', 'latest')])).toEqual(runs.slice(1));
});

test.each<[string, () => string]>([
  ['by its name again', () => at('run')],
  [
    'by a link',
    () => {
      symlinkSync('run', at('latest'));
      return at('latest');
    },
  ],
  [
    'as a copy',
    () => {
      cpSync(at('run'), at('copy'), { recursive: true });
      return at('copy');
    },
  ],
])('a run that is given twice, %s, is refused: it must not count as two', (_, twin) => {
  putRun(at('run'), 1);
  const path = twin();
  expect(complaint(at('run'), path)).toBe(`${path} and ${at('run')} hold the same run, run-1: give it once`);
});

test('a copy of a file of pytest-benchmark is the same run under whatever name', () => {
  const [one, copy] = ['a.json', 'b.json'].map((name) => putFile(name, pytest('2026-11-24T10:00:00+00:00')));
  expect(complaint(one as string, copy as string)).toMatch(/hold the same run/);
  const later = putFile('later.json', pytest('2026-11-24T11:00:00+00:00'));
  expect(readObservations([one as string, later])).toHaveLength(2);
});

test.each<[string, () => string, RegExp]>([
  ['nothing there', () => at('none'), /none: there is no such file or folder; give a run's folder, .*pytest-benchmark/],
  ['an empty folder', () => folder, /holds no run: neither a run\.json nor folders with one/],
  [
    'a folder of folders without runs',
    () => {
      mkdirSync(at('a', 'b'), { recursive: true });
      return at('a');
    },
    /holds no run/,
  ],
  [
    'one file of a run',
    () => {
      putRun(at('run'), 1);
      return at('run', 'run.json');
    },
    /is one file of a run: give the run's fol/,
  ],
  ['other JSON', () => putFile('x.json', { schema: 'npm/lock' }), /x\.json holds no runs: give a run's folder/],
  ['null', () => putFile('x.json', null), /x\.json holds no runs/],
  ['no JSON', () => putText('x.json', '{"a":'), /x\.json: what to compare is not valid JSON/],
  [
    'an observation from the future',
    () => putFile('x.json', { ...observation(1), version: 2 }),
    /x\.json was written by a newer fiml-perf/,
  ],
  [
    'an observation that was changed by hand',
    () => putFile('x.json', { ...observation(1), startedAtMs: 'noon' }),
    /x\.json: the observation does not have the expected form:\n {2}startedAtMs: /,
  ],
  [
    'a baseline that was changed by hand',
    () => putFile('x.json', { schema: 'fiml-perf/baseline', version: 1 }),
    /x\.json: the baseline does not have the expected form/,
  ],
])('%s is refused, with what to give', (_, make, message) => {
  expect(complaint(make())).toMatch(message);
});

test('tells all that is wrong at once', () => {
  putRun(at('run'), 1);
  const message = complaint(at('none'), at('run'), putFile('x.json', {}), at('run'));
  expect(message.split('\n')).toEqual([
    expect.stringMatching(/none: there is no such/),
    expect.stringMatching(/x\.json holds no runs/),
    expect.stringMatching(/hold the same run/),
  ]);
});
