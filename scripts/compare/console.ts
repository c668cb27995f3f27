import picocolors from 'picocolors';
import { printable } from '../text/printable';
import { table } from '../text/table';
import { type ComparisonView, ROW_RIGHT, type RowView, rowFigures } from './view';

type Colors = ReturnType<typeof picocolors.createColors>;

/** A comparison on a terminal: the verdict in a sentence, why, and the measures that decide. */
export function consoleText(view: ComparisonView, enableColors: boolean): string {
  const colors = picocolors.createColors(enableColors);
  const { verdict, columns, gating, changed, othersInWords } = view;
  return [
    '',
    `${colored(colors, verdict)}  ${printable(view.headline)}`,
    ...view.reasons.map((reason) => `  - ${printable(reason)}`),
    ...(gating.length === 0
      ? []
      : ['', rowsTable(colors, ['measure', ...columns], gating), ...view.legend.map(colors.dim)]),
    ...(changed.length === 0 ? [] : ['', rowsTable(colors, ['decides nothing', ...columns], changed)]),
    ...(othersInWords === '' ? [] : ['', othersInWords]),
    ...view.notes.map((note) => `note: ${printable(note)}`),
    ...view.differences.map(printable),
    ...view.warnings.map((warning) => `warning: ${printable(warning)}`),
    '',
  ].join('\n');
}

const rowsTable = (colors: Colors, head: readonly string[], rows: readonly RowView[]): string =>
  table(
    head,
    rows.map((row) => [printable(row.title), colored(colors, row.verdict), ...rowFigures(row)]),
    ROW_RIGHT,
  );

/** A verdict's word in its colour. */
export function colored(colors: Colors, verdict: string): string {
  switch (verdict) {
    case 'REGRESSED':
    case 'worse':
      return colors.red(verdict);
    case 'IMPROVED':
    case 'NO CHANGE':
    case 'better':
      return colors.green(verdict);
    case 'INVALID':
      return colors.magenta(verdict);
    default:
      return colors.yellow(verdict);
  }
}
