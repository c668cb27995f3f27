import { mostVirtualUsers, type RunPlan } from '../../profiles';

/** What k6 holds with a script of the suite and no virtual user, and what each adds; bench/generator measures both. */
const K6_BYTES = 45e6;
const VIRTUAL_USER_BYTES = 275e3;
/** k6 keeps the values of its Trends for its end-of-test text: some ten a request, in tables that grow by doubling. */
const REQUEST_BYTES = 230;
/** What Go may leave lying before it collects: as much as it leaves of itself in a k6 with some 380 virtual users. */
const ROOM_BYTES = 150e6;
/** At the least collecting costs an eighth of k6's CPU time; above the most there is no CPU time left to save. */
const [LEAST_PERCENT, MOST_PERCENT] = [45, 300];

/**
 * Go's `GOGC` for k6 with a plan: garbage, in percent of what is in use, at which it collects.
 *
 * Go by itself waits for as much garbage as there is in use. A k6 with few virtual users then collects all the time, to keep
 * memory free that nobody wants, which is a fifth of its CPU time; and one with many holds twice what it needs.
 */
export function garbagePercent(plan: Pick<RunPlan, 'vuCeiling' | 'expectedRequests'> | null): number {
  if (plan === null) return 100;
  const usedBytes = K6_BYTES + mostVirtualUsers(plan) * VIRTUAL_USER_BYTES + plan.expectedRequests * REQUEST_BYTES;
  return Math.round(Math.min(MOST_PERCENT, Math.max(LEAST_PERCENT, (ROOM_BYTES / usedBytes) * 100)));
}
