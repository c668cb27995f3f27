import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Measure, Observation } from '../../../scripts/result/observation';

export const FIRST_MS = Date.parse('2026-11-24T10:00:00Z');
export const HOUR_MS = 3600_000;

/** Standard normal numbers, the same for the same seed. */
export function normals(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator))) * Math.cos(2 * Math.PI * uniformFloat64(generator));
}

/** Standard normal numbers of which each remembers the one before. */
export function correlated(normal: () => number, phi: number): () => number {
  let last = normal();
  return () => {
    last = phi * last + Math.sqrt(1 - phi * phi) * normal();
    return last;
  };
}

/** Values around 100 whose logarithm varies by `sd`; from each of `steps` on they are that many times larger. */
export const noisy = (noise: () => number, count: number, sd: number, steps: Record<number, number> = {}): number[] =>
  Array.from({ length: count }, (_, index) =>
    Object.entries(steps).reduce(
      (value, [from, factor]) => (index >= Number(from) ? value * factor : value),
      100 * Math.exp(sd * noise()),
    ),
  );

export const measureOf = (value: number | null, changes: Partial<Measure> = {}): Measure => ({
  id: 'price.p95',
  title: 'Price, P95',
  operation: 'price',
  statistic: 'p95',
  unit: 'ms',
  scale: 'ratio',
  worse: 'higher',
  value,
  withinVariance: 1e-4,
  samples: 5000,
  gating: true,
  insufficient: null,
  ...changes,
});

/** A run that began in the given hour. */
export const observationOf = (hour: number, changes: Partial<Observation> = {}): Observation => ({
  schema: 'fiml-perf/observation',
  version: 1,
  runId: `run-${hour}`,
  startedAtMs: FIRST_MS + hour * HOUR_MS,
  endedAtMs: FIRST_MS + hour * HOUR_MS + 60_000,
  scenario: 'load',
  profile: 'smoke',
  fingerprint: { k6: 'k6 v2.0.0', profile: 'smoke' },
  identity: { commit: 'a'.repeat(40), dirty: false, target: 'the server', targetVersion: '1.0', suiteVersion: '0.1.0' },
  verdict: 'PASS',
  flaws: [],
  warnings: [],
  measures: [measureOf(100)],
  ...changes,
});

/** A run an hour for each value. */
export const observationsOf = (values: readonly (number | null)[], changes: Partial<Measure> = {}): Observation[] =>
  values.map((value, hour) => observationOf(hour, { measures: [measureOf(value, changes)] }));
