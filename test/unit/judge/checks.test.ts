import { judge } from '../../../scripts/judge';
import type { Evidence } from '../../../scripts/result/evidence';
import type { Run } from '../../../scripts/result/run';
import type { Check } from '../../../scripts/result/verdict';
import {
  around,
  evidence,
  evidenceOf,
  failing,
  given,
  healthy,
  NOTHING_SENT,
  type Plain,
  plain,
  targetsNamed,
  times,
  withResult,
  withRun,
} from '../../support/evidence';

type Break = (evidence: Evidence) => Evidence;

const failedChecks = (measured: Evidence): Check[] => judge(measured).checks.filter(({ ok }) => !ok);
const checkOf = (measured: Evidence, id: string): Check =>
  given(judge(measured).checks.find((check) => check.id === id));

const k6 =
  (change: Partial<Run['k6']>): Break =>
  (measured) =>
    withRun(measured, (run) => ({ k6: { ...run.k6, ...change } }));
const plan =
  (change: Partial<NonNullable<Run['plan']>>): Break =>
  (measured) =>
    withRun(measured, (run) => ({ plan: { ...given(run.plan), ...change } }));
const expecting =
  (scenario: string, count: number): Break =>
  (measured) =>
    plan({ expectedIterations: { ...given(measured.run.plan).expectedIterations, [scenario]: count } })(measured);
const source =
  (change: Partial<NonNullable<Evidence['result']>['source']>): Break =>
  (measured) =>
    withResult(measured, (result) => ({ source: { ...result.source, ...change } }));
const server =
  (change: (target: Run['target']) => Partial<Run['target']>): Break =>
  (measured) =>
    withRun(measured, ({ target }) => ({ target: { ...target, ...change(target) } }));
const starts = (before: readonly number[], after: readonly number[]): Break =>
  server((target) => ({
    before: { ...given(target.before), startTimesS: [...before] },
    after: { ...given(target.after), startTimesS: [...after] },
  }));
const cpu =
  (...shares: readonly { share: number; waiting: number | null }[]): Break =>
  (measured) =>
    withRun(measured, ({ generator }) => ({
      generator: {
        ...generator,
        // The first five seconds are the warm-up's.
        samples: generator.samples.map((sample, i) => ({ ...sample, ...(shares[i - 5] ?? {}) })),
      },
    }));
const counted =
  (metric: string, values: Record<string, number>): Break =>
  (measured) => {
    const summary = given(measured.summary);
    const told = { ...given(summary.metrics[metric]), values };
    return { ...measured, summary: { ...summary, metrics: { ...summary.metrics, [metric]: told } } };
  };
const monitorSaw =
  (...startTimesS: readonly number[]): Break =>
  (measured) =>
    withResult(measured, ({ series }) => ({
      series: series.map((one) =>
        one.metric === 'fiml_server_start_time'
          ? { ...one, min: Math.min(...startTimesS), max: Math.max(...startTimesS) }
          : one,
      ),
    }));
/** Moves the last answers of the steady phase ahead, as a clock does that jumps over the rest. */
const steadyEndsEarlier =
  (ms: number): Break =>
  (measured) =>
    withResult(measured, ({ series }) => ({
      series: series.map((one) => (one.metric === 'http_reqs' ? { ...one, lastMs: one.lastMs - ms } : one)),
    }));

const SERVER_START_S = given(evidence().run.target.before?.startTimesS[0]);
const busy = (seconds: number, share: number, waiting: number | null = 0) => times(seconds, { share, waiting });

const BLINDING: readonly [id: string, what: string, break_: Break, words: RegExp][] = [
  ['k6-end', 'k6 was interrupted by the suite', k6({ interrupted: true }), /the run was interrupted/],
  ['k6-end', 'a signal ended k6', k6({ signal: 'SIGKILL', exitCode: null }), /k6 was ended by SIGKILL/],
  ['k6-end', 'k6 did not start', k6({ exitCode: null }), /k6 did not start/],
  ...[1, 97, 98, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 137, 255].map(
    (exitCode): [string, string, Break, RegExp] => [
      'k6-end',
      `k6 ended with ${exitCode}`,
      k6({ exitCode }),
      new RegExp(`k6 ended with exit code ${exitCode}\\b.*; see k6\\.log$`),
    ],
  ),
  [
    'iterations-threw',
    'an iteration threw',
    k6({ thrownIterations: 1, firstThrown: 'TypeError: x is not a function at load.ts:7' }),
    /1 iteration threw; the first: TypeError: x is not a function at load\.ts:7/,
  ],
  ['samples', 'the samples are cut off', source({ truncated: true }), /the file of samples is cut off/],
  [
    'samples',
    'a line was not read',
    source({ rejected: [{ reason: 'not JSON', count: 1, firstLine: 9 }] }),
    /1 line could not be read: not JSON/,
  ],
  [
    'samples',
    'there were too many series',
    source({ overflow: { tagSets: 1, samples: 1, cap: 5000 } }),
    /1 sample in 1 sets of tags beyond the first 5000 are in no series/,
  ],
  [
    'samples',
    'the samples are of another day',
    (measured) => withResult(measured, ({ startMs, endMs }) => ({ startMs: startMs - 864e5, endMs: endMs - 864e5 })),
    /the samples are of another time than this run/,
  ],
  [
    'samples',
    'the samples are of the next day',
    (measured) => withResult(measured, ({ startMs, endMs }) => ({ startMs: startMs + 864e5, endMs: endMs + 864e5 })),
    /the samples are of another time than this run/,
  ],
  [
    'agreement',
    'k6 counted one sample more of a counter',
    (measured) =>
      counted('http_reqs', { count: given(measured.summary?.metrics.http_reqs?.values.count) + 1 })(measured),
    /^http_reqs: sum \d+ here, \d+ in k6$/,
  ],
  [
    'agreement',
    'k6 counted one sample more of a trend',
    (measured) =>
      counted('http_req_duration', { count: given(measured.summary?.metrics.http_req_duration?.values.count) + 1 })(
        measured,
      ),
    /^http_req_duration: samples /,
  ],
  [
    'agreement',
    'k6 saw a success fail',
    (measured) => {
      const passes = given(measured.summary?.metrics.fiml_up?.values.passes);
      return counted('fiml_up', { passes: passes - 1, fails: 1 })(measured);
    },
    /^fiml_up: samples that are not zero /,
  ],
  [
    'agreement',
    'k6 counted one more of what a target selects',
    (measured) => {
      const key = 'http_reqs{cache:hot,phase:steady}';
      return counted(key, { count: given(measured.summary?.metrics[key]?.values.count) + 1 })(measured);
    },
    /^http_reqs\{cache:hot,phase:steady\}: sum /,
  ],
  [
    'agreement',
    'k6 wrote no end-of-test data',
    (measured) => ({ ...measured, summary: null, summaryProblem: 'k6 wrote no end-of-test data' }),
    /k6 wrote no end-of-test data/,
  ],
  [
    'agreement',
    'there is no end-of-test data and nobody knows why',
    (measured) => ({ ...measured, summary: null, summaryProblem: null }),
    /there is no end-of-test data of k6/,
  ],
  [
    'agreement',
    'the end-of-test data is empty, so that nothing in it differs',
    (measured) => ({ ...measured, summary: { ...given(measured.summary), metrics: {} } }),
    /^http_reqs: samples \d+ here, 0 in k6; .*; and \d+ more$/,
  ],
  [
    'length',
    'the run was a millisecond short',
    k6({ endedAtMs: evidence().run.k6.startedAtMs + 65_999 }),
    /1 ms less than/,
  ],
  ['length', 'iterations are missing', expecting('probes', 700), /probes: 660 of 700 planned iterations began/],
  ['length', 'a scenario never began', expecting('refill', 6), /refill: 0 of 6 planned iterations began/],
  ['length', 'the clock jumped over a part of the steady phase', steadyEndsEarlier(10_000), /50\.0 s of the 60\.0 s/],
  [
    'generator-cpu',
    'k6 used all its CPU',
    cpu(...busy(60, 0.99)),
    /more than 85 % of its CPU in 60 of 60 judged seconds/,
  ],
  [
    'generator-cpu',
    'others used the CPU that k6 was waiting for',
    cpu(...busy(60, 0.3, 0.7)),
    /used or waited for 100 % of its CPU .*, more than 85 %: other processes on this machine starved the generator/,
  ],
  [
    'generator-cpu',
    'nobody looked at its CPU in the steady phase',
    (measured) =>
      withRun(measured, ({ generator }) => ({ generator: { ...generator, samples: generator.samples.slice(0, 5) } })),
    /k6's CPU was not looked at in the steady phase/,
  ],
  [
    'server',
    'the server was another version afterwards',
    server(({ after }) => ({ after: { ...given(after), version: '0.4.2' } })),
    /the server's version changed from 0\.4\.1 to 0\.4\.2/,
  ],
  [
    'server',
    'the server was started anew',
    starts([SERVER_START_S], [SERVER_START_S + 30]),
    /the server was restarted/,
  ],
  ['server', 'two processes were seen under load', monitorSaw(SERVER_START_S, SERVER_START_S + 30), /was restarted/],
  [
    'server',
    'the process under load is not the one that was there before, and none is left to ask',
    (measured) => monitorSaw(SERVER_START_S + 30)(starts([SERVER_START_S], [])(measured)),
    /the server was restarted during the run/,
  ],
  ['clock', 'the clock went back', source({ clockStepBackMs: 3600 }), /the clock went back by 3600 ms/],
];

describe('a blinding flaw leaves nothing to be judged', () => {
  test.each(BLINDING)('%s: %s', (id, _what, break_, words) => {
    const verdict = judge(break_(evidence()));
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    const flaws = verdict.checks.filter(({ ok }) => !ok);
    expect(flaws).toMatchObject([{ id, kind: 'blinding', detail: expect.stringMatching(words) }]);
    expect(verdict.reasons).toEqual([`this run cannot be judged: ${flaws[0]?.detail}`]);
    for (const row of verdict.targets) {
      expect(row).toMatchObject({ verdict: row.severity === 'fail' ? 'INVALID' : 'WARN', reason: flaws[0]?.detail });
    }
  });

  test.each(BLINDING)('not even a target that is missed: %s: %s', (_id, _what, break_) => {
    const missed = evidence({ hotMs: around(400, 700), hits: 100, misses: 900 });
    expect(judge(missed).verdict).toBe('FAIL');
    const verdict = judge(break_(missed));
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    expect(verdict.targets.map((row) => row.verdict)).not.toContain('FAIL');
  });

  test('what belongs to none of them is no flaw', () => {
    expect(failedChecks(evidence())).toEqual([]);
  });
});

/** Judged by the analyses alone: the failures that some of the flaws consist of are no miss of theirs. */
const analyses = (ms: number, more: readonly Plain[] = [], changes = {}): Evidence =>
  evidenceOf([...healthy({ analysisMs: around(ms, 160), ...changes }), ...more], targetsNamed('p95-deep'));

const FLATTERING: readonly [id: string, what: string, measured: (ms: number) => Evidence, words: RegExp][] = [
  [
    'dropped-iterations',
    'iterations that were due did not begin',
    (ms) => analyses(ms, [], { dropped: 12 }),
    /12 of 1110 iterations of traffic \(1\.1 %\) never began, since every virtual user was waiting for an answer/,
  ],
  [
    'dropped-iterations',
    'too many of one scenario, though few of all',
    (ms) => analyses(ms, [plain('dropped_iterations', { scenario: 'probes' }, times(10, 1))]),
    /10 of 670 iterations of probes \(1\.5 %\) never began/,
  ],
  ['vu-ceiling', 'all virtual users were busy', (ms) => analyses(ms, [], { vus: [9, 121, 9] }), /all 121 were busy/],
  ['vu-ceiling', 'nobody counted them', (ms) => analyses(ms, [], { vus: [] }), /did not say how many virtual users/],
  [
    'unanswered',
    'requests were not answered',
    (ms) => analyses(ms, failing({ count: 30 })),
    /30 of 2520 .* \(1\.2 %\)/,
  ],
  [
    'survival',
    'the server is gone',
    (ms) => server(() => ({ after: null }))(analyses(ms)),
    /the server did not answer any more after the run/,
  ],
];

describe('a flattering flaw can only have made the server look better', () => {
  test.each(FLATTERING)('so that a pass proves nothing: %s: %s', (id, _what, measured, words) => {
    const verdict = judge(measured(800));
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    const flaws = verdict.checks.filter(({ ok }) => !ok);
    expect(flaws).toMatchObject([{ id, kind: 'flattering', detail: expect.stringMatching(words) }]);
    expect(verdict.reasons).toEqual([`a pass would prove nothing: ${flaws[0]?.detail}`]);
    expect(verdict.targets).toMatchObject([{ verdict: 'INVALID', reason: flaws[0]?.detail }]);
  });

  test.each(FLATTERING)('and a miss is one all the same: %s: %s', (_id, _what, measured) => {
    const verdict = judge(measured(4000));
    expect(verdict).toMatchObject({ verdict: 'FAIL', exitCode: 1 });
    expect(verdict.targets).toMatchObject([{ verdict: 'FAIL', reason: null }]);
    expect(verdict.reasons).toEqual([
      expect.stringMatching(/^P95 latency, deep analysis: \d+ ms, must be below 3000 ms$/),
      expect.stringMatching(/^a pass would prove nothing: /),
    ]);
  });

  test('nor does it leave a warning where an optional target holds', () => {
    const optional = withRun(analyses(800, [], { dropped: 12 }), ({ targets }) => ({
      targets: [...targets, ...targetsNamed('p95-narrative').map((target) => ({ ...target, scenarios: [] }))],
    }));
    expect(judge(optional).targets).toMatchObject([{ verdict: 'INVALID' }, { verdict: 'WARN' }]);
  });
});

describe('the line is drawn', () => {
  const flawOf = (measured: Evidence): string | undefined => failedChecks(measured)[0]?.id;

  test('above 85 % of CPU, and above 5 % of the seconds', () => {
    expect(flawOf(cpu(...busy(60, 0.85))(evidence()))).toBeUndefined();
    expect(flawOf(cpu(...busy(3, 0.851))(evidence()))).toBeUndefined();
    expect(flawOf(cpu(...busy(4, 0.851))(evidence()))).toBe('generator-cpu');
    expect(flawOf(cpu(...busy(60, 0.45, 0.4))(evidence()))).toBeUndefined();
    expect(flawOf(cpu(...busy(60, 0.45, 0.401))(evidence()))).toBe('generator-cpu');
    expect(flawOf(cpu(...busy(60, 0.851, null))(evidence()))).toBe('generator-cpu');
  });

  test('around the steady phase: a burst while the load begins is nobody’s loss', () => {
    const burst = withRun(evidence(), ({ generator }) => ({
      generator: {
        ...generator,
        samples: generator.samples.map((sample, i) => (i < 5 ? { ...sample, share: 1 } : sample)),
      },
    }));
    expect(flawOf(burst)).toBeUndefined();
  });

  test('and its words never say that more than 85 % is 85 %', () => {
    const { detail } = checkOf(cpu(...busy(60, 0.45, 0.401))(evidence()), 'generator-cpu');
    expect(detail).toMatch(/for 85\.10 % of its CPU on average in the steady phase, more than 85 %/);
  });

  test('above 1 % of dropped iterations', () => {
    const traffic = { hotMs: around(20, 590) };
    expect(flawOf(evidence({ ...traffic, dropped: 10 }))).toBeUndefined();
    expect(flawOf(evidence({ ...traffic, dropped: 11 }))).toBe('dropped-iterations');
  });

  test('above 1 % of requests without an answer', () => {
    const requests = (silent: number) =>
      evidenceOf(
        [...healthy({ ...NOTHING_SENT, analysisMs: times(1000 - silent, 800) }), ...failing({ count: silent })],
        targetsNamed('p95-deep'),
      );
    expect(flawOf(requests(10))).toBeUndefined();
    expect(flawOf(requests(11))).toBe('unanswered');
    const refused = failing({ count: 500, status: '503', ms: 1 });
    expect(flawOf(evidenceOf([...healthy(), ...refused], targetsNamed('p95-deep')))).toBeUndefined();
  });

  test('at the ceiling of virtual users', () => {
    expect(flawOf(evidence({ vus: [9, 120, 9] }))).toBeUndefined();
    expect(flawOf(evidence({ vus: [9, 122, 9] }))).toBe('vu-ceiling');
  });

  test('at 2 % or 5 iterations that are missing, whichever is more; dropped ones are not missing', () => {
    expect(flawOf(expecting('traffic', 1132)(evidence()))).toBeUndefined();
    expect(flawOf(expecting('traffic', 1133)(evidence()))).toBe('length');
    expect(flawOf(expecting('refill', 5)(evidence()))).toBeUndefined();
    expect(flawOf(expecting('traffic', 1133)(evidence({ dropped: 1 })))).toBe('length');
    expect(checkOf(evidence({ dropped: 40 }), 'length')).toMatchObject({ ok: true });
  });

  test('not where users start when the server lets them: closed model and monitor', () => {
    const closed = withRun(expecting('traffic', 5000)(evidence()), ({ options }) => ({
      options: { ...options, PERF_MODEL: { value: 'closed', source: 'environment' } },
    }));
    expect(flawOf(closed)).toBeUndefined();
    expect(flawOf(expecting('monitor', 5000)(evidence()))).toBeUndefined();
    expect(flawOf(expecting('probes', 700)(closed))).toBe('length');
  });

  test('at a tenth of the steady phase without an answer at its ends', () => {
    expect(flawOf(steadyEndsEarlier(6000)(evidence()))).toBeUndefined();
    expect(flawOf(steadyEndsEarlier(6001)(evidence()))).toBe('length');
  });

  test('at what was planned, to the millisecond', () => {
    expect(flawOf(k6({ endedAtMs: evidence().run.k6.startedAtMs + 66_000 })(evidence()))).toBeUndefined();
  });

  test('nowhere for a scenario without a plan', () => {
    const free = withRun(evidence({ vus: [1000] }), () => ({ plan: null }));
    expect(flawOf(k6({ endedAtMs: free.run.k6.startedAtMs + 10_000 })(free))).toBeUndefined();
    expect(checkOf(free, 'length').detail).toMatch(/no plan/);
  });

  test.each([0, 99])('k6’s exit code %d is an end as it should be', (exitCode) => {
    expect(failedChecks(k6({ exitCode })(evidence()))).toEqual([]);
  });
});

describe('what cannot be looked at is said', () => {
  test('a system that does not tell CPU times', () => {
    const elsewhere = withRun(evidence(), () => ({ generator: { cpuLimit: null, samples: [] } }));
    expect(checkOf(elsewhere, 'generator-cpu')).toMatchObject({
      ok: true,
      unchecked: true,
      detail: 'this system does not tell',
    });
  });

  test('several workers, of which no restart can be told', () => {
    for (const [before, after] of [
      [
        [1, 2],
        [2, 3],
      ],
      [[1, 2], [1]],
      [[1], [1, 2]],
    ] as const) {
      const check = checkOf(starts(before, after)(evidence()), 'server');
      expect(check).toMatchObject({ ok: true, detail: expect.stringMatching(/several workers .* cannot be told/) });
    }
  });

  test('a server that does not say when it was started, or which version it is', () => {
    const mute = (measured: Evidence) => starts([], [])(measured);
    expect(checkOf(mute(evidence()), 'server').detail).toBe('same version, whether it was restarted is not known');
    const nameless = server(({ before, after }) => ({
      before: { ...given(before), version: null },
      after: { ...given(after), version: null },
    }));
    expect(checkOf(nameless(evidence()), 'server')).toMatchObject({
      ok: true,
      detail: 'version not known, not restarted',
    });
    expect(checkOf(evidence(), 'server').detail).toBe('same version, not restarted');
  });

  test('a server that fails at telling its version afterwards is no other one', () => {
    const failing = server(({ after }) => ({ after: { ...given(after), version: null } }));
    expect(checkOf(failing(evidence()), 'server')).toMatchObject({
      ok: true,
      detail: 'version not known, not restarted',
    });
  });

  test('a version that is told only afterwards is a change', () => {
    const changed = server(({ before }) => ({ before: { ...given(before), version: null } }));
    expect(checkOf(changed(evidence()), 'server')).toMatchObject({ ok: false });
  });

  test('without samples no check claims to have seen any', () => {
    const { checks } = judge({ ...evidence(), result: null, resultProblem: 'k6 wrote no samples.json.gz' });
    expect(Object.fromEntries(checks.map(({ id, ok }) => [id, ok]))).toEqual({
      'k6-end': true,
      'iterations-threw': true,
      samples: false,
      agreement: false,
      length: false,
      'generator-cpu': true,
      server: true,
      clock: true,
    });
    expect(checks.find(({ id }) => id === 'generator-cpu')).toMatchObject({ ok: true, unchecked: true });
    expect(checks.find(({ id }) => id === 'clock')).toMatchObject({ ok: true, unchecked: true });
  });
});

test('notes of the run stand beside the checks and decide nothing', () => {
  const noted = withRun(evidence(), () => ({ notes: ['K6_VUS was ignored'] }));
  const verdict = judge(noted);
  expect(verdict).toMatchObject({ verdict: 'PASS', reasons: [] });
  expect(verdict.checks.at(-1)).toEqual({
    id: 'note',
    title: 'note',
    kind: 'note',
    ok: true,
    detail: 'K6_VUS was ignored',
  });
});
