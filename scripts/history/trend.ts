import { nearest } from '../../config';
import { differences } from '../compare/fingerprint';
import { UserError } from '../errors';
import type { HistoryNote } from '../result/history';
import type { Measure, Observation } from '../result/observation';
import { isOnScale } from '../result/scale';
import { median } from '../statistics';
import { type ChangePoint, changePoints, valuesOf } from './change-points';
import { byConditions, saysSomething } from './conditions';
import type { History } from './file';

/** A measure over the runs of a history. */
export interface Trend {
  readonly measure: Measure;
  /** One a run; null where it was not measured. */
  readonly values: readonly (number | null)[];
  readonly changes: readonly ChangePoint[];
  readonly levels: readonly Level[];
}

/** Runs between two changes, of which the last may still be a candidate. */
export interface Level {
  /** Index of its first run, and of the first that is no longer of it. */
  readonly from: number;
  readonly until: number;
  /** Runs of it in which the measure was measured. */
  readonly runs: number;
  readonly median: number;
}

/** A history as it is shown: the runs under the newest run's conditions, and what is left out. */
export interface HistoryView {
  readonly name: string;
  readonly runs: readonly Observation[];
  readonly notes: readonly HistoryNote[];
  readonly trends: readonly Trend[];
  /** Runs that are left out because they say nothing. */
  readonly invalid: number;
  /** Runs that are left out because they were made under other conditions than the newest, and which those are. */
  readonly foreign: number;
  readonly differing: readonly string[];
}

/**
 * @param measureId the only measure to show; null for all that decide.
 * @throws UserError when no run has that measure.
 */
export function historyView(name: string, { observations, notes }: History, measureId: string | null): HistoryView {
  const meaningful = observations.filter(saysSomething);
  const groups = byConditions(meaningful);
  const runs = groups.at(-1) ?? [];
  const foreign = groups.slice(0, -1).flat();
  return {
    name,
    runs,
    notes,
    trends: measuresOf(name, runs, measureId).map((measure) => trendOf(runs, measure)),
    invalid: observations.length - meaningful.length,
    foreign: foreign.length,
    differing: foreign.length === 0 ? [] : differences(runs, foreign).map((difference) => difference.name),
  };
}

/** As the newest run that has them describes them. */
function measuresOf(name: string, runs: readonly Observation[], measureId: string | null): Measure[] {
  if (measureId === null) return runs.at(-1)?.measures.filter(({ gating }) => gating) ?? [];
  const all = new Map(runs.flatMap(({ measures }) => measures.map((measure) => [measure.id, measure])));
  const found = all.get(measureId);
  if (found !== undefined) return [found];
  const near = nearest(measureId, [...all.keys()]);
  throw new UserError(
    `--measure: no run of ${name} has ${JSON.stringify(measureId)}${near === null ? '' : `; did you mean ${near}?`}\n` +
      `there are ${[...all.keys()].sort().join(', ')}`,
  );
}

function trendOf(runs: readonly Observation[], measure: Measure): Trend {
  const values = valuesOf(runs, measure).map((value) => (isOnScale(value, measure.scale) ? value : null));
  const changes = changePoints(values, measure.scale);
  const bounds = changes.filter(({ status }) => status !== 'went away').map(({ index }) => index);
  const levels = [0, ...bounds].flatMap((from, at): Level[] => {
    const until = bounds[at] ?? values.length;
    const measured = values.slice(from, until).filter((value) => value !== null);
    return measured.length === 0 ? [] : [{ from, until, runs: measured.length, median: median(measured) }];
  });
  return { measure, values, changes, levels };
}
