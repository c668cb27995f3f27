import { plural } from '../text/format';
import type { ConformanceReport } from './conformance';
import type { DoctorReport } from './diagnose';
import type { Finding } from './finding';

/** Width of a page that terminals and mails show without breaking lines themselves. */
const WIDTH = 120;

/** The doctor's report as plain text: a line a finding, what to try next below it. */
export function renderDoctor({ target, findings }: DoctorReport): string {
  const titleWidth = Math.max(...findings.map(({ title }) => title.length));
  const indent = 'unknown'.length + 2 + titleWidth + 2;
  const block = ({ status, title, detail, next }: Finding) => [
    `${status.padEnd('unknown'.length + 2)}${title.padEnd(titleWidth + 2)}${wrapped(detail, indent)}`,
    ...(next === null ? [] : [`${' '.repeat(indent)}${wrapped(`next: ${next}`, indent)}`]),
  ];
  return [
    target === null ? 'this machine' : `${target} and this machine`,
    '',
    ...findings.flatMap(block),
    '',
    summary(findings),
    ...(target === null ? ['No server was looked at: name one with --target URL or PERF_TARGET.'] : []),
    '',
  ].join('\n');
}

function summary(findings: readonly Finding[]): string {
  const count = (status: Finding['status']) => findings.filter((each) => each.status === status).length;
  const parts = (['bad', 'warn', 'unknown', 'ok'] as const).map((status) => `${count(status)} ${status}`);
  return `${parts.join(', ')}.`;
}

/** The comparison as plain text: differences first, a line each. */
export function renderConformance(report: ConformanceReport): string {
  const { target, unreachable, compared, differences, extras, notCompared } = report;
  if (unreachable !== null) return `${target} was not compared: ${unreachable}\n`;
  return [
    `${target}: ${plural(compared, 'answer')} compared with the contract, ${plural(differences.length, 'difference')}`,
    ...section(
      "Differences (in a tool's answer paths are those of the JSON in its text)",
      differences.map(({ route, path, expected, found }) => [route, path, `expected ${expected}`, `found ${found}`]),
    ),
    ...section(
      'Not compared',
      notCompared.map(({ route, reason }) => [route, reason]),
    ),
    ...section(
      'Fields that the contract does not have',
      extras.map(({ route, path }) => [route, path]),
    ),
    '',
  ].join('\n');
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ['', title, ...aligned(rows).map((line) => `  ${line}`)];
}

/** Columns two spaces apart. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks a text between words; lines after the first begin at `indent`. */
export function wrapped(text: string, indent: number): string {
  const room = Math.max(40, WIDTH - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
