import { judge } from '../../../scripts/judge';
import type { Evidence } from '../../../scripts/result/evidence';
import { Histogram } from '../../../scripts/result/histogram';
import type { TargetRow } from '../../../scripts/result/verdict';
import { minimumSamples, type Target } from '../../../thresholds';
import {
  around,
  COLD,
  evidence,
  evidenceOf,
  failing,
  given,
  HOT,
  healthy,
  NOTHING_SENT,
  type Plain,
  plain,
  targetsNamed,
  times,
  withResult,
  withRun,
} from '../../support/evidence';

const rowOf = (measured: Evidence, id: string): TargetRow =>
  given(judge(measured).targets.find((row) => row.id === id));

const only = (plains: readonly Plain[], ...ids: string[]) => evidenceOf(plains, targetsNamed(...ids));
const without = (metric: string, plains: readonly Plain[] = healthy()) => plains.filter((one) => one.metric !== metric);
const withSeverity = (measured: Evidence, id: string, severity: Target['severity']): Evidence =>
  withRun(measured, ({ targets }) => ({
    targets: targets.map((target) => (target.id === id ? { ...target, severity } : target)),
  }));

test('a run in which all is well passes every target, with nothing to be said', () => {
  const verdict = judge(evidence());
  expect(verdict).toMatchObject({ verdict: 'PASS', exitCode: 0, reasons: [] });
  expect(verdict.targets.map((row) => [row.id, row.verdict])).toEqual(targetsNamed().map(({ id }) => [id, 'PASS']));
});

describe('a pass takes as many samples as could prove it', () => {
  test.each<[id: string, needed: number, measured: (count: number) => Evidence]>([
    ['p95-cached', 59, (n) => evidence({ hotMs: times(n, 20) }, 'p95-cached')],
    ['p99-api', 299, (n) => evidence({ ...NOTHING_SENT, hotMs: times(n, 20) }, 'p99-api')],
    ['mean-api', 59, (n) => evidence({ ...NOTHING_SENT, hotMs: times(n, 20) }, 'mean-api')],
    ['error-rate', 299, (n) => evidence({ ...NOTHING_SENT, hotMs: times(n, 20) }, 'error-rate')],
    ['uptime', 598, (n) => evidence({ probes: times(n, true) }, 'uptime')],
    ['cache-hit-rate', 14, (n) => evidence({ hits: n - 1, misses: 1 }, 'cache-hit-rate')],
    ['task-completion', 59, (n) => evidence({ tasks: times(n, true) }, 'task-completion')],
    ['provider-success', 299, (n) => evidence({ providerOk: times(n, true) }, 'provider-success')],
    ['p95-dsl', 59, (n) => evidence({ dslMs: [], taskMs: times(n, 500) }, 'p95-dsl')],
    ['p95-deep', 59, (n) => evidence({ analysisMs: times(n, 500) }, 'p95-deep')],
    ['p95-cold', 59, (n) => evidence({ coldMs: times(n, 500) }, 'p95-cold')],
  ])('%s: %d, and one fewer is INVALID', (id, needed, measured) => {
    expect(rowOf(measured(needed), id)).toMatchObject({ verdict: 'PASS', samples: needed, minimumSamples: needed });
    expect(judge(measured(needed))).toMatchObject({ verdict: 'PASS', exitCode: 0 });

    const few = judge(measured(needed - 1));
    expect(few).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    expect(few.targets).toMatchObject([{ verdict: 'INVALID', samples: needed - 1 }]);
    expect(few.reasons).toEqual([
      expect.stringMatching(new RegExp(`: too few samples: ${needed - 1}, and (below|above) .* takes ${needed}$`)),
    ]);
  });

  test('as the numbers of the method say: 59 for P95, 299 for P99, 598 for 99.5 %, 14 for 80 %', () => {
    const needs = (statistic: Target['statistic'], operator: '<' | '>', limit: number) =>
      minimumSamples({ statistic, operator, limit });
    expect([
      needs('p95', '<', 1),
      needs('p99', '<', 1),
      needs('rate', '>', 0.995),
      needs('value', '>', 0.8),
      needs('rate', '<', 0.01),
    ]).toEqual([59, 299, 598, 14, 299]);
  });

  test('and a single sample beyond the limit is a miss all the same', () => {
    const verdict = judge(evidence({ hotMs: [201] }, 'p95-cached'));
    expect(verdict).toMatchObject({ verdict: 'FAIL', exitCode: 1 });
    expect(verdict.reasons).toEqual(['P95 latency, cached queries: 201 ms, must be below 200 ms']);
  });
});

describe('a value on its limit is a miss, and the next one on the good side a pass', () => {
  const rate = (failed: number) =>
    only(
      [...healthy({ ...NOTHING_SENT, hotMs: times(1000 - failed, 20) }), ...failing({ count: failed })],
      'error-rate',
    );
  test.each<[id: string, on: Evidence, inside: Evidence, limit: number]>([
    [
      'mean-api',
      evidence({ ...NOTHING_SENT, hotMs: times(100, 200) }, 'mean-api'),
      evidence({ ...NOTHING_SENT, hotMs: [...times(99, 200), 199] }, 'mean-api'),
      200,
    ],
    ['error-rate', rate(10), rate(9), 0.01],
    [
      'cache-hit-rate',
      evidence({ hits: 800, misses: 200 }, 'cache-hit-rate'),
      evidence({ hits: 801, misses: 199 }, 'cache-hit-rate'),
      0.8,
    ],
    [
      'uptime',
      evidence({ probes: [...times(995, true), ...times(5, false)] }, 'uptime'),
      evidence({ probes: [...times(996, true), ...times(4, false)] }, 'uptime'),
      0.995,
    ],
  ])('%s', (id, on, inside, limit) => {
    expect(rowOf(on, id)).toMatchObject({ verdict: 'FAIL', value: limit, margin: 0 });
    expect(rowOf(inside, id)).toMatchObject({ verdict: 'PASS', margin: expect.any(Number) });
    expect(given(rowOf(inside, id).margin)).toBeGreaterThan(0);
  });

  test('a miss has a negative margin, as a share of the limit', () => {
    expect(rowOf(evidence({ ...NOTHING_SENT, hotMs: times(60, 300) }, 'mean-api'), 'mean-api').margin).toBeCloseTo(
      -0.5,
    );
    expect(rowOf(evidence({ hits: 60, misses: 40 }, 'cache-hit-rate'), 'cache-hit-rate').margin).toBeCloseTo(-0.25);
  });
});

describe('an answer that never came has no time', () => {
  test.each(['0', ''])('so that it cannot make a percentile or a mean better (status %j)', (status) => {
    const slow = healthy({ ...NOTHING_SENT, hotMs: times(100, 600) });
    const silent = failing({ count: 100 }).map((one) => {
      const { status: _, ...tags } = one.tags;
      return { ...one, tags: status === '' ? tags : one.tags };
    });
    const verdict = judge(only([...slow, ...silent], 'p95-cached', 'mean-api', 'p99-api'));
    expect(verdict.targets.map((row) => [row.id, row.verdict, row.samples])).toEqual([
      ['p95-cached', 'FAIL', 100],
      ['p99-api', 'FAIL', 100],
      ['mean-api', 'FAIL', 100],
    ]);
    for (const { value } of verdict.targets) expect(given(value)).toBeCloseTo(600, 5);
  });

  test('and where none came, nothing was measured', () => {
    const plains = [...healthy({ hotMs: [] }), ...failing({ count: 10 })];
    expect(rowOf(only(plains, 'p95-cached'), 'p95-cached')).toMatchObject({
      verdict: 'INVALID',
      value: null,
      samples: 0,
      bound: null,
      margin: null,
      reason: 'nothing was measured',
    });
  });
});

describe('failures that are fast make no server fast', () => {
  /** 60 of 1000 answers too slow: the P95 is 300 ms. */
  const tooSlow = healthy({ hotMs: [...times(940, 100), ...times(60, 300)] });

  test.each(['200', '503'])('a miss does not become a pass by them (status %s)', (status) => {
    expect(rowOf(only(tooSlow, 'p95-cached'), 'p95-cached').verdict).toBe('FAIL');
    const refusing = only([...tooSlow, ...failing({ count: 300, status, ms: 1 })], 'p95-cached');
    const row = rowOf(refusing, 'p95-cached');
    expect(given(row.value)).toBeLessThan(200);
    expect(row).toMatchObject({ verdict: 'INVALID', reason: '300 of 1300 failed, more than a P95 can leave out' });
    expect(judge(refusing)).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  });

  test('a percentile that holds only thanks to them says what it would be', () => {
    const close = healthy({ hotMs: [...times(952, 100), ...times(48, 300)] });
    expect(rowOf(only(close, 'p95-cached'), 'p95-cached').verdict).toBe('PASS');
    const row = rowOf(only([...close, ...failing({ count: 10, status: '200', ms: 1 })], 'p95-cached'), 'p95-cached');
    expect(row).toMatchObject({
      verdict: 'INVALID',
      reason: expect.stringMatching(/^10 of 1010 failed, and counted as the slowest they make it (299|300|301) ms$/),
    });
  });

  test('a mean is held against the answers that were none of them', () => {
    const close = healthy({ ...NOTHING_SENT, hotMs: times(1000, 205) });
    const row = rowOf(only([...close, ...failing({ count: 60, status: '503', ms: 1 })], 'mean-api'), 'mean-api');
    expect(row).toMatchObject({
      verdict: 'INVALID',
      reason: '60 of 1060 failed, and counted as the slowest they make it 205 ms',
    });
  });

  test('a mean of which some have no time at all is not known', () => {
    const row = (silent: number) =>
      rowOf(
        only(
          [
            ...healthy({ ...NOTHING_SENT, hotMs: times(300, 20), analysisMs: times(900, 500) }),
            ...failing({ count: silent }),
          ],
          'mean-api',
        ),
        'mean-api',
      );
    expect(row(3).verdict).toBe('PASS');
    expect(row(4)).toMatchObject({ verdict: 'INVALID', reason: '4 of 304 failed, more than a mean can leave out' });
  });

  test('a few failures leave a pass that does not depend on them', () => {
    const plains = [...healthy(), ...failing({ count: 3, status: '503', ms: 1 }), ...failing({ count: 2 })];
    expect(judge(evidenceOf(plains))).toMatchObject({ verdict: 'PASS', reasons: [] });
  });

  test('a query in five that was never answered is not hidden by all the others that were', () => {
    const plains = [...healthy({ hotMs: around(20, 3000) }), ...failing({ count: 40, tags: COLD })];
    const verdict = judge(evidenceOf(plains));
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    expect(verdict.targets.find(({ id }) => id === 'error-rate')).toMatchObject({ verdict: 'PASS' });
    expect(verdict.reasons).toEqual([
      'P95 latency, cold fetch from a provider: 40 of 200 failed, more than a P95 can leave out',
    ]);
  });

  test('DSL queries without a result count with those that have one', () => {
    const row = (tasks: readonly boolean[], plains: readonly Plain[] = []) =>
      rowOf(only([...healthy({ tasks, dslMs: [], taskMs: times(97, 900) }), ...plains], 'p95-dsl'), 'p95-dsl');
    expect(row([...times(97, true), ...times(4, false)]).verdict).toBe('PASS');
    expect(row([...times(97, true), ...times(6, false)])).toMatchObject({
      verdict: 'INVALID',
      reason: '6 of 103 failed, more than a P95 can leave out',
    });
    const sync = failing({ count: 6, tags: { name: 'dsl-sync', op: 'dsl' }, status: '200', ms: 5 });
    expect(row(times(97, true), sync)).toMatchObject({ verdict: 'INVALID' });
  });

  test('session tools that refused count with those that did what they were asked', () => {
    const phase = 'steady';
    const refusing = (count: number, op = 'session') =>
      rowOf(
        only(
          [
            ...healthy(),
            plain('fiml_session_duration', { phase }, times(97, 20)),
            plain('fiml_observations', { phase, series: 'session' }, times(97, 1)),
            ...failing({ count, tags: { name: 'session-create', op }, status: '200', ms: 1 }),
          ],
          'component-session',
        ),
        'component-session',
      );
    expect(refusing(4)).toMatchObject({ verdict: 'PASS', value: 20 });
    const reason = '6 of 103 failed, more than a P95 can leave out';
    expect(refusing(6)).toMatchObject({ verdict: 'INVALID', reason });
    expect(refusing(6, 'analysis').verdict).toBe('PASS');
  });
});

describe("k6's own percentile", () => {
  const KEY = 'http_req_duration{cache:hot,phase:steady}';
  const toldByK6 = (measured: Evidence, p95: number): Evidence => {
    const summary = given(measured.summary);
    const metric = given(summary.metrics[KEY]);
    const told = { ...metric, values: { ...metric.values, 'p(95)': p95 } };
    return { ...measured, summary: { ...summary, metrics: { ...summary.metrics, [KEY]: told } } };
  };
  const hot = (ms: number) => [...times(70, 100), ...times(29, ms), 290];
  const p95Of = (values: readonly number[]) => {
    const histogram = new Histogram();
    for (const value of values) histogram.add(value);
    return given(histogram.quantile(0.95));
  };
  /** The limit lies between the true percentile and the histogram's. */
  function limited(ms: number): Evidence {
    const limit = (ms + p95Of(hot(ms))) / 2;
    return withRun(evidence({ hotMs: hot(ms) }, 'p95-cached'), ({ targets }) => ({
      targets: targets.map((target) => ({ ...target, limit })),
    }));
  }
  const candidates = Array.from({ length: 400 }, (_, i) => 198 + i / 100);

  test('decides where a histogram is not exact enough: a miss stays a miss', () => {
    const ms = given(candidates.find((value) => p95Of(hot(value)) < value * 0.998));
    expect(rowOf(limited(ms), 'p95-cached').verdict).toBe('PASS');
    const row = rowOf(toldByK6(limited(ms), ms), 'p95-cached');
    expect(row).toMatchObject({ verdict: 'FAIL', value: ms });
    expect(given(row.bound)).toBeGreaterThanOrEqual(ms);
  });

  test('and a pass a pass', () => {
    const ms = given(candidates.find((value) => p95Of(hot(value)) > value * 1.002));
    expect(rowOf(limited(ms), 'p95-cached').verdict).toBe('FAIL');
    expect(rowOf(toldByK6(limited(ms), ms), 'p95-cached')).toMatchObject({ verdict: 'PASS', value: ms });
  });

  test('is not taken where k6 counts what was never answered as answered at once', () => {
    const measured = only([...healthy({ hotMs: times(100, 250) }), ...failing({ count: 2000 })], 'p95-cached');
    const row = rowOf(toldByK6(measured, 0), 'p95-cached');
    expect(given(row.value)).toBeCloseTo(250, 5);
    expect(row.verdict).toBe('FAIL');
  });

  test('is not taken of a series without samples, for which k6 says 0', () => {
    const row = rowOf(toldByK6(evidence({ hotMs: [] }, 'p95-cached'), 0), 'p95-cached');
    expect(row).toMatchObject({ verdict: 'INVALID', value: null, reason: 'nothing was measured' });
  });
});

describe('a target that this server does not let be measured', () => {
  const NEEDS = /Needs one server process behind the address, with fiml_cache_hits_total/;
  const workers = (series: string): Plain =>
    plain('fiml_unmeasurable', { series, reason: 'several workers behind one address', phase: 'warmup' }, [1]);

  test('is INVALID when it is required, with the reason and what would make it measurable', () => {
    const verdict = judge(only([...healthy(), workers('cache-hit-rate')], 'cache-hit-rate', 'p95-cached'));
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    const row = given(verdict.targets.find(({ id }) => id === 'cache-hit-rate'));
    expect(row).toMatchObject({ verdict: 'INVALID', measurable: false, value: null, samples: 0 });
    expect(row.reason).toMatch(/^not measurable on this target: several workers behind one address\. /);
    expect(row.reason).toMatch(NEEDS);
    expect(verdict.reasons).toEqual([`Cache hit rate: ${row.reason}`]);
    expect(verdict.targets.find(({ id }) => id === 'p95-cached')?.verdict).toBe('PASS');
  });

  test('also when it simply gave no sample', () => {
    const row = rowOf(only(without('fiml_cache_hit_rate'), 'cache-hit-rate'), 'cache-hit-rate');
    expect(row).toMatchObject({ verdict: 'INVALID', measurable: false });
    expect(row.reason).toMatch(NEEDS);
  });

  test('is a warning when it is optional, and fails nothing', () => {
    const verdict = judge(evidenceOf(without('fiml_narrative_duration')));
    expect(verdict).toMatchObject({ verdict: 'WARN', exitCode: 0 });
    expect(verdict.reasons).toEqual([
      expect.stringMatching(/^P95 latency, answers with a narrative: not measurable on this target\. .*AZURE_OPENAI/),
    ]);
  });

  test('is not this one when another was said to be', () => {
    const verdict = judge(only([...healthy(), workers('p95-narrative')], 'cache-hit-rate'));
    expect(verdict.verdict).toBe('PASS');
  });

  test('is none of those that every server must give: no sample of them is nothing measured', () => {
    const verdict = judge(only(without('fiml_up'), 'uptime', 'p95-cached'));
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3, reasons: ['Uptime: nothing was measured'] });
    expect(verdict.targets.find(({ id }) => id === 'uptime')?.measurable).toBe(true);
  });
});

describe('a severity', () => {
  const slow = evidence({ hotMs: times(100, 300) }, 'p95-cached', 'p95-deep');

  test('of fail gates', () => expect(judge(slow)).toMatchObject({ verdict: 'FAIL', exitCode: 1 }));

  test('of warn is told and fails nothing', () => {
    const verdict = judge(withSeverity(slow, 'p95-cached', 'warn'));
    expect(verdict).toMatchObject({ verdict: 'WARN', exitCode: 0 });
    expect(verdict.reasons).toEqual(['P95 latency, cached queries: 300 ms, must be below 200 ms']);
  });

  test('of warn with too few samples is a warning as well', () => {
    const few = withSeverity(evidence({ hotMs: times(58, 20) }, 'p95-cached', 'p95-deep'), 'p95-cached', 'warn');
    expect(judge(few)).toMatchObject({ verdict: 'WARN', exitCode: 0 });
  });

  test('of info is shown and counts for nothing, whatever its value', () => {
    for (const measured of [slow, evidence({ hotMs: [] }, 'p95-cached', 'p95-deep')]) {
      const verdict = judge(withSeverity(measured, 'p95-cached', 'info'));
      expect(verdict).toMatchObject({ verdict: 'PASS', exitCode: 0, reasons: [] });
      expect(verdict.targets.find(({ id }) => id === 'p95-cached')?.verdict).toBe('INFO');
    }
  });
});

describe('a figure that is none', () => {
  const spoiled = (metric: string, change: { sum?: number; last?: number }): Evidence =>
    withResult(evidence({}, 'mean-api', 'cache-hit-rate'), ({ series }) => ({
      series: series.map((one) => (one.metric === metric ? { ...one, ...change } : one)),
    }));

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a mean of %p never passes', (sum) => {
    expect(rowOf(spoiled('http_req_duration', { sum }), 'mean-api').verdict).toBe('FAIL');
  });

  test.each([Number.NaN, Number.NEGATIVE_INFINITY])('a hit rate of %p never passes', (last) => {
    expect(rowOf(spoiled('fiml_cache_hit_rate', { last }), 'cache-hit-rate').verdict).toBe('FAIL');
  });

  test('the hugest times are a miss like any other', () => {
    const verdict = judge(evidence({ hotMs: times(100, 1e300) }, 'p95-cached'));
    expect(verdict.verdict).toBe('FAIL');
    expect(Number.isFinite(verdict.targets[0]?.value)).toBe(true);
  });

  test('a percentile of what has no distribution is nothing measured', () => {
    const measured = withResult(evidence({}, 'p95-cached'), ({ series }) => ({
      series: series.map(({ histogram: _, ...one }) => one),
    }));
    expect(judge(measured)).toMatchObject({
      verdict: 'INVALID',
      reasons: [expect.stringMatching(/nothing was measured/)],
    });
  });
});

test('what the warm-up measured is no part of the steady phase', () => {
  const slow = plain('http_req_duration', { ...HOT, status: '200', phase: 'warmup' }, times(500, 5000));
  expect(rowOf(only([...healthy(), slow], 'p95-cached'), 'p95-cached')).toMatchObject({
    verdict: 'PASS',
    samples: 700,
  });
  expect(rowOf(only([...healthy({ hotMs: [] }), slow], 'p95-cached'), 'p95-cached')).toMatchObject({
    verdict: 'INVALID',
    value: null,
  });
});

test('more hits than the traffic can reach turn a pass into INVALID: an earlier run is still in the cache', () => {
  const tooMany = judge(evidence({ hits: 990, misses: 10 }));
  expect(tooMany.verdict).toBe('INVALID');
  expect(tooMany.reasons.join()).toMatch(/99\.00 % of the reads were hits, and this traffic can reach 92\.00 %/);
  expect(judge(evidence({ hits: 930, misses: 70 })).verdict).toBe('PASS');
});
