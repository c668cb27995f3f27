import { SHAPING } from '../../config';
import { BLOCK_MIX } from '../../profiles';
import { ALPHA, BATCHES, batchMedians, relativeGrowth, SMALLEST_GROWTH } from '../drift';
import { breakpointOf } from '../judge/breakpoint';
import type { Evidence } from '../result/evidence';
import { OBSERVATION_VERSION, type Observation } from '../result/observation';
import { judgedPhases, type Planned } from '../result/phases';
import { selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Verdict } from '../result/verdict';
import { hostClass } from '../run/identity';
import { percent } from '../text/format';
import { capacityMeasure } from './capacity';
import { groupsOf } from './groups';
import { failureMeasure, latencyMeasures, memoryMeasure, operationNames, throughputMeasure } from './measures';
import { TimeLine } from './time-line';
import { warmUp } from './warm-up';

/**
 * A spike or a fault is no state that could be averaged, and what comes before it `load` measures better: the targets of such
 * a run say what became of it.
 */
export const NO_STEADY =
  'it has no steady phase to be compared by: hold runs with a spike or a fault against their targets, and compare runs of load';

/** Below so many buckets there is nothing to find a warm-up in. */
const FEWEST_FOR_WARM_UP = 30;
/** Below so many a batch would be a single bucket. */
const FEWEST_FOR_DRIFT = 2 * BATCHES;

/** Whether a run has, or is going to have, what comparisons and histories are made of. */
export const isComparable = (run: Planned): boolean =>
  judgedPhases(run).some((phase) => phase === 'steady' || phase === 'rise');

/**
 * Reduces a run to what comparisons are made of: one value per measure, of the settled part of its steady phase.
 *
 * @param verdict of the judge; a check that does not hold is a flaw of the whole observation.
 */
export function observe({ run, result, resultProblem }: Evidence, verdict: Verdict): Observation {
  const flaws = verdict.checks.filter(({ ok }) => !ok).map(({ detail }) => detail);
  if (result === null && flaws.length === 0) flaws.push(resultProblem ?? 'there are no samples');
  if (!isComparable(run)) flaws.push(NO_STEADY);
  return {
    schema: 'fiml-perf/observation',
    version: OBSERVATION_VERSION,
    runId: run.id,
    startedAtMs: run.k6.startedAtMs,
    endedAtMs: run.k6.endedAtMs,
    scenario: run.scenario,
    profile: run.profile,
    fingerprint: fingerprintOf(run),
    identity: {
      commit: run.identity.commit,
      dirty: run.identity.dirty,
      target: run.target.kind === 'embedded' ? 'the embedded server' : run.target.url,
      targetVersion: run.target.before?.version ?? null,
      suiteVersion: run.identity.suiteVersion,
    },
    verdict: verdict.verdict,
    flaws,
    ...(result === null || !isComparable(run) ? { warnings: [], measures: [] } : measured(run, result)),
  };
}

function measured(run: Run, result: Result): Pick<Observation, 'warnings' | 'measures'> {
  // No part of a rising load is settled: its latencies are those of many loads.
  const breakpoint = breakpointOf(run, result);
  if (breakpoint !== null) return { warnings: [], measures: [capacityMeasure(breakpoint)] };
  const steady = selectSeries(result, 'http_req_duration', { phase: 'steady' });
  const first = Math.min(...steady.flatMap(({ buckets = [] }) => buckets.map(({ i }) => i)));
  const { level } = new TimeLine(steady);
  // Of sections that follow each other each has a level of its own, and a warm-up of its own that the plan cuts.
  const isOne = (run.plan?.phases ?? []).filter(({ phase }) => phase === 'steady').length <= 1;
  const settling = isOne && level.length >= FEWEST_FOR_WARM_UP ? warmUp(level) : { buckets: 0, settled: true };
  const from = first + settling.buckets;
  const grown = isOne ? driftOf(level.slice(settling.buckets)) : null;
  const warnings = [
    ...(settling.settled ? [] : ['latencies had not settled after a quarter of the steady phase']),
    ...(grown === null ? [] : [`latencies drifted by ${percent(grown, 0)} while they were measured`]),
  ];
  return {
    warnings,
    measures: [
      ...groupsOf(run).flatMap((group) => latencyMeasures(result, group, from)),
      ...failureMeasure(result, { id: 'all', title: 'All requests', gating: true }, {}, from),
      ...throughputMeasure(result, from),
      ...memoryMeasure(result),
      ...operationNames(result).flatMap((name) => [
        ...latencyMeasures(
          result,
          { id: name, title: name, metric: 'http_req_duration', selector: { name }, gates: [] },
          from,
        ),
        ...failureMeasure(result, { id: name, title: name, gating: false }, { name }, from),
      ]),
    ],
  };
}

/** By how much the level grew or fell while it was measured, where that is more than chance; null when it is not. */
function driftOf(level: readonly number[]): number | null {
  const batches = level.length < FEWEST_FOR_DRIFT ? null : batchMedians(level);
  if (batches === null) return null;
  const { share, p } = relativeGrowth(batches);
  return p < ALPHA && Math.abs(share) >= SMALLEST_GROWTH ? share : null;
}

function fingerprintOf(run: Run): Record<string, string> {
  const { host, k6Version } = run.identity;
  const options = SHAPING.flatMap((name): [string, string][] => {
    const value = run.options[name]?.value;
    return value === undefined ? [] : [[name, value]];
  });
  return {
    scenario: run.scenario,
    profile: run.profile ?? 'none',
    ...Object.fromEntries(options),
    mix: Object.entries(BLOCK_MIX)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', '),
    k6: k6Version,
    target: run.target.kind === 'embedded' ? 'embedded server' : 'server at a URL',
    host: hostClass(host),
    // Several k6 open more connections, and ask in other moments, than one with the same load.
    ...(run.segments === undefined ? {} : { segments: String(run.segments.planned) }),
  };
}
