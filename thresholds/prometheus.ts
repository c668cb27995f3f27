import type { Target } from './target';

/**
 * The series that `fiml-perf run` writes to Prometheus beside k6's own, by name. A name ends with the unit of its values, so
 * that those of a family are `NAME_seconds`, `NAME_ratio` and so on.
 */
export const SERIES = {
  /** While the load runs: the limit of each target in force, by `target`. */
  limit: 'fiml_perf_target_limit',
  /** While the load runs: share of its CPU that k6 used and waited for. */
  generatorCpu: 'fiml_perf_generator_cpu_ratio',
  /** At the end: when that was, Unix time, with the `verdict`. */
  ended: 'fiml_perf_ended_timestamp_seconds',
  /** At the end: what was judged, by `target`, with its `verdict`. */
  target: 'fiml_perf_target',
  /** At the end: what histories and comparisons are made of, by `measure`. */
  measure: 'fiml_perf_measure',
} as const;

export interface BaseUnit {
  readonly suffix: 'seconds' | 'ratio' | 'per_second' | 'bytes';
  /** Of one of our units in Prometheus' own. */
  readonly factor: number;
}

/** The base units of Prometheus, which a target's and a measure's are written in. */
export const BASE_UNITS: Readonly<Record<Target['unit'] | 'per second' | 'bytes', BaseUnit>> = {
  ms: { suffix: 'seconds', factor: 0.001 },
  s: { suffix: 'seconds', factor: 1 },
  share: { suffix: 'ratio', factor: 1 },
  ratio: { suffix: 'ratio', factor: 1 },
  'per-second': { suffix: 'per_second', factor: 1 },
  'per second': { suffix: 'per_second', factor: 1 },
  bytes: { suffix: 'bytes', factor: 1 },
};
