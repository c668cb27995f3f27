import { table } from '../../scripts/text/table';
import type { RecordedRow, SpeedRecord } from './record';

/** The table of a record, below what it was measured on. */
export function asText({ size, identity, loadAverage, rows }: SpeedRecord): string {
  const { commit, dirty, host, nodeVersion, k6Version } = identity;
  const short = rows.filter((row) => 'holds' in row && row.holds === false).length;
  const missing = rows.filter((row) => 'notMeasured' in row).length;
  return [
    `commit ${commit ?? 'unknown'}${dirty === true ? ', changed' : ''}; ${host.cpus} × ${host.cpuModel}, Node ${nodeVersion}, k6 v${k6Version}; ` +
      `load average ${loadAverage.before.toFixed(1)} before, ${loadAverage.after.toFixed(1)} after`,
    '',
    table(['what', 'measured', 'baseline', 'ratio', 'target', ''], rows.map(cells), [1, 3]),
    '',
    size === 'short'
      ? `tiny inputs: ${rows.length - missing} of ${rows.length} rows could be measured; the figures mean nothing`
      : `${rows.length - short - missing} of ${rows.length} hold, ${short} ${short === 1 ? 'falls' : 'fall'} short, ${missing} not measured`,
    '',
  ].join('\n');
}

function cells(row: RecordedRow): string[] {
  if ('notMeasured' in row) return [row.what, '', '', '', '', `not measured: ${row.notMeasured}`];
  const { what, unit, measured, baseline, figure, target, holds } = row;
  const sign = baseline === null ? ` ${unit}` : ' ×';
  return [
    what,
    `${shown(measured)} ${unit}`,
    baseline === null ? '' : `${baseline.name}: ${shown(baseline.measured)}`,
    baseline === null ? '' : figure.toFixed(2),
    'atMost' in target ? `at most ${shown(target.atMost)}${sign}` : `at least ${shown(target.atLeast)}${sign}`,
    holds === null ? '' : holds ? 'holds' : 'FALLS SHORT',
  ];
}

/** Three figures, and every one of a larger number. */
const shown = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
