import type { ComparisonRow } from '../result/comparison';
import { formatBytes, formatValue, percent } from '../text/format';

type Unit = ComparisonRow['unit'];

const NONE = '–';

/** `+12.3 %`, or `+0.25 points` for a share; a dash when there is none. */
export function formatChange({ unit }: Pick<ComparisonRow, 'unit'>, change: number | null): string {
  if (change === null) return NONE;
  return `${change < 0 ? '−' : '+'}${formatSize({ unit }, Math.abs(change))}`;
}

/** The size of a change, whichever its direction: `12.3 %`, `0.25 points`. */
export function formatSize({ unit }: Pick<ComparisonRow, 'unit'>, size: number | null): string {
  if (size === null) return NONE;
  return `${(size * 100).toFixed(unit === 'share' ? 2 : 1)} ${unit === 'share' ? 'points' : '%'}`;
}

/** A measure's value with its unit, with about three figures; a dash when there is none. */
export function formatMeasure(value: number | null, unit: Unit): string {
  if (value === null) return NONE;
  switch (unit) {
    case 'ms':
      return value > 0 && value < 0.1 ? seconds(value / 1000) : formatValue(value, 'ms');
    case 's':
      return seconds(value);
    case 'share':
      return percent(value, 2);
    case 'per second':
      return `${value.toPrecision(value < 1000 ? 3 : Math.ceil(Math.log10(value + 1)))} /s`;
    case 'bytes':
      return formatBytes(value);
  }
}

/** Microbenchmarks last nanoseconds, agents minutes: in whichever unit is below a thousand. */
function seconds(value: number): string {
  for (const [unit, inSeconds] of [
    ['ns', 1e-9],
    ['µs', 1e-6],
    ['ms', 1e-3],
  ] as const) {
    const scaled = value / inSeconds;
    if (scaled < 999.5) return `${scaled.toPrecision(3)} ${unit}`;
  }
  return `${value < 100 ? value.toPrecision(3) : value.toFixed(0)} s`;
}
