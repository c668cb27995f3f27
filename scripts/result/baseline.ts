import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Observation, observationSchema } from './observation';

/** `baselines/<scenario>.<profile>.json`: runs that were declared good, for later ones to be compared with. */
export const BASELINE_VERSION = 1;

export const baselineSchema = z
  .object({
    schema: z.literal('fiml-perf/baseline'),
    version: z.literal(BASELINE_VERSION),
    name: z.string(),
    savedAt: z.iso.datetime(),
    /** The conditions of every run in it. */
    fingerprint: z.record(z.string(), z.string()),
    observations: z.array(observationSchema).min(1, 'there is no run in it'),
  })
  .superRefine(({ name, fingerprint, observations }, context) => {
    // What these say twice, a change by hand is likely to leave in disagreement.
    observations.forEach((run, at) => {
      const complain = (message: string, ...path: string[]) =>
        context.addIssue({ code: 'custom', path: ['observations', at, ...path], message });
      if (nameOf(run) !== name) complain(`it is a run of ${nameOf(run)}, and the baseline is of ${name}`);
      if (!isDeepStrictEqual(run.fingerprint, fingerprint)) complain("it is not the baseline's", 'fingerprint');
      if (observations.findIndex((other) => isSameRun(run, other)) < at) complain('it is in the baseline twice');
    });
  });

export type Baseline = z.infer<typeof baselineSchema>;

/** What a baseline of this run is called: `load.smoke`. */
export const nameOf = ({ scenario, profile }: Pick<Observation, 'scenario' | 'profile'>): string =>
  profile === null ? scenario : `${scenario}.${profile}`;

/**
 * Whether two observations are of one run, such as a run's folder and a copy of it. A run that counted twice would make the
 * spread between runs look smaller than it is.
 */
export const isSameRun = (one: Observation, other: Observation): boolean =>
  one.startedAtMs === other.startedAtMs &&
  (one.runId === other.runId || isDeepStrictEqual(one.measures, other.measures));
