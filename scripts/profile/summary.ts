import { table } from '../text/table';
import type { Findings } from './findings';

/** `summary_*.txt`, and what the command prints. */
export function summaryText({ verdict, headline, about, facts, notes, tables }: Findings): string {
  const width = Math.max(...facts.map(({ name }) => name.length), 0);
  const parts = [
    [`${verdict}  ${headline}`, ...about],
    facts.map(({ name, value }) => `${name.padEnd(width)}  ${value}`),
    ...tables.map(({ title, hint, head, rows, right }) => [
      title,
      table(head, rows, right),
      ...(hint === '' ? [] : [hint]),
    ]),
    notes.map((note) => `note: ${note}`),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
