import { formatClaim, formatValue } from '../text/format';
import { printable } from '../text/printable';
import { table } from '../text/table';
import type { ComponentRow } from './row';

/** The components with their verdicts, and below them why. */
export function componentsText(heading: string, rows: readonly ComponentRow[]): string {
  const reasons = rows.flatMap(({ title, reason }) => (reason === null ? [] : [{ title, reason }]));
  const byReason = new Map<string, string[]>();
  for (const { title, reason } of reasons) byReason.set(reason, [...(byReason.get(reason) ?? []), title]);
  return [
    printable(heading),
    '',
    table(
      ['component', 'target', 'P50', 'P95', '95 % bound', 'samples', 'verdict'],
      rows.map((row) => [
        row.title,
        formatClaim('<', row.limitMs, 'ms'),
        shown(row.p50Ms),
        shown(row.p95Ms),
        shown(row.boundMs),
        row.samples === 0 ? '' : String(row.samples),
        row.verdict ?? 'not measurable here',
      ]),
      [2, 3, 4, 5],
    ),
    ...(byReason.size === 0 ? [] : ['']),
    ...[...byReason].map(([reason, titles]) => printable(`${titles.join(', ')}: ${reason}`)),
    '',
  ].join('\n');
}

const shown = (ms: number | null): string => (ms === null ? '' : formatValue(ms, 'ms'));
