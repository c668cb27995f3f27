import { nameText, printable } from '../text/printable';
import { table } from '../text/table';
import type { Findings } from './findings';

/**
 * `summary_*.txt`, and what the command prints. Names come from the profiled program, and may hold what a terminal obeys.
 */
export function summaryText({ verdict, headline, about, facts, notes, tables }: Findings): string {
  const width = Math.max(...facts.map(({ name }) => name.length), 0);
  const parts = [
    [`${verdict}  ${printable(headline)}`, ...about.map(printable)],
    facts.map(({ name, value }) => `${name.padEnd(width)}  ${printable(value)}`),
    ...tables.map(({ title, hint, head, rows, right }) => [
      title,
      table(
        head,
        rows.map((row) => row.map((text) => printable(nameText(text)))),
        right,
      ),
      ...(hint === '' ? [] : [hint]),
    ]),
    notes.map((note) => `note: ${printable(note)}`),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
