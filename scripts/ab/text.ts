import picocolors from 'picocolors';
import { colored } from '../compare/console';
import { interval } from '../compare/estimate';
import { formatChange, formatMeasure } from '../compare/text';
import type { Comparison, ComparisonRow } from '../result/comparison';
import { plural } from '../text/format';
import { printable } from '../text/printable';
import { table } from '../text/table';
import type { Look } from './analyse';
import { AB_ALPHA } from './looks';

/** What is known at a look, in a line: the intervals of what is not decided yet close in. */
export function lookLine({ measures, decisions, alpha }: Look, measuredMs: number): string {
  const parts = measures.flatMap(({ gating, title, unit, estimate }, at) => {
    if (!gating || unit === 'share') return [];
    const [low, high] = interval(estimate, 1 - alpha).map((end) => formatChange({ unit }, Math.expm1(end)));
    return [`${short(title)} ${low} to ${high} ${words(decisions[at]?.verdict)}`];
  });
  return `${Math.round(measuredMs / 1000)} s: ${parts.join(', ')}`;
}

const short = (title: string): string => title.replace(/^All requests, /, '');
const words = (verdict: string | undefined): string =>
  verdict === 'INCONCLUSIVE' ? '(open)' : `(${verdict?.toLowerCase()})`;

/** The end of `ab`: verdict, reasons, what decides, and each operation. */
export function abText(comparison: Comparison, measuredMs: number, enableColors: boolean): string {
  const colors = picocolors.createColors(enableColors);
  const { verdict, reasons, rows, warnings, baseline, candidate } = comparison;
  const deciding = rows.filter(({ gating }) => gating);
  const replicates = deciding[0]?.baselineRuns ?? 0;
  return [
    '',
    `${colored(colors, verdict)}  candidate ${printable(candidate.target)} against baseline ${printable(baseline.target)}: ` +
      `${Math.round(measuredMs / 1000)} s, ${plural(replicates, 'independent observation')}`,
    ...reasons.map((reason) => `  - ${printable(reason)}`),
    '',
    table(
      ['measure', 'verdict', 'baseline', 'candidate', 'change', `${(1 - AB_ALPHA) * 100} % interval over all looks`],
      deciding.map((row) => [printable(row.title), colored(colors, row.verdict), ...figures(row)]),
      [2, 3, 4, 5],
    ),
    '',
    table(
      ['operation', 'baseline', 'candidate', 'change', 'interval'],
      rows.filter(({ gating }) => !gating).map((row) => [printable(row.operation), ...figures(row)]),
      [1, 2, 3, 4],
    ),
    ...warnings.map((warning) => `note: ${printable(warning)}`),
    '',
  ].join('\n');
}

const figures = (row: ComparisonRow): string[] => [
  formatMeasure(row.baseline, row.unit),
  formatMeasure(row.candidate, row.unit),
  formatChange(row, row.change),
  `${formatChange(row, row.low)} to ${formatChange(row, row.high)}`,
];
