import { comparisonSubject } from '../../../scripts/compare/subject';
import { fullSubject } from '../../../scripts/full/subject';
import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import { FORMATS } from '../../../scripts/report/formats';
import type { Suite } from '../../../scripts/report/junit/suite';
import { junitXml } from '../../../scripts/report/junit/xml';
import type { Evidence } from '../../../scripts/result/evidence';
import type { VerdictWord } from '../../../scripts/result/verdict';
import { comparison, comparisonRow } from '../../support/comparison';
import { evidence, evidenceOf, given, healthy, targetsNamed, withRun } from '../../support/evidence';
import { fullOf, fullPart } from '../../support/full';
import { type SeenCase, type SeenSuite, schemaErrors, suitesIn } from '../../support/junit';

const runXml = (measured: Evidence, failOn: readonly VerdictWord[] = []) =>
  FORMATS.junit([render(measured, judge(measured, failOn))]);
const only = (xml: string): SeenSuite => {
  const suites = suitesIn(xml);
  expect(suites).toHaveLength(1);
  return given(suites[0]);
};
const outcomes = ({ cases }: SeenSuite, group: string) =>
  Object.fromEntries(
    cases.filter(({ classname }) => classname.endsWith(`.${group}`)).map(({ name, outcome }) => [name, outcome]),
  );
const caseOf = ({ cases }: SeenSuite, name: string): SeenCase => given(cases.find((one) => one.name === name));

describe('a run', () => {
  test('has a case for its verdict, each target and each check, and all pass when it does', async () => {
    const measured = evidence();
    const xml = runXml(measured);
    expect(await schemaErrors([xml])).toEqual([]);
    const suite = only(xml);
    expect(suite.name).toBe('load.smoke');
    const { targets, checks } = judge(measured);
    expect(suite.cases).toHaveLength(1 + targets.length + checks.filter(({ kind }) => kind !== 'note').length);
    expect(Object.keys(outcomes(suite, 'targets'))).toEqual(targets.map(({ title }) => title));
    expect(suite.counts).toEqual({ tests: suite.cases.length, failures: 0, errors: 0, skipped: 0 });
    expect(caseOf(suite, 'P95 latency, cached queries').text).toMatch(
      /^PASS: 2\d\.\d ms, must be below 200 ms; 95 % bound .* ms; 700 samples, 59 needed$/,
    );
  });

  test('that misses a target is a failure with value, limit and bound', () => {
    const suite = only(runXml(evidence({ hotMs: Array(100).fill(300) }, 'p95-cached', 'error-rate')));
    expect(outcomes(suite, 'targets')).toEqual({
      'P95 latency, cached queries': 'failure',
      'Error rate, all five layers': 'passed',
    });
    expect(caseOf(suite, 'P95 latency, cached queries').text).toMatch(
      /^FAIL: 300 ms, must be below 200 ms; 95 % bound 300 ms; 100 samples, 59 needed$/,
    );
    expect(outcomes(suite, 'verdict')).toEqual({ verdict: 'failure' });
    expect(suite.counts).toMatchObject({ failures: 2, errors: 0 });
  });

  test('that cannot be judged is an error, in its verdict, its targets and the check, and nowhere a pass', () => {
    const measured = withRun(evidence({}, 'p95-cached'), ({ k6 }) => ({ k6: { ...k6, thrownIterations: 3 } }));
    const suite = only(runXml(measured));
    expect(judge(measured).verdict).toBe('INVALID');
    expect(outcomes(suite, 'verdict')).toEqual({ verdict: 'error' });
    expect(outcomes(suite, 'targets')).toEqual({ 'P95 latency, cached queries': 'error' });
    const flawed = judge(measured).checks.filter(({ ok }) => !ok);
    expect(
      suite.cases.filter(({ classname, outcome }) => classname.endsWith('.checks') && outcome === 'error'),
    ).toHaveLength(flawed.length);
  });

  test('leaves open what an optional target says, unless that is to fail', () => {
    const measured = withRun(evidence({}, 'p95-cached', 'error-rate'), ({ targets }) => ({
      targets: targets.map((target) =>
        target.id === 'p95-cached' ? { ...target, limit: 1, severity: 'warn' } : target,
      ),
    }));
    const suite = only(runXml(measured));
    expect(outcomes(suite, 'targets')).toMatchObject({ 'P95 latency, cached queries': 'skipped' });
    expect(outcomes(suite, 'verdict')).toEqual({ verdict: 'skipped' });
    expect(outcomes(only(runXml(measured, ['WARN'])), 'verdict')).toEqual({ verdict: 'failure' });
  });

  test('skips what cannot be measured on this target, where that is optional', () => {
    const plains = healthy().filter(({ metric }) => metric !== 'fiml_narrative_duration');
    const unmeasured = evidenceOf(plains, targetsNamed('p95-narrative', 'error-rate'));
    const row = given(judge(unmeasured).targets.find(({ id }) => id === 'p95-narrative'));
    expect(row.verdict).toBe('WARN');
    expect(caseOf(only(runXml(unmeasured)), row.title)).toMatchObject({ outcome: 'skipped' });
    expect(caseOf(only(runXml(unmeasured)), row.title).text).toContain('not measurable on this target');
  });
});

describe('a comparison', () => {
  const suiteOf = (changes: Parameters<typeof comparison>[0]) =>
    only(FORMATS.junit([comparisonSubject(comparison(changes))]));

  test('has its verdict and a case for each measure; those that decide nothing fail nothing', async () => {
    const rows = [
      comparisonRow({ title: 'slower', verdict: 'REGRESSED', gating: true }),
      comparisonRow({ title: 'same', verdict: 'NO CHANGE', gating: true }),
      comparisonRow({ title: 'faster', verdict: 'IMPROVED', gating: true }),
      comparisonRow({ title: 'who knows', verdict: 'INCONCLUSIVE', gating: true }),
      comparisonRow({ title: 'too few', verdict: 'INVALID', gating: true }),
      comparisonRow({ title: 'beside', verdict: 'REGRESSED', gating: false }),
      comparisonRow({ title: 'beside, too few', verdict: 'INVALID', gating: false }),
    ];
    const changes = { verdict: 'REGRESSED', exitCode: 1, rows } as const;
    expect(await schemaErrors([FORMATS.junit([comparisonSubject(comparison(changes))])])).toEqual([]);
    const suite = suiteOf(changes);
    expect(outcomes(suite, 'verdict')).toEqual({ verdict: 'failure' });
    expect(outcomes(suite, 'measures')).toEqual({
      slower: 'failure',
      same: 'passed',
      faster: 'passed',
      'who knows': 'skipped',
      'too few': 'error',
    });
    expect(outcomes(suite, 'other measures')).toEqual({ beside: 'skipped', 'beside, too few': 'skipped' });
    expect(caseOf(suite, 'slower').text).toMatch(
      /^REGRESSED: \+20\.0 % \(\+15\.0 to \+25\.0 %\), from 100 ms to 120 ms/,
    );
  });

  test('is skipped without a baseline, and a failure where that is to fail', () => {
    const without = { verdict: 'NO BASELINE' as const, rows: [], exitCode: 0 };
    expect(outcomes(suiteOf(without), 'verdict')).toEqual({ verdict: 'skipped' });
    expect(outcomes(suiteOf({ ...without, exitCode: 1 }), 'verdict')).toEqual({ verdict: 'failure' });
  });
});

test('a full suite has a line for each part, and says when the files of one are gone', async () => {
  const full = fullOf(
    fullPart({ name: 'smoke', folder: 'smoke' }),
    fullPart({ name: 'redis-slow', folder: null, verdict: 'NOT RUN', countsAs: 'WARN' }),
    fullPart({ name: 'spike', folder: null, verdict: 'NOT RUN', countsAs: 'INVALID', exitCode: 3 }),
  );
  const xml = FORMATS.junit([fullSubject(full, 'nowhere')]);
  expect(await schemaErrors([xml])).toEqual([]);
  const [suite, smoke] = suitesIn(xml) as [SeenSuite, SeenSuite];
  expect(outcomes(suite, 'parts')).toEqual({ smoke: 'passed', 'redis-slow': 'skipped', spike: 'error' });
  expect(smoke.name).toBe('full.smoke');
  expect(caseOf(smoke, 'files of the part')).toMatchObject({ outcome: 'error' });
});

describe('the file', () => {
  const suite: Suite = {
    name: 'a',
    startedAtMs: Date.UTC(2026, 10, 24),
    durationS: 1e-9,
    properties: [['p', 'v']],
    cases: [
      { group: 'g', name: 'n', outcome: 'passed', detail: 'd' },
      { group: 'g', name: 'n', outcome: 'failure', detail: '5 < 6 & ]]>' },
      { group: 'g', name: 'n (2)', outcome: 'passed', detail: '' },
    ],
  };

  test('tells cases and suites apart that are called alike', async () => {
    const xml = junitXml([suite, suite]);
    expect(await schemaErrors([xml])).toEqual([]);
    expect(suitesIn(xml).map(({ name }) => name)).toEqual(['a', 'a (2)']);
    expect(given(suitesIn(xml)[0]).cases.map(({ name }) => name)).toEqual(['n', 'n (2)', 'n (2) (2)']);
    expect(given(suitesIn(xml)[0]).cases[1]).toMatchObject({ outcome: 'failure', text: '5 < 6 & ]]>' });
  });

  test('would be refused by the schema with a part that it does not know', async () => {
    const xml = junitXml([suite]);
    expect(await schemaErrors([xml.replace('<testsuites ', '<testsuites skipped="1" ')])).not.toEqual([]);
    expect(await schemaErrors([xml.replace('type="failure"', 'level="failure"')])).not.toEqual([]);
    expect(await schemaErrors([xml.replace('</testcase>', '')])).not.toEqual([]);
  });
});
