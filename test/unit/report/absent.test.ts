import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import type { Evidence } from '../../../scripts/result/evidence';
import type { Series } from '../../../scripts/result/result';
import type { Verdict } from '../../../scripts/result/verdict';
import {
  around,
  evidenceOf,
  failing,
  given,
  healthy as healthyRun,
  times,
  withResult,
  withRun,
} from '../../support/evidence';

/** Few samples, so that many runs can be tried; all are enough for nothing but their series to be there. */
const healthy = () =>
  healthyRun({
    hotMs: around(20, 60),
    coldMs: around(300, 20),
    analysisMs: around(800, 20),
    probes: times(60, true),
    providerOk: times(40, true),
    dropped: 3,
  });
const complete = evidenceOf([...healthy(), ...failing({ count: 5 })]);

/** No report may show what JavaScript says where there is nothing. */
function expectWhole(measured: Evidence, verdict: Verdict = judge(measured)): void {
  const rendered = render(measured, verdict);
  for (const text of [rendered.markdown, rendered.console(false), rendered.html(null), verdict.reasons.join('\n')]) {
    expect(text).not.toMatch(/\b(NaN|undefined|null|Infinity|\[object)\b/);
  }
  expect(rendered.markdown.match(/^## /gm)).toHaveLength(12);
}

const changed = (change: (series: Series) => Series | Series[]) =>
  withResult(complete, ({ series }) => ({ series: series.flatMap(change) }));

const METRICS = [...new Set(healthy().map(({ metric }) => metric)), 'fiml_failures'];

describe('a report is whole', () => {
  test('of a run that has everything', () => expectWhole(complete));

  test.each(METRICS)('without any sample of %s', (metric) => {
    expectWhole(changed((series) => (series.metric === metric ? [] : series)));
    // The same where k6 knows of none either, so that the run can be judged.
    const plains = [...healthy(), ...failing({ count: 5 })];
    expectWhole(evidenceOf(plains.filter((one) => one.metric !== metric)));
  });

  test.each(METRICS)('with nothing but %s', (metric) => {
    expectWhole(evidenceOf(healthy().filter((one) => one.metric === metric)));
  });

  test.each([
    'cache',
    'name',
    'op',
    'phase',
    'status',
    'scenario',
    'layer',
    'reason',
  ])('when nothing has the tag %s', (tag) => {
    expectWhole(
      changed((series) => ({
        ...series,
        tags: Object.fromEntries(Object.entries(series.tags).filter(([name]) => name !== tag)),
      })),
    );
  });

  test('of a spoiled run says of no part that it is to blame for what spoiled it', () => {
    const cut = withResult(complete, ({ series, source }) => ({
      series: series.filter(({ metric }) => metric !== 'fiml_cache_hit_rate'),
      source: { ...source, truncated: true },
    }));
    const { markdown } = render(cut, judge(cut));
    expect(markdown).toContain('Hit rate: not measured.');
    expect(markdown).not.toContain('To measure');
  });

  test('of series without time buckets, without histograms, without samples', () => {
    expectWhole(changed(({ buckets: _, ...series }) => series));
    expectWhole(changed(({ histogram: _, ...series }) => series));
    expectWhole(changed((series) => ({ ...series, count: 0, sum: 0, nonZero: 0, histogram: [], buckets: [] })));
  });

  test.each<[what: string, measured: Evidence]>([
    ['no plan', withRun(complete, () => ({ plan: null }))],
    [
      'an empty plan',
      withRun(complete, ({ plan }) => ({
        plan: { ...given(plan), phases: [], expectedIterations: {}, vuCeiling: {} },
      })),
    ],
    ['no best hit rate', withRun(complete, ({ plan }) => ({ plan: { ...given(plan), bestHitRate: null } }))],
    ['no profile', withRun(complete, () => ({ profile: null }))],
    ['no look before', withRun(complete, ({ target }) => ({ target: { ...target, before: null } }))],
    ['no look after', withRun(complete, ({ target }) => ({ target: { ...target, after: null } }))],
    ['no look at all', withRun(complete, ({ target }) => ({ target: { ...target, before: null, after: null } }))],
    [
      'a server that says nothing of itself',
      withRun(complete, ({ target }) => {
        const mute = { atMs: 0, version: null, environment: null, startTimesS: [] };
        return { target: { ...target, before: mute, after: mute } };
      }),
    ],
    ['no commit', withRun(complete, ({ identity }) => ({ identity: { ...identity, commit: null, dirty: null } }))],
    ['no CPU limit', withRun(complete, () => ({ generator: { cpuLimit: null, samples: [] } }))],
    [
      'no waiting times',
      withRun(complete, ({ generator }) => ({
        generator: { ...generator, samples: generator.samples.map((sample) => ({ ...sample, waiting: null })) },
      })),
    ],
    ['no exit code', withRun(complete, ({ k6 }) => ({ k6: { ...k6, exitCode: null } }))],
    [
      'a throw without its message',
      withRun(complete, ({ k6 }) => ({ k6: { ...k6, thrownIterations: 2, firstThrown: null } })),
    ],
    ['no options', withRun(complete, () => ({ options: {} }))],
    ['no targets', withRun(complete, () => ({ targets: [] }))],
    ['no result', { ...complete, result: null }],
    ['no result, for a reason', { ...complete, result: null, resultProblem: 'k6 wrote nothing' }],
    ['no summary', { ...complete, summary: null }],
    ['neither', { ...complete, result: null, summary: null }],
    ['no series', withResult(complete, () => ({ series: [] }))],
    ['nothing', evidenceOf([])],
  ])('with %s', (_what, measured) => expectWhole(measured));

  test('of a verdict in which every figure is missing', () => {
    const verdict = judge(complete);
    for (const [key, word] of [
      ['value', 'INVALID'],
      ['bound', 'FAIL'],
      ['margin', 'FAIL'],
      ['reason', 'WARN'],
    ] as const) {
      const targets = verdict.targets.map((row) => ({ ...row, [key]: null, verdict: word, measurable: false }));
      expectWhole(complete, { ...verdict, runId: null, verdict: word, targets, checks: [] });
    }
  });
});
