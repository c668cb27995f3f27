import { compare } from '../compare';
import type { Baseline } from '../result/baseline';
import type { ComparisonRow } from '../result/comparison';
import type { Measure, Observation } from '../result/observation';
import { changeFrom, transformed } from '../result/scale';
import { mean, variance } from '../statistics';

/** What a baseline knows of one of the measures that decide. */
export interface Spread {
  readonly title: string;
  readonly unit: Measure['unit'];
  /** Mean of the runs on the scale on which they are compared, in the measure's unit. Null when some run has no value. */
  readonly mean: number | null;
  /** Standard deviation between the runs: relative, for a share in points. Null with one run. */
  readonly sd: number | null;
  /** The smallest change that as many new runs would find four times out of five, same unit. */
  readonly findsFrom: number | null;
}

const A_DAY_MS = 24 * 3600_000;

/** Of every measure that decides: how far the runs lie apart, and what can be found against them. */
export function spreadOf({ observations }: Baseline): Spread[] {
  return compare({ baseline: observations, candidate: aDayLater(observations) })
    .rows.filter(({ gating }) => gating)
    .map((row) => ({
      title: row.title,
      unit: row.unit,
      mean: row.candidate,
      sd: row.candidate === null ? null : spreadBetween(observations, row),
      findsFrom: row.smallestDetectable,
    }));
}

/** The same runs as if they were made again: to compare with them tells what a comparison of so many runs can find. */
function aDayLater(runs: readonly Observation[]): Observation[] {
  const first = Math.min(...runs.map(({ startedAtMs }) => startedAtMs));
  const shiftMs = Math.max(...runs.map(({ endedAtMs }) => endedAtMs)) - first + A_DAY_MS;
  return runs.map((run) => ({
    ...run,
    runId: `${run.runId} again`,
    startedAtMs: run.startedAtMs + shiftMs,
    endedAtMs: run.endedAtMs + shiftMs,
  }));
}

function spreadBetween(runs: readonly Observation[], { id, unit }: Pick<ComparisonRow, 'id' | 'unit'>): number | null {
  const measures = runs.flatMap(({ measures }) => measures.find((measure) => measure.id === id) ?? []);
  const values = measures.map(({ value, scale }) => transformed(value ?? Number.NaN, scale));
  if (values.length < 2) return null;
  const sd = Math.sqrt(variance(values));
  // Of a logarithm it is relative already; of a share it is said in points from the mean upwards.
  return unit === 'share' ? changeFrom(mean(values), sd, 'share') : sd;
}
