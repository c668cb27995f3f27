import { pool } from '../../../scripts/baseline';
import { compare } from '../../../scripts/compare';
import { judge } from '../../../scripts/judge';
import { isComparable, observe } from '../../../scripts/observe';
import { latencyMeasures } from '../../../scripts/observe/measures';
import type { Evidence } from '../../../scripts/result/evidence';
import { Histogram } from '../../../scripts/result/histogram';
import type { Measure, Observation } from '../../../scripts/result/observation';
import { observationSchema } from '../../../scripts/result/observation';
import { selectSeries } from '../../../scripts/result/query';
import type { Result } from '../../../scripts/result/result';
import {
  around,
  evidence,
  evidenceOf,
  failing,
  given,
  HOT,
  healthy,
  withResult,
  withRun,
} from '../../support/evidence';
import { evidenceOfMiddle, faultSigns, quietUsers } from '../../support/planted-fault';

/** The evidence's buckets have no distribution of their own: here all of a bucket's values are its mean. */
const withDistributions = (one: Evidence): Evidence =>
  withResult(one, ({ series }) => ({
    series: series.map((each) => {
      const buckets = (each.buckets ?? []).map((bucket) => {
        const histogram = new Histogram();
        for (let at = 0; at < bucket.count; at++) histogram.add(bucket.sum / bucket.count);
        return { ...bucket, histogram: histogram.toSparse() };
      });
      return { ...each, buckets };
    }),
  }));

function observed(one: Evidence): Observation {
  const whole = one.result === null ? one : withDistributions(one);
  return observe(whole, judge(whole));
}

const measure = (observation: Observation, id: string) => {
  const found = observation.measures.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no measure ${id}`);
  return found;
};

const firstBucket = (result: Result): number =>
  Math.min(...selectSeries(result, 'http_req_duration', HOT).flatMap(({ buckets = [] }) => buckets.map(({ i }) => i)));

test('a run becomes one value a measure, in the form that its schema says', () => {
  const observation = observed(evidence({ hotMs: around(10, 3000) }));
  expect(observationSchema.parse(JSON.parse(JSON.stringify(observation)))).toEqual(observation);
  expect(observation.flaws).toEqual([]);
  expect(observation.verdict).toBe('PASS');
  expect(measure(observation, 'price.p50')).toMatchObject({ gating: true, insufficient: null });
  // A quarter of the steady phase at most is taken for warm-up.
  expect(measure(observation, 'price.p50').samples).toBeGreaterThanOrEqual(2250);
  expect(Math.abs(Math.log((measure(observation, 'price.p50').value as number) / 10))).toBeLessThan(0.02);
  expect(measure(observation, 'all.failures')).toMatchObject({ value: 0, gating: true });
  expect(new Set(observation.measures.map(({ id }) => id)).size).toBe(observation.measures.length);
});

test('few measures decide, and they are named', () => {
  const gating = observed(evidence()).measures.filter((one) => one.gating);
  expect(gating.map(({ id }) => id)).toEqual(['price.p50', 'price.p95', 'dsl.mean', 'all.failures']);
});

test('a percentile of too few requests is measured and decides nothing, with the number it would take', () => {
  const result = given(withDistributions(evidence({ hotMs: around(10, 400) })).result);
  const group = { id: 'price', title: 'Price', metric: 'http_req_duration', selector: HOT, gates: [] };
  const ofAll = latencyMeasures(result, group, 0);
  const whyNot = (measures: readonly Measure[], id: string) => measures.find((one) => one.id === id)?.insufficient;
  expect(whyNot(ofAll, 'price.p95')).toBeNull();
  expect(whyNot(ofAll, 'price.p99')).toBe('400 requests are too few for it: it takes 2000');
  const later = latencyMeasures(result, group, firstBucket(result) + 3);
  expect(whyNot(later, 'price.p95')).toMatch(/^3\d\d requests are too few for it: it takes 400$/);
  expect(later.find(({ id }) => id === 'price.p95')?.value).toBeGreaterThan(9);
});

test('failed requests count in their share; those without an answer in no latency', () => {
  const run = evidenceOf([...healthy({ hotMs: around(10, 3000) }), ...failing({ count: 300 })]);
  const observation = observed(run);
  const total = measure(observation, 'all.failures');
  // 300 of some 6,000, wherever the warm-up was cut.
  expect(Math.abs((total.value as number) / (300 / total.samples) - 1)).toBeLessThan(0.35);
  expect(((total.value as number) * total.samples) % 1).toBeCloseTo(0, 6);
  expect(measure(observation, 'search-quick.failures').value).toBeGreaterThan(0);
  expect(measure(observation, 'health.failures').value).toBe(0);
  expect(measure(observation, 'price.p50').samples).toBeLessThanOrEqual(3000);
  expect(measure(observation, 'price.p50').value).toBeGreaterThan(9);
});

test('a check that does not hold is a flaw of the whole run', () => {
  const run = withRun(evidence(), ({ k6 }) => ({ k6: { ...k6, thrownIterations: 3, firstThrown: 'TypeError' } }));
  expect(observed(run).flaws).toEqual([expect.stringContaining('3 iterations threw')]);
});

test('without samples there is a flaw and no measure', () => {
  const run: Evidence = { ...evidence(), result: null, resultProblem: 'the file is empty' };
  const observation = observed(run);
  expect(observation.measures).toEqual([]);
  expect(observation.flaws.length).toBeGreaterThan(0);
});

test('the fingerprint holds what shapes the load, and nothing of a secret or of a place', () => {
  const run = withRun(evidence(), ({ options }) => ({
    options: {
      ...options,
      PERF_RATE: { value: '77', source: 'command line' },
      PERF_AUTHORIZATION: { value: 'set', source: 'environment' },
      PERF_RESULTS: { value: '/somewhere', source: 'environment' },
    },
  }));
  const { fingerprint } = observed(run);
  expect(fingerprint).toMatchObject({ scenario: 'load', PERF_RATE: '77', mix: '16 price, 3 analysis, 1 dsl' });
  expect(JSON.stringify(fingerprint)).not.toMatch(/AUTHORIZATION|somewhere/);
});

describe.each(['fault', 'spike'] as const)('a run with a %s', (middle) => {
  const signs = middle === 'fault' ? faultSigns : [];
  const one = observed(evidenceOfMiddle(middle, [...quietUsers(middle), ...signs]));
  const other = { ...one, runId: 'another', startedAtMs: one.startedAtMs + 100_000 };

  test('has nothing to compare, and says so', () => {
    expect(observationSchema.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
    expect(one.measures).toEqual([]);
    expect(one.flaws.at(-1)).toMatch(/^it has no steady phase to be compared by: hold runs with a spike or a fault/);
  });

  test('is compared with nothing, and for that reason', () => {
    const { verdict, reasons } = compare({ baseline: [one], candidate: [other] });
    expect(verdict).toBe('INVALID');
    expect(reasons).toContainEqual(expect.stringMatching(/^this comparison would mean nothing: .*no steady phase/));
  });

  test('makes no baseline', () => {
    expect(() => pool(`${one.scenario}.${one.profile}`, [one, other], new Date())).toThrow(
      /no run is left to make a baseline of/,
    );
  });
});

test('only a run with a steady phase, or one whose script tells its phases itself, can be compared', () => {
  expect(isComparable(evidence().run)).toBe(true);
  expect(isComparable({ plan: null })).toBe(true);
  expect(isComparable(evidenceOfMiddle('spike', quietUsers('spike')).run)).toBe(false);
});
