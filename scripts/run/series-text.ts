import { formatMeasure } from '../compare/text';
import { printable } from '../text/printable';
import { table } from '../text/table';
import type { FinishedRun } from './finish';

/** A run of a series in short: its verdict, why, and where the rest is. */
export function shortText({ verdict, headline, path }: FinishedRun, at: number, count: number): string {
  return [
    `run ${at + 1} of ${count}: ${verdict.verdict}  ${headline}`,
    ...verdict.reasons.map((reason) => `  - ${printable(reason)}`),
    `  ${path}`,
    '',
  ].join('\n');
}

/** The runs of a series side by side: verdict, and the measures by which they are compared. */
export function seriesText(finished: readonly FinishedRun[]): string {
  const gating = finished.map(({ observation }) => observation.measures.filter((measure) => measure.gating));
  const titles = [...new Set(gating.flat().map(({ title }) => title))];
  return `\n${table(
    ['measure', ...finished.map((_, at) => `run ${at + 1}`)],
    [
      ['verdict', ...finished.map(({ verdict }) => verdict.verdict)],
      ...titles.map((title) => [
        printable(title),
        ...gating.map((measures) => {
          const measure = measures.find((one) => one.title === title);
          return measure === undefined ? '–' : formatMeasure(measure.value, measure.unit);
        }),
      ]),
    ],
    finished.map((_, at) => at + 1),
  )}\n`;
}
