import { conditionsKey, inTime, type Observation } from '../result/observation';

/** Whether a run measured anything: one that the judge found flawed says nothing of the server. */
export const saysSomething = ({ flaws }: Observation): boolean => flaws.length === 0;

/**
 * Runs by what they were made under: those of other conditions are another series, and beside each other they would look like
 * a change of the server.
 *
 * @returns groups in time order within; the one with the newest run last.
 */
export function byConditions(runs: readonly Observation[]): Observation[][] {
  const groups = new Map<string, Observation[]>();
  for (const run of [...runs].sort(inTime)) {
    const key = conditionsKey(run);
    const group = groups.get(key) ?? [];
    // Set anew, so that the group that was added to last comes last.
    groups.delete(key);
    group.push(run);
    groups.set(key, group);
  }
  return [...groups.values()];
}
