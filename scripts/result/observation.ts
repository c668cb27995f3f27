import { z } from 'zod';
import { instantMs } from './instant';

/**
 * What one run is to a comparison: one value per measure, on what it was measured, and why it may not count.
 *
 * The run is the unit of replication. Requests of one run share what the machine and the server were doing then, so
 * testing them against another run's would find a difference nearly every time; hence nothing finer than a run's value and
 * the error that this value has of itself is kept. Baselines and histories are collections of observations.
 */
export const OBSERVATION_VERSION = 1;

/** How a measure is taken to the scale on which differences add up. */
export const scale = z.enum(['ratio', 'share']);

const measure = z.object({
  /** `price.p95`: what was measured, and the statistic of it. Unique within an observation. */
  id: z.string(),
  title: z.string(),
  /** Which operation or kind of request it is about, for listing what exists on one side only. */
  operation: z.string(),
  statistic: z.string(),
  unit: z.enum(['ms', 's', 'share', 'per second', 'bytes']),
  /** `ratio`: compared as logarithms; `share`: as arcsines of square roots, which makes a share's spread equal everywhere. */
  scale,
  /** Which direction is worse. */
  worse: z.enum(['higher', 'lower']),
  /** In `unit`. Null when there is nothing to compare: `insufficient` then says why. */
  value: z.number().nullable(),
  /** Variance that the transformed value has from within the run alone (block bootstrap); 0 where it is not known. */
  withinVariance: z.number().nonnegative(),
  samples: z.number().int().nonnegative(),
  /** Whether it belongs to the few that decide a comparison; the others are told, and can only warn. */
  gating: z.boolean(),
  /** Why this value may decide nothing, such as too few requests for its percentile; null when it may. */
  insufficient: z.string().nullable(),
});

export const observationSchema = z.object({
  schema: z.literal('fiml-perf/observation'),
  version: z.literal(OBSERVATION_VERSION),
  /** Of the run or file that it was made from; unique. */
  runId: z.string(),
  /** Epoch ms. */
  startedAtMs: instantMs,
  endedAtMs: instantMs,
  /** `load`, `components`, `benchmarks` … */
  scenario: z.string(),
  profile: z.string().nullable(),
  /** What must be equal for two runs to be comparable, each in words: k6's version, profile, options, host class … */
  fingerprint: z.record(z.string(), z.string()),
  /** What may differ: that is what one wants to compare. */
  identity: z.object({
    commit: z.string().nullable(),
    dirty: z.boolean().nullable(),
    target: z.string(),
    targetVersion: z.string().nullable(),
    suiteVersion: z.string(),
  }),
  /** The run's own verdict on its targets; null where there is none. */
  verdict: z.string().nullable(),
  /** Flaws that leave the whole run without a meaning. */
  flaws: z.array(z.string()),
  /** Such as a run that had not settled; told beside a verdict. */
  warnings: z.array(z.string()),
  measures: z.array(measure),
});

export type Observation = z.infer<typeof observationSchema>;
export type Measure = z.infer<typeof measure>;
export type Scale = z.infer<typeof scale>;

/**
 * Order of time, for `sort`. It is total: sums depend on their order in the last digit, and the same runs must give the same
 * figures to that digit.
 */
export const inTime = (one: Observation, other: Observation): number =>
  one.startedAtMs - other.startedAtMs || (one.runId < other.runId ? -1 : 1);

/** A text that runs have in common exactly when they were made under the same conditions. */
export const conditionsKey = ({ fingerprint }: Pick<Observation, 'fingerprint'>): string =>
  JSON.stringify(Object.entries(fingerprint).sort(([a], [b]) => (a < b ? -1 : 1)));
