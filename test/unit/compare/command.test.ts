import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { saveBaseline } from '../../../scripts/baseline';
import { compareCommand } from '../../../scripts/compare/command';
import { UserError } from '../../../scripts/errors';
import { appendObservation, historyPath } from '../../../scripts/history/file';
import { comparisonSchema } from '../../../scripts/result/comparison';
import type { Observation } from '../../../scripts/result/observation';
import { around } from '../../support/evidence';
import { suitesIn } from '../../support/junit';
import { FIRST_RUN_MS, observation, steady } from '../../support/observations';
import { minuteOf } from '../../support/report-pages';

let folder: string;
let shown: string;
let complained: string;
const { exitCode } = process;
const environment = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compared-'));
  process.env = { ...environment, PERF_BASELINES: at('baselines'), PERF_HISTORY: at('history'), PERF_RESULTS: folder };
  delete process.env.GITHUB_STEP_SUMMARY;
  shown = '';
  complained = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = exitCode;
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

const at = (...names: string[]) => join(folder, ...names);

function put(run: Observation): string {
  const path = at(`${run.runId}.json`);
  writeFileSync(path, JSON.stringify(run));
  return path;
}

/** Runs that took turns: those of the baseline at even places, the candidate's at odd ones. */
const inTurns = (candidateFactor: number, count = 5) => ({
  baseline: Array.from({ length: count }, (_, i) => observation(2 * i, steady(2 * i))),
  candidate: Array.from({ length: count }, (_, i) => observation(2 * i + 1, steady(2 * i + 1, candidateFactor))),
});

const saveAsBaseline = (observations: readonly Observation[]) =>
  saveBaseline({ folder: at('baselines'), name: 'load.smoke', observations, now: new Date() });

async function compare(...args: string[]): Promise<unknown> {
  shown = '';
  complained = '';
  process.exitCode = undefined;
  await compareCommand().parseAsync(args, { from: 'user' });
  return process.exitCode;
}

const complaint = async (...args: string[]): Promise<string> => {
  const error = await compare(...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).exitCode).toBe(2);
  expect(shown).toBe('');
  return (error as UserError).message;
};

const firstLine = () => shown.split('\n').find((line) => line !== '');

describe('the verdict', () => {
  test.each<[string, number, number]>([
    ['REGRESSED', 1.3, 1],
    ['NO CHANGE', 1, 0],
    ['IMPROVED', 0.7, 0],
  ])('is %s, and its exit code, for runs %d times as slow', async (verdict, factor, code) => {
    const { baseline, candidate } = inTurns(factor);
    saveAsBaseline(baseline);
    expect(await compare('--baseline', 'load.smoke', ...candidate.map(put))).toBe(code);
    expect(firstLine()).toMatch(new RegExp(`^${verdict}  load, profile smoke: 5 runs of commit 01234567 on http:`));
    expect(shown).toContain('the sides took turns');
  });

  test('is INCONCLUSIVE for one run against another, with what to do', async () => {
    saveAsBaseline([observation(0)]);
    expect(await compare('--baseline', 'load.smoke', put(observation(1, { priceMs: 110 })))).toBe(0);
    expect(firstLine()).toMatch(/^INCONCLUSIVE .*; the baseline is 2 minutes older$/);
    expect(shown).toContain('one run a side says little');
    expect(await compare('--baseline', 'load.smoke', at('run-1.json'), '--fail-on', 'inconclusive')).toBe(1);
  });

  test('is INVALID when a run of either side says nothing', async () => {
    const { baseline, candidate } = inTurns(1);
    const [first, ...rest] = candidate as [Observation, ...Observation[]];
    const flawed = { ...first, flaws: ['k6 was killed'] };
    const args = [...baseline.flatMap((run) => ['--baseline', put(run)]), ...[flawed, ...rest].map(put)];
    expect(await compare(...args)).toBe(3);
    expect(firstLine()).toMatch(/^INVALID/);
    expect(shown).toContain('k6 was killed');
    // It fails already, by a code that says more.
    expect(await compare(...args, '--fail-on', 'INVALID')).toBe(3);
  });

  test('fails from the given threshold on, and no earlier', async () => {
    const { baseline, candidate } = inTurns(1.3);
    saveAsBaseline(baseline);
    const paths = candidate.map(put);
    expect(await compare('--threshold', '0.5', '--baseline', 'load.smoke', ...paths)).toBe(0);
    expect(shown).toContain(
      'A latency fails from 50 % on, if that is sure; it is unchanged when it surely lies within ±50 %',
    );
    expect(await compare('--threshold', '25%', '--baseline', 'load.smoke', ...paths)).toBe(1);
    expect(shown).toContain('fails from 25 % on');
    expect(await compare('--threshold', '.02', '--baseline', 'load.smoke', ...paths)).toBe(1);
    expect(shown).toContain('fails from 2 % on, if that is sure; it is unchanged when it surely lies within ±10 %');
  });

  test('is of the measure that changed, and the one that decides nothing is only told', async () => {
    const { baseline } = inTurns(1);
    const candidate = [1, 3, 5, 7, 9].map((i) => observation(i, { ...steady(i), searchMs: 100 }));
    saveAsBaseline(baseline);
    const json = at('c.json');
    expect(await compare('--baseline', 'load.smoke', ...candidate.map(put), '--json', json, '--ci')).toBe(0);
    expect(comparisonSchema.parse(JSON.parse(readFileSync(json, 'utf8'))).verdict).toBe('NO CHANGE');
    expect(shown).toMatch(/\ndecides nothing .*\nsearch-quick, P95 +worse +50\.\d ms +100 ms +\+\d+\.\d %/);
    expect(shown).toContain('\n::warning title=fiml-perf worse::search-quick, P95: +');
    expect(shown).not.toContain('::error');
  });
});

describe('the sides', () => {
  test('are the same in whatever order their files come', async () => {
    const { baseline, candidate } = inTurns(1.1, 4);
    const [before, after] = [baseline.map(put), candidate.map(put)];
    const options = (paths: readonly string[]) => paths.flatMap((path) => ['--baseline', path]);
    const json = at('c.json');
    const code = await compare(...options(before), ...after, '--json', json);
    const [text, value] = [shown, readFileSync(json, 'utf8')];
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(before, { minLength: before.length }),
        fc.shuffledSubarray(after, { minLength: after.length }),
        async (mixedBefore, mixedAfter) => {
          expect(await compare(...mixedAfter, ...options(mixedBefore), '--json', json)).toBe(code);
          expect(shown).toBe(text);
          expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual(JSON.parse(value));
        },
      ),
      { numRuns: 20 },
    );
  });

  test('may be the newest run and the baseline of what that is', async () => {
    const { baseline } = inTurns(1);
    saveAsBaseline(baseline);
    // A folder of runs is read as well as a run; here it is the file that stands for it.
    await expect(compare()).rejects.toThrow(`${at('latest')}: there is no such file or folder`);
    expect(await compare(put(observation(11)))).toBe(0);
    expect(shown).toMatch(/1 run of .* against 5 runs of/);
  });

  test('must not share a run', async () => {
    const { baseline } = inTurns(1);
    saveAsBaseline(baseline);
    expect(await complaint('--baseline', 'load.smoke', put(baseline[2] as Observation))).toBe(
      'run-4 is in the baseline and in the candidate\na run cannot be compared with itself: run the candidate anew',
    );
  });

  test('must be of the same conditions, unless a difference is accepted, which the verdict then says', async () => {
    const { baseline, candidate } = inTurns(1);
    saveAsBaseline(baseline);
    const paths = candidate.map((run) => put({ ...run, fingerprint: { ...run.fingerprint, PERF_RATE: '60' } }));
    const refused = await complaint('--baseline', 'load.smoke', ...paths);
    expect(refused).toContain('  PERF_RATE: 50 in the baseline, 60 in the candidate');
    expect(refused).toContain('--allow PERF_RATE');
    expect(await compare('--baseline', 'load.smoke', ...paths, '--allow', ' PERF_RATE ,')).toBe(0);
    expect(shown).toContain('accepted as the same: PERF_RATE: 50 in the baseline, 60 in the candidate');
  });

  test('list what is on one of them only', async () => {
    const { baseline, candidate } = inTurns(1);
    saveAsBaseline(baseline);
    const paths = candidate.map((run) =>
      put({
        ...run,
        measures: run.measures.map((one) => (one.id === 'dsl.p50' ? { ...one, id: 'new.p50', operation: 'new' } : one)),
      }),
    );
    await compare('--baseline', 'load.smoke', ...paths);
    expect(shown).toContain('\nonly in the baseline: dsl.p50\nonly in the candidate: new.p50\n');
  });

  test('an old baseline is told as such, by when its runs were made', async () => {
    const { baseline } = inTurns(1);
    saveAsBaseline(baseline);
    const day = 24 * 3600_000;
    const made = (days: number) => {
      const startedAtMs = FIRST_RUN_MS + days * day;
      return put(observation(0, {}, { runId: `late-${days}`, startedAtMs, endedAtMs: startedAtMs + 1000 }));
    };
    await compare('--baseline', 'load.smoke', made(13));
    expect(shown).not.toMatch(/warning: the baseline is .* old/);
    await compare('--baseline', 'load.smoke', made(20));
    expect(shown).toMatch(
      /warning: the baseline is 19 days old, and the machine may have changed meanwhile: make a new/,
    );
  });
});

describe('a baseline that was never made', () => {
  test.each(['load.smoke', 'missing/load.smoke.json'])('is the verdict, %s, with how to make one', async (given) => {
    const path = put(observation(1));
    expect(await compare('--baseline', given, path)).toBe(0);
    expect(firstLine()).toMatch(/^NO BASELINE {2}load, profile smoke: 1 run of commit 01234567 on http:/);
    expect(shown).toMatch(/there is no .*load\.smoke\.json/);
    expect(shown).toContain(
      'fiml-perf run load --profile smoke --target http://fiml.test:8000 --repeat 5 --save-baseline',
    );
    expect(await compare('--baseline', given, path, '--ci')).toBe(1);
    expect(shown).toMatch(/^::error title=fiml-perf NO BASELINE::there is no /m);
    expect(await compare('--baseline', given, path, '--fail-on', 'no baseline')).toBe(1);
  });

  test('is written like any other verdict', async () => {
    const [json, report] = [at('c.json'), at('r.txt')];
    await compare('--ci', '--json', json, '--report', report, put(observation(1)));
    expect(comparisonSchema.parse(JSON.parse(readFileSync(json, 'utf8')))).toMatchObject({
      verdict: 'NO BASELINE',
      exitCode: 1,
    });
    expect(readFileSync(report, 'utf8')).toMatch(/^# Regression report: NO BASELINE\n/);
  });

  test('is none where a folder is misspelt', async () => {
    expect(await complaint('--baseline', 'missing/results', put(observation(1)))).toMatch(
      /^missing\/results: there is no such file or folder/,
    );
  });

  test('is none where it is there, and is not one', async () => {
    mkdirSync(at('baselines'));
    writeFileSync(at('baselines', 'load.smoke.json'), '{"schema":"fiml-perf/basel');
    expect(await complaint('--baseline', 'load.smoke', put(observation(1)))).toMatch(/is not valid JSON/);
  });
});

describe('the history', () => {
  const DAY_MS = 24 * 3600_000;
  const daily = (days: number): Observation => {
    const startedAtMs = FIRST_RUN_MS - days * DAY_MS;
    return observation(days, steady(days), { runId: `earlier-${days}`, startedAtMs, endedAtMs: startedAtMs + 60_000 });
  };
  const path = () => historyPath(at('history'), 'load', 'smoke');

  test('of the same scenario and profile makes a single run worth something', async () => {
    saveAsBaseline([observation(0)]);
    const run = put(observation(1, steady(1, 1.2)));
    expect(await compare('--baseline', 'load.smoke', run)).toBe(0);
    expect(firstLine()).toMatch(/^INCONCLUSIVE/);
    for (let days = 10; days > 0; days--) appendObservation(path(), daily(days));
    expect(await compare('--baseline', 'load.smoke', run)).toBe(1);
    expect(firstLine()).toMatch(/^REGRESSED .* and 10 earlier runs; .*, and earlier runs tell how far days lie apart$/);
  });

  test('counts from its last confirmed change only', async () => {
    saveAsBaseline([observation(0)]);
    for (let days = 13; days > 0; days--) {
      const run = daily(days);
      const former = observation(0, steady(days, 2)).measures;
      appendObservation(path(), days > 7 ? { ...run, measures: former } : run);
    }
    await compare('--baseline', 'load.smoke', put(observation(1)));
    expect(firstLine()).toContain(' and 7 earlier runs; ');
  });

  test('that is damaged is told, and what can be read of it counts', async () => {
    saveAsBaseline([observation(0)]);
    for (let days = 10; days > 0; days--) appendObservation(path(), daily(days));
    writeFileSync(path(), `${readFileSync(path(), 'utf8')}{"schema":"fiml-perf/obs`);
    expect(await compare('--baseline', 'load.smoke', put(observation(1, steady(1, 1.2))))).toBe(1);
    expect(shown).toMatch(/warning: .*load\.smoke\.jsonl: line 11 counts for nothing: not valid JSON/);
  });

  test('that a newer suite wrote is refused', async () => {
    saveAsBaseline([observation(0)]);
    mkdirSync(at('history'));
    writeFileSync(path(), `${JSON.stringify({ ...daily(1), version: 2 })}\n`);
    expect(await complaint('--baseline', 'load.smoke', put(observation(1)))).toMatch(/a newer fiml-perf wrote to this/);
  });
});

describe('what programs are told', () => {
  test('is one document on standard output; a file or folder that is none of it is left alone', async () => {
    const { baseline, candidate } = inTurns(1.3);
    saveAsBaseline(baseline);
    const paths = candidate.map(put);
    expect(await compare(...paths, '--json')).toBe(1);
    expect(comparisonSchema.parse(JSON.parse(shown)).verdict).toBe('REGRESSED');
    expect(complained).toMatch(/^REGRESSED /m);
    const [first = '', ...others] = paths;
    const before = readFileSync(first, 'utf8');
    expect(await complaint('--json', first, ...others)).toContain(
      `${first} holds something else than fiml-perf/comparison and is not replaced`,
    );
    expect(readFileSync(first, 'utf8')).toBe(before);
    expect(await complaint('--json', folder, ...others)).toContain('is a folder');
  });

  test('is JUnit, and in CI the summary of the step', async () => {
    const { baseline, candidate } = inTurns(1.3);
    saveAsBaseline(baseline);
    process.env.GITHUB_STEP_SUMMARY = at('step.md');
    expect(await compare(...candidate.map(put), '--junit', at('junit.xml'), '--ci')).toBe(1);
    const [suite] = suitesIn(readFileSync(at('junit.xml'), 'utf8'));
    expect(suite?.cases.filter(({ outcome }) => outcome === 'failure').length).toBeGreaterThanOrEqual(2);
    expect(readFileSync(at('step.md'), 'utf8')).toMatch(/^### REGRESSED: comparison of load\.smoke\n/);
  });
});

describe('what is said and written', () => {
  test('the same in JSON, in a report, and on the terminal in colour', async () => {
    const { baseline, candidate } = inTurns(1.3);
    saveAsBaseline(baseline);
    const [json, report] = [at('c.json'), at('r.txt')];
    process.env.FORCE_COLOR = '1';
    const args = ['--baseline', 'load.smoke', ...candidate.map(put), '--json', json, '--report', report];
    expect(await compare(...args)).toBe(1);
    expect(shown).toContain('\u001b[31mREGRESSED');
    expect(shown).not.toContain('::error');
    const comparison = comparisonSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(comparison).toMatchObject({ verdict: 'REGRESSED', exitCode: 1, design: 'interleaved' });
    const text = readFileSync(report, 'utf8');
    expect(text).toMatch(/^# Regression report: REGRESSED\n/);
    for (const { title } of comparison.rows) expect(text).toContain(`| ${title} `);
    for (const reason of comparison.reasons) expect(text).toContain(`- ${reason}`);
    for (const { runId } of [...baseline, ...candidate]) expect(text).toContain(`| ${runId} `);
    // Whoever reads the source sees columns: every line of a table is as wide as its head.
    for (const part of text.split('\n\n').filter((block) => block.startsWith('|'))) {
      expect(
        new Set(
          part
            .trim()
            .split('\n')
            .map((line) => line.length),
        ).size,
      ).toBe(1);
    }

    expect(await compare(...args, '--ci')).toBe(1);
    expect(shown).not.toContain('\u001b');
    const errors = shown.split('\n').filter((line) => line.startsWith('::error'));
    expect(errors.map((line) => line.replace(/: .*/, ''))).toEqual([
      '::error title=fiml-perf REGRESSED::Price queries, P95',
      '::error title=fiml-perf REGRESSED::Time to a DSL result, P50',
    ]);
    expect(errors[0]).toMatch(/: \+\d+\.\d %25, from \d+\.?\d* ms to \d+ ms$/);
  });

  test('a verdict is told even if it cannot be written', async () => {
    const { baseline, candidate } = inTurns(1);
    saveAsBaseline(baseline);
    const args = ['--baseline', 'load.smoke', ...candidate.map(put), '--report', at('no', 'r.txt')];
    expect(await compare(...args, '--html', at('no', 'c.html'))).toBe(2);
    expect(firstLine()).toMatch(/^NO CHANGE/);
    expect(complained).toMatch(/r\.txt cannot be written: its folder does not exist[\s\S]*c\.html cannot be written/);
  });

  test('a document for programs that cannot be written is refused at once', async () => {
    await expect(compare('--json', at('no', 'c.json'))).rejects.toThrow(
      /c\.json cannot be written: its folder does not/,
    );
    expect(shown).toBe('');
  });

  test('names from outside are shown, and obeyed by neither terminal nor Markdown', async () => {
    const hostile = 'a|b`c`<script>alert(1)</script>\u001b[31m\nred @all [x](http://evil)';
    const { baseline, candidate } = inTurns(1.5);
    const named = ({ measures, ...run }: Observation): Observation => ({
      ...run,
      scenario: hostile,
      profile: null,
      identity: { ...run.identity, commit: '\u001b[31mred', target: hostile },
      fingerprint: { [hostile]: hostile },
      warnings: [hostile],
      measures: measures.map((measure) => ({ ...measure, title: `${hostile} ${measure.id}` })),
    });
    const only = (run: Observation): Observation => ({
      ...run,
      measures: [...run.measures, { ...(run.measures[0] as Observation['measures'][number]), id: hostile }],
    });
    const paths = candidate.map((run) => put({ ...only(named(run)), fingerprint: { [hostile]: 'x' } }));
    const report = at('r.txt');
    const args = [...baseline.flatMap((run) => ['--baseline', put(named(run))]), ...paths, '--allow', hostile];
    await compare(...args, '--report', report, '--ci');
    expect(firstLine()).toMatch(/^REGRESSED/);
    expect(shown).not.toContain('\u001b');
    expect(shown).toContain('a|b`c`<script>');
    for (const line of shown.split('\n')) expect(line).not.toMatch(/^\s*red @all/);
    const text = readFileSync(report, 'utf8');
    expect(text).toContain('a\\|b');
    for (const obeyed of ['<script>', '\u001b', ' [x](', ' @all']) expect(text).not.toContain(obeyed);
  });
});

describe('wrong usage', () => {
  test.each([
    '0',
    '-0.1',
    '10',
    'ten',
    '',
    '10%%',
    '1000%',
    '0.0',
    'NaN',
    '1e1',
  ])('a threshold of %j', async (given) => {
    expect(await complaint(`--threshold=${given}`, put(observation(1)))).toMatch(
      /^--threshold must be a relative change above 0 and below 10, such as 0\.10 or 10%/,
    );
  });

  test('a verdict that a comparison does not end with', async () => {
    expect(await complaint('--fail-on', 'WARN', put(observation(1)))).toMatch(
      /WARN is no verdict; there are REGRESSED, INVALID, INCONCLUSIVE, IMPROVED, NO CHANGE, NO BASELINE/,
    );
  });

  test('a condition that there is not', async () => {
    const { baseline, candidate } = inTurns(1);
    saveAsBaseline(baseline);
    expect(await complaint('--baseline', 'load.smoke', ...candidate.map(put), '--allow', 'colour')).toMatch(
      /--allow: nothing is called colour here/,
    );
  });
});

describe('--html writes a page', () => {
  /** A folder of runs, as `run --repeat --out` leaves it. */
  function putRuns(name: string, hotMs: number): string {
    for (let each = 0; each < 3; each++) {
      const { run, result, summary } = minuteOf({ hotMs: around(hotMs + each / 10, 700) });
      const startedAtMs = run.k6.startedAtMs + (each + (name === 'before' ? 0 : 3)) * 600_000;
      const own = { ...run, id: `${name}-${each}`, k6: { ...run.k6, startedAtMs } };
      mkdirSync(at(name, String(each)), { recursive: true });
      writeFileSync(at(name, String(each), 'run.json'), JSON.stringify(own));
      writeFileSync(at(name, String(each), 'result.json'), JSON.stringify(result));
      writeFileSync(at(name, String(each), 'summary.json'), JSON.stringify(summary));
    }
    return at(name);
  }
  const page = () => readFileSync(at('page.html'), 'utf8');

  test('with both distributions over each other where both sides are runs', async () => {
    const sides = [putRuns('before', 20), putRuns('after', 40)] as const;
    await compare('--baseline', sides[0], sides[1], '--html', at('page.html'));
    expect(page()).toMatch(
      /Distribution of the latency of Price queries, cached: baseline: P50 20\.\d.ms.* of 2100 answers; candidate: P50 40/,
    );
    expect(page()).not.toContain('a baseline keeps a value of each measure');
  });

  test('without them where one keeps no answers, and says so', async () => {
    const { baseline, candidate } = inTurns(1.3);
    saveAsBaseline(baseline);
    await compare('--html', at('page.html'), ...candidate.map(put));
    expect(page()).toContain('How much each measure changed');
    expect(page()).not.toContain('Distribution of the latency');
    expect(page()).toContain('a baseline keeps a value of each measure, and no answers');
  });

  test('of a comparison that has no baseline yet', async () => {
    await compare('--html', at('page.html'), put(observation(0)));
    expect(page()).toContain('There is nothing to compare with yet');
  });
});
