import { markdown } from '../report/escape';
import { inColumns } from '../text/table';
import { type ComparisonView, ROW_RIGHT, type RowView, rowFigures } from './view';

/** A comparison as Markdown that reads as well where nothing renders it: its tables are laid out in columns. */
export function markdownText(view: ComparisonView): string {
  const list = (lines: readonly string[]) => lines.map((line) => `- ${markdown(line)}`);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];
  return [
    `# Regression report: ${markdown(view.verdict)}`,
    '',
    markdown(view.headline),
    ...(view.reasons.length === 0 ? [] : ['', ...list(view.reasons)]),
    ...section(
      'Measures that decide',
      view.gating.length === 0 ? [] : [rowsTable(view.columns, view.gating), '', ...list(view.legend)],
    ),
    ...section(
      'Other measures',
      view.others.length === 0 ? [] : [`${markdown(view.othersInWords)}.`, '', rowsTable(view.columns, view.others)],
    ),
    ...section('Notes', list(view.notes)),
    ...section('Differences between the sides', list(view.differences)),
    ...section('Warnings', list(view.warnings)),
    ...section('Runs', [
      columns(
        ['side', 'run', 'began', 'commit'],
        view.runs.map(({ side, id, began, commit }) => [side, markdown(id), began, markdown(commit)]),
        [],
      ),
    ]),
    '',
  ].join('\n');
}

/** @param head of the columns after the first. */
export const rowsTable = (head: readonly string[], rows: readonly RowView[]): string =>
  columns(
    ['measure', ...head],
    rows.map((row) => [
      // The other cells are of our own making.
      markdown(row.title),
      row.verdict,
      ...rowFigures(row),
    ]),
    ROW_RIGHT,
  );

/** A Markdown table whose columns are aligned in the source as well. */
function columns(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string {
  const rule = head.map((_, column) => (right.includes(column) ? '---:' : '---'));
  return inColumns([head, rule, ...rows], right)
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
