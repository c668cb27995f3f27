import type { Run } from '../result/run';
import type { Group } from './measures';

const DURATION = 'http_req_duration';

/**
 * The few latencies that decide whether a server got slower, for the scenarios of the suite's own traffic.
 *
 * Few, because each one more makes every other need a larger difference (Holm): the median and the tail of what users ask
 * most, and the time to an FK-DSL result. P99s are told and decide nothing: their spread between runs would leave nearly
 * every comparison undecided. Nor do analyses: a server keeps its narratives for 3 to 30 minutes, so how many of a run's
 * are generated depends on the run before it, and a difference there would be of the cache's age; `components` measures
 * narratives by first asks only.
 */
const TRAFFIC_GROUPS: readonly Group[] = [
  {
    id: 'price',
    title: 'Price queries, cached',
    metric: DURATION,
    selector: { op: 'price', cache: 'hot' },
    gates: ['p50', 'p95'],
  },
  { id: 'cold', title: 'Price queries, cold', metric: DURATION, selector: { op: 'price', cache: 'cold' }, gates: [] },
  { id: 'analysis', title: 'Analyses', metric: DURATION, selector: { op: 'analysis' }, gates: [] },
  { id: 'dsl', title: 'Time to a DSL result', metric: 'fiml_dsl_duration', selector: {}, gates: ['mean'] },
];

/** Of other scenarios: the series of each of their targets, by its median. */
function targetGroups({ targets }: Pick<Run, 'targets'>): Group[] {
  const groups = new Map<string, Group>();
  for (const { id, title, metric, selector, unit, statistic } of targets) {
    if (unit !== 'ms' || statistic === 'value') continue;
    const key = JSON.stringify([metric, selector]);
    if (!groups.has(key)) groups.set(key, { id, title: title.replace(/^P\d+ /, ''), metric, selector, gates: ['p50'] });
  }
  return [...groups.values()];
}

const TRAFFIC: readonly string[] = ['load', 'targets'];

export const groupsOf = (run: Run): readonly Group[] =>
  TRAFFIC.includes(run.scenario) ? TRAFFIC_GROUPS : targetGroups(run);
