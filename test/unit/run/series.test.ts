import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../scripts/errors';
import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import type { Measure } from '../../../scripts/result/observation';
import type { VerdictWord } from '../../../scripts/result/verdict';
import type { FinishedRun } from '../../../scripts/run/finish';
import type { PreparedRun } from '../../../scripts/run/index';
import { baselineToBe } from '../../../scripts/run/perform';
import { exitCodeOf, readCount, seriesOf } from '../../../scripts/run/series';
import { seriesText, shortText } from '../../../scripts/run/series-text';
import { evidence } from '../../support/evidence';
import { observation } from '../../support/observations';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'series-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const prepared = (out: string | null) => ({ request: { out } }) as PreparedRun;
const outs = (runs: readonly PreparedRun[]) => runs.map(({ request }) => request.out);

const subject = render(evidence(), judge(evidence()));

function finished(verdict: VerdictWord, exitCode: number, changes: Partial<FinishedRun> = {}): FinishedRun {
  return {
    path: join('results', 'run'),
    interrupted: false,
    verdict: {
      schema: 'fiml-perf/verdict',
      version: 1,
      runId: 'run',
      verdict,
      exitCode,
      reasons: [],
      targets: [],
      checks: [],
    },
    headline: 'as it was',
    subject,
    observation: observation(0),
    console: () => '',
    problems: [],
    ...changes,
  };
}

test('a number of runs is a whole one, from 1 to 100', () => {
  expect([undefined, '1', '5', '100'].map(readCount)).toEqual([null, 1, 5, 100]);
  for (const wrong of ['0', '-1', '1.5', '101', 'five', '', '1e1', ' 2']) {
    expect(() => readCount(wrong)).toThrow(UserError);
    expect(() => readCount(wrong)).toThrow(/^--repeat must be a whole number from 1 to 100, not /);
  }
});

test('runs of a series have folders of their own below the given one, a single run has that itself', () => {
  expect(outs(seriesOf(prepared('a'), null))).toEqual(['a']);
  expect(outs(seriesOf(prepared('a'), 1))).toEqual([join('a', '1')]);
  expect(outs(seriesOf(prepared('a'), 3))).toEqual(['1', '2', '3'].map((name) => join('a', name)));
  expect(outs(seriesOf(prepared(null), 2))).toEqual([null, null]);
});

test('a series whose folders hold runs is refused before the first of them', () => {
  for (const name of ['2', '3']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'run.json'), '{}');
  }
  expect(outs(seriesOf(prepared(folder), 1))).toEqual([join(folder, '1')]);
  expect(() => seriesOf(prepared(folder), 3)).toThrow(UserError);
  expect(() => seriesOf(prepared(folder), 3)).toThrow(/\/2 already holds a run.*\n.*\/3 already holds a run/);
  writeFileSync(join(folder, 'run.json'), '{}');
  expect(() => seriesOf(prepared(folder), 1)).toThrow(`${folder} already holds a run: give another folder with --out`);
});

test.each<[number, FinishedRun[]]>([
  [0, [finished('PASS', 0), finished('WARN', 0)]],
  [1, [finished('INVALID', 3), finished('FAIL', 1), finished('PASS', 0)]],
  [3, [finished('PASS', 0), finished('INVALID', 3)]],
  // By --fail-on, which may name a verdict that is better than others.
  [1, [finished('WARN', 0), finished('PASS', 1)]],
  [2, [finished('PASS', 0), finished('PASS', 0, { problems: ['the disk is full'] })]],
  [3, [finished('INVALID', 3, { problems: ['the disk is full'] })]],
])('ends with %d, of the worst of its runs', (code, runs) => {
  expect(exitCodeOf(runs)).toBe(code);
});

test('each run is told in short, and all of them side by side', () => {
  const failed = finished('FAIL', 1);
  const reasons = ['P95: 300 ms, must be below 200 ms', 'a \u001b[31m name'];
  expect(shortText({ ...failed, verdict: { ...failed.verdict, reasons } }, 1, 3)).toBe(
    'run 2 of 3: FAIL  as it was\n  - P95: 300 ms, must be below 200 ms\n  - a [31m name\n  results/run\n',
  );
  const [price, ...others] = observation(0).measures as [Measure, ...Measure[]];
  const without = { ...observation(1), measures: [{ ...price, value: null }, ...others.slice(1)] };
  expect(seriesText([finished('PASS', 0), finished('FAIL', 1, { observation: without })]).split('\n')).toEqual([
    '',
    'measure                           run 1   run 2',
    'verdict                            PASS    FAIL',
    'Price queries, P95               100 ms       –',
    'Time to a DSL result, P50        400 ms       –',
    'All requests, share of failures  0.10 %  0.10 %',
    '',
  ]);
});

describe('runs that are to be a baseline', () => {
  const of = (...phases: string[]) =>
    ({
      request: { scenario: 'load' },
      config: { PERF_PROFILE: 'some', PERF_BASELINES: folder },
      plan: { phases: phases.map((phase) => ({ phase })) },
    }) as unknown as PreparedRun;

  it('have a name, and a place that may be written', () => {
    expect(baselineToBe(of('warmup', 'steady'))).toEqual({ folder, name: 'load.some' });
  });

  it('are refused before any load when nothing could be compared with them', () => {
    expect(() => baselineToBe(of('warmup', 'before', 'spike', 'recovery'))).toThrow(
      new UserError(
        'a run of load.some cannot be a baseline: it has no steady phase to be compared by: hold runs with a spike or a fault against their targets, and compare runs of load',
      ),
    );
  });
});
