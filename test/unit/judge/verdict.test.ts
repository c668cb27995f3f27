import { Command } from 'commander';
import { UserError } from '../../../scripts/errors';
import { judge } from '../../../scripts/judge';
import { addVerdictOptions, readVerdictOptions } from '../../../scripts/judge/options';
import type { Evidence } from '../../../scripts/result/evidence';
import { failureCounts, failuresByLayer } from '../../../scripts/result/failures';
import { VERDICTS, type Verdict, type VerdictWord, verdictSchema } from '../../../scripts/result/verdict';
import type { Target } from '../../../thresholds';
import {
  COLD,
  evidence,
  evidenceOf,
  failing,
  given,
  healthy,
  targetsNamed,
  times,
  withResult,
  withRun,
} from '../../support/evidence';

const SLOW = { hotMs: times(100, 300) };
const FEW = { coldMs: times(10, 300) };
const NO_NARRATIVE = (measured: Evidence) =>
  withResult(measured, ({ series }) => ({
    series: series.filter(({ metric }) => metric !== 'fiml_narrative_duration'),
  }));
/** The metric is gone from k6's data as well, as it is on a server without an LLM. */
const withoutNarrative = (changes = {}): Evidence => {
  const plains = healthy(changes).filter(({ metric }) => metric !== 'fiml_narrative_duration');
  return evidenceOf(plains);
};
const withSeverity = (measured: Evidence, severity: Target['severity']): Evidence =>
  withRun(measured, ({ targets }) => ({ targets: targets.map((target) => ({ ...target, severity })) }));

describe('a run is as good as the worst of it', () => {
  test('in the order that the design gives', () => {
    expect(VERDICTS).toEqual(['FAIL', 'REGRESSED', 'INVALID', 'INCONCLUSIVE', 'WARN', 'NO BASELINE', 'PASS']);
  });

  test.each<[what: string, measured: Evidence, verdict: VerdictWord, exitCode: number]>([
    ['all well', evidence(), 'PASS', 0],
    ['an optional target that cannot be measured', withoutNarrative(), 'WARN', 0],
    ['that, and too few samples', withoutNarrative(FEW), 'INVALID', 3],
    ['that, and a miss', withoutNarrative({ ...FEW, ...SLOW }), 'FAIL', 1],
    ['a miss and too few samples', evidence({ ...FEW, ...SLOW }), 'FAIL', 1],
    ['too few samples alone', evidence(FEW), 'INVALID', 3],
  ])('%s', (_what, measured, verdict, exitCode) => {
    expect(judge(measured)).toMatchObject({ verdict, exitCode });
  });

  test('the worst comes first among the reasons, and each sort in its turn', () => {
    const { reasons } = judge(withoutNarrative({ ...FEW, ...SLOW, dropped: 30 }));
    expect(reasons).toEqual([
      'P95 latency, cached queries: 300 ms, must be below 200 ms',
      expect.stringMatching(/^a pass would prove nothing: 30 of \d+ iterations of traffic/),
      'P95 latency, cold fetch from a provider: too few samples: 10, and below 2000 ms takes 59',
      expect.stringMatching(/^P95 latency, answers with a narrative: not measurable on this target/),
    ]);
  });

  test('what all targets owe to two flaws is said once for each flaw, not for each target', () => {
    const cut = withResult(evidence(), ({ source }) => ({
      source: { ...source, truncated: true, clockStepBackMs: 5 },
    }));
    expect(judge(cut).reasons).toEqual([
      'this run cannot be judged: the file of samples is cut off',
      'this run cannot be judged: the clock went back by 5 ms: phases cannot be told apart',
    ]);
  });
});

describe('nothing proven is never a pass', () => {
  test.each<[what: string, measured: Evidence]>([
    ['no target', withRun(evidence(), () => ({ targets: [] }))],
    ['only optional targets', withSeverity(evidence(), 'warn')],
    ['only targets for information', withSeverity(evidence(), 'info')],
  ])('%s', (_what, measured) => {
    const verdict = judge(measured);
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    expect(verdict.reasons).toContain('no target was required to hold');
  });

  test('an optional target that is missed does not outweigh it', () => {
    expect(judge(withSeverity(evidence(SLOW), 'warn'))).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  });

  test('a required one that holds is enough', () => {
    expect(judge(evidence({}, 'p95-deep')).reasons).not.toContain('no target was required to hold');
  });

  test.each<[what: string, measured: Evidence]>([
    ['a result without a single series', withResult(evidence(), () => ({ series: [] }))],
    ['no result', { ...evidence(), result: null, resultProblem: 'k6 wrote no samples.json.gz' }],
    ['no result and no reason for it', { ...evidence(), result: null }],
    ['no end-of-test data', { ...evidence(), summary: null, summaryProblem: 'k6 wrote no end-of-test data' }],
    ['neither', { ...evidence(), result: null, summary: null, resultProblem: null, summaryProblem: null }],
    ['nothing at all', evidenceOf([])],
  ])('%s', (_what, measured) => {
    const verdict = judge(measured);
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    expect(verdict.reasons.length).toBeGreaterThan(0);
    expect(new Set(verdict.targets.map((row) => row.verdict))).toEqual(new Set(['INVALID', 'WARN']));
  });

  test('also when the very target that is missing is the optional one', () => {
    const verdict = judge(NO_NARRATIVE(evidence()));
    expect(verdict.verdict).toBe('INVALID');
    expect(verdict.checks.find(({ id }) => id === 'agreement')?.ok).toBe(false);
  });
});

describe('the exit code follows from the verdict', () => {
  test('0 for PASS and WARN, 1 for FAIL, 3 for INVALID', () => {
    expect(
      [evidence(), withoutNarrative(), evidence(SLOW), evidence(FEW)].map((one) => {
        const { verdict, exitCode } = judge(one);
        return [verdict, exitCode];
      }),
    ).toEqual([
      ['PASS', 0],
      ['WARN', 0],
      ['FAIL', 1],
      ['INVALID', 3],
    ]);
  });

  test('but for those that shall fail as well', () => {
    const exitCode = (measured: Evidence, ...failOn: VerdictWord[]) => judge(measured, failOn).exitCode;
    expect(exitCode(withoutNarrative(), 'WARN')).toBe(1);
    expect(exitCode(withoutNarrative(), 'NO BASELINE', 'INCONCLUSIVE')).toBe(0);
    expect(exitCode(evidence(), 'WARN')).toBe(0);
    expect(exitCode(evidence(), 'PASS')).toBe(1);
  });

  test('of which none can make a run that is INVALID or missed look like another', () => {
    expect(judge(evidence(FEW), ['INVALID', 'WARN']).exitCode).toBe(3);
    expect(judge(evidence(SLOW), ['FAIL']).exitCode).toBe(1);
    expect(judge(withoutNarrative(), ['WARN']).verdict).toBe('WARN');
  });
});

describe('the options of a verdict', () => {
  test('take verdicts in any case, with spaces and empty places', () => {
    expect(readVerdictOptions({ failOn: 'warn, Inconclusive,,no baseline' })).toEqual({
      failOn: ['WARN', 'INCONCLUSIVE', 'NO BASELINE'],
      ci: false,
    });
    expect(readVerdictOptions({})).toEqual({ failOn: [], ci: false });
  });

  test('in CI a missing baseline fails', () => {
    expect(readVerdictOptions({ ci: true })).toEqual({ failOn: ['NO BASELINE'], ci: true });
    expect(readVerdictOptions({ ci: true, failOn: 'warn' }).failOn).toEqual(['WARN', 'NO BASELINE']);
  });

  test('know no other word, and name those there are', () => {
    expect(() => readVerdictOptions({ failOn: 'warning,skip' })).toThrow(UserError);
    expect(() => readVerdictOptions({ failOn: 'warning,skip' })).toThrow(
      /WARNING, SKIP is no verdict; there are FAIL, /,
    );
  });

  test('are those of the command line', () => {
    const command = new Command();
    addVerdictOptions(command);
    command.parse(['--fail-on', 'warn', '--ci'], { from: 'user' });
    expect(readVerdictOptions(command.opts())).toEqual({ failOn: ['WARN', 'NO BASELINE'], ci: true });
  });
});

describe('failures are told by layer', () => {
  const broken = evidenceOf([
    ...healthy(),
    ...failing({ count: 60, layer: 'data', reason: 'no data', status: '200', ms: 20 }),
    ...failing({ count: 20, layer: 'http', reason: 'status 503', status: '503', ms: 2, tags: COLD }),
    ...failing({ count: 20, layer: 'data', reason: 'no price', status: '200', ms: 20, tags: COLD }),
  ]);

  test('in the reason of an error rate that is missed, the most frequent first', () => {
    expect(judge(broken).reasons).toContain(
      'Error rate, all five layers: 3.86 %, must be below 1 %; 100 failures by layer: data 80 (80 %), http 20 (20 %)',
    );
  });

  test('and in no other reason', () => {
    const down = evidenceOf([...healthy({ probes: times(660, false) }), ...failing({ count: 9, status: '503' })]);
    expect(judge(down).reasons).toContain('Uptime: 0.00 %, must be above 99.5 %');
  });

  test('counted by layer, operation and reason', () => {
    const failures = failureCounts(given(broken.result), { phase: 'steady' });
    expect(failures).toEqual([
      { layer: 'data', operation: 'search-quick', reason: 'no data', count: 60 },
      { layer: 'data', operation: 'search-quick', reason: 'no price', count: 20 },
      { layer: 'http', operation: 'search-quick', reason: 'status 503', count: 20 },
    ]);
    expect(failuresByLayer(failures)).toEqual([
      { layer: 'data', count: 80 },
      { layer: 'http', count: 20 },
    ]);
    expect(failureCounts(given(broken.result), { phase: 'warmup' })).toEqual([]);
  });

  test('one that carries no tags is an unknown one, not a lost one', () => {
    const untagged = withResult(broken, ({ series }) => ({
      series: series.map((one) => (one.metric === 'fiml_failures' ? { ...one, tags: { phase: 'steady' } } : one)),
    }));
    expect(failureCounts(given(untagged.result), { phase: 'steady' })).toEqual([
      { layer: 'unknown', operation: 'unknown', reason: 'unknown', count: 100 },
    ]);
  });
});

describe('where k6 is stricter, since it knows no target of several operations', () => {
  const KEY = 'http_req_duration{op:poll,phase:steady}';
  const crossing = (measured: Evidence, ok: boolean): Evidence => {
    const summary = given(measured.summary);
    const told = { ...given(summary.metrics[KEY]), thresholds: { 'p(99)<500': { ok }, 'avg<200': { ok: true } } };
    return { ...measured, summary: { ...summary, metrics: { ...summary.metrics, [KEY]: told } } };
  };
  const notesOf = (measured: Evidence) => judge(measured).checks.filter(({ kind }) => kind === 'note');

  test('a pass says so, and stays one', () => {
    expect(judge(crossing(evidence(), false))).toMatchObject({ verdict: 'PASS', exitCode: 0 });
    expect(notesOf(crossing(evidence(), false)).map(({ detail }) => detail)).toEqual([
      `k6 takes each part of a target by itself, and would have failed this run: ${KEY} p(99)<500`,
    ]);
  });

  test('nothing needs saying where k6 agrees, or the run does not pass anyway', () => {
    expect(notesOf(crossing(evidence(), true))).toEqual([]);
    expect(notesOf(crossing(evidence(SLOW), false))).toEqual([]);
  });
});

describe('where k6 had no thresholds, since the load is so large', () => {
  /** k6 keeps figures by tags of nothing then, and ends with 0 whatever it saw. */
  const left = (measured: Evidence): Evidence => {
    const summary = given(measured.summary);
    const whole = Object.entries(summary.metrics).filter(([name]) => !name.includes('{'));
    const metrics = Object.fromEntries(whole.map(([name, { thresholds: _, ...metric }]) => [name, metric]));
    const k6 = { ...measured.run.k6, exitCode: 0, leftToJudge: true as const };
    return { ...measured, summary: { ...summary, metrics }, run: { ...measured.run, k6 } };
  };
  const agreementOf = (measured: Evidence) => judge(measured).checks.find(({ id }) => id === 'agreement');

  test('the judge fails what misses a target, and passes what does not, as anywhere', () => {
    for (const measured of [evidence(), evidence(SLOW), evidence(FEW), withoutNarrative()]) {
      expect(judge(left(measured)).targets).toEqual(judge(measured).targets);
    }
    expect(judge(left(evidence()))).toMatchObject({ verdict: 'PASS', exitCode: 0 });
    expect(judge(left(evidence(SLOW)))).toMatchObject({ verdict: 'FAIL', exitCode: 1 });
  });

  test('the check of the counts says that there were none, and of other runs it does not', () => {
    expect(agreementOf(left(evidence()))).toMatchObject({
      ok: true,
      detail: 'every metric agrees as a whole; k6 had no thresholds, which so large a load leaves to the judge',
    });
    expect(agreementOf(evidence())).toMatchObject({ ok: true, detail: 'every metric agrees' });
  });

  test('a sample that was lost is missed all the same', () => {
    const measured = left(evidence());
    const summary = given(measured.summary);
    const more = { ...given(summary.metrics.http_reqs), values: { count: 1e6 } };
    const lost = { ...measured, summary: { ...summary, metrics: { ...summary.metrics, http_reqs: more } } };
    expect(agreementOf(lost)).toMatchObject({ ok: false, detail: expect.stringMatching(/^http_reqs: sum /) });
    expect(judge(lost)).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  });
});

test('what is written down is what the schema says, and reads back the same', () => {
  for (const measured of [evidence(), evidence(SLOW), evidence(FEW), evidenceOf([]), withoutNarrative()]) {
    const verdict = judge(measured);
    const read: Verdict = verdictSchema.parse(JSON.parse(JSON.stringify(verdict)));
    expect(read).toEqual(verdict);
    expect(read.runId).toBe(measured.run.id);
  }
});

test('every row says what was asked of it', () => {
  const [row] = judge(evidence({}, 'p95-cached')).targets;
  const [target] = targetsNamed('p95-cached');
  const {
    why: _why,
    guard: _guard,
    scenarios: _scenarios,
    profiles: _profiles,
    unmeasurable: _unmeasurable,
    ...asked
  } = given(target);
  expect(row).toMatchObject(asked);
});
