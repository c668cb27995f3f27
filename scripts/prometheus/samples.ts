import { BASE_UNITS, SERIES, type Target } from '../../thresholds';
import type { Observation } from '../result/observation';
import type { Verdict } from '../result/verdict';
import type { PushedSample } from './push';

/** What tells a run's series from another's. `testid` is also on each of k6's; its `scenario` there is k6's own. */
export type RunLabels = {
  readonly testid: string;
  /** The scenario of the suite. */
  readonly test: string;
  readonly profile: string;
};

type Labels = RunLabels & Readonly<Record<string, string>>;

const sample = (name: string, labels: Labels, value: number): PushedSample => ({ name, labels, value });

/** A value of a family whose names end with the unit. */
function inBaseUnit(family: string, labels: Labels, unit: keyof typeof BASE_UNITS, value: number): PushedSample {
  const { suffix, factor } = BASE_UNITS[unit];
  return sample(`${family}_${suffix}`, labels, value * factor);
}

/**
 * What holds while the load runs: the limits in force, by which alerts are judged, and k6's need of CPU.
 *
 * @param cpuShare null while unknown.
 */
export const duringRun = (
  run: RunLabels,
  targets: readonly Pick<Target, 'id' | 'unit' | 'limit'>[],
  cpuShare: number | null,
): PushedSample[] => [
  ...targets.map(({ id, unit, limit }) => inBaseUnit(SERIES.limit, { ...run, target: id }, unit, limit)),
  ...(cpuShare === null ? [] : [sample(SERIES.generatorCpu, run, cpuShare)]),
];

/** What became of a run: its verdict, the value of each target, and each measure that histories are made of. */
export const afterRun = (
  run: RunLabels,
  { verdict, targets }: Pick<Verdict, 'verdict' | 'targets'>,
  { measures, endedAtMs }: Pick<Observation, 'measures' | 'endedAtMs'>,
): PushedSample[] => [
  sample(SERIES.ended, { ...run, verdict }, endedAtMs / 1000),
  ...targets.flatMap((row) =>
    row.value === null
      ? []
      : inBaseUnit(SERIES.target, { ...run, target: row.id, verdict: row.verdict }, row.unit, row.value),
  ),
  ...measures.flatMap(({ id, unit, value }) =>
    value === null ? [] : inBaseUnit(SERIES.measure, { ...run, measure: id }, unit, value),
  ),
];
