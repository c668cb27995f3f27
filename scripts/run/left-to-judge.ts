import type { RunPlan } from '../../profiles';

/**
 * More requests than an hour of the guide's users sends. k6 keeps every value of a Trend, keeps it again for each series that a
 * threshold names, and sorts them all every two seconds while no sample can be taken in: at so many that costs the generator
 * tens of megabytes and a part of a core that its load needs.
 */
export const MOST_REQUESTS_WITH_THRESHOLDS = 300_000;

/**
 * Whether k6 runs without thresholds, which then are left to the judge: it has its own figures, from the samples. A rising load
 * keeps them however long it is, since a threshold ends it.
 */
export const isLeftToJudge = (plan: Pick<RunPlan, 'expectedRequests' | 'steps'> | null): boolean =>
  plan !== null && plan.steps === undefined && plan.expectedRequests > MOST_REQUESTS_WITH_THRESHOLDS;
