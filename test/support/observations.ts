import { type Measure, OBSERVATION_VERSION, type Observation } from '../../scripts/result/observation';

export const FIRST_RUN_MS = Date.parse('2026-11-24T10:00:00Z');
const A_RUN_MS = 60_000;
/** From the start of one run to that of the next. */
export const RUN_EVERY_MS = 2 * A_RUN_MS;

const latency = (id: string, title: string, value: number, gating = false): Measure => ({
  id,
  title,
  operation: id.split('.')[0] ?? '',
  statistic: id.split('.')[1] ?? '',
  unit: 'ms',
  scale: 'ratio',
  worse: 'higher',
  value,
  withinVariance: 0.0001,
  samples: 1000,
  gating,
  insufficient: null,
});

/** Values of a run's measures, in their units. */
export interface Values {
  readonly priceMs?: number;
  readonly dslMs?: number;
  readonly failures?: number;
  readonly searchMs?: number;
}

/** A run of `load.smoke` in numbers. */
export function observation(
  at: number,
  { priceMs = 100, dslMs = 400, failures = 0.001, searchMs = 50 }: Values = {},
  changes: Partial<Observation> = {},
): Observation {
  const startedAtMs = FIRST_RUN_MS + at * RUN_EVERY_MS;
  return {
    schema: 'fiml-perf/observation',
    version: OBSERVATION_VERSION,
    runId: `run-${at}`,
    startedAtMs,
    endedAtMs: startedAtMs + A_RUN_MS,
    scenario: 'load',
    profile: 'smoke',
    fingerprint: { scenario: 'load', profile: 'smoke', PERF_RATE: '50', host: '4 × Some Processor' },
    identity: {
      commit: '0123456789abcdef0123456789abcdef01234567',
      dirty: false,
      target: 'http://fiml.test:8000',
      targetVersion: '0.4.1',
      suiteVersion: '0.1.0',
    },
    verdict: 'PASS',
    flaws: [],
    warnings: [],
    measures: [
      latency('price.p95', 'Price queries, P95', priceMs, true),
      latency('dsl.p50', 'Time to a DSL result, P50', dslMs, true),
      {
        ...latency('all.failures', 'All requests, share of failures', failures, true),
        unit: 'share',
        scale: 'share',
        withinVariance: 0.00001,
      },
      latency('search-quick.p95', 'search-quick, P95', searchMs),
    ],
    ...changes,
  };
}

/** Values of unchanged code: a per cent up and down from one run to the next. */
export const steady = (at: number, factor = 1): Values => {
  const wobble = factor * (1 + 0.01 * Math.cos(2.4 * at));
  return { priceMs: 100 * wobble, dslMs: 400 * wobble, searchMs: 50 * wobble };
};
