import type { ComparisonRow } from '../result/comparison';

/** `+12.3 %`, or `+0.25 points` for a share; a dash when there is none. */
export function formatChange({ unit }: Pick<ComparisonRow, 'unit'>, change: number | null): string {
  if (change === null) return '–';
  const hundredths = change * 100;
  const sign = hundredths < 0 ? '−' : '+';
  return `${sign}${Math.abs(hundredths).toFixed(unit === 'share' ? 2 : 1)} ${unit === 'share' ? 'points' : '%'}`;
}
