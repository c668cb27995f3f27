import type { Case, Suite } from '../report/junit/suite';
import { outcomeOf, verdictCase } from '../report/junit/suite';
import type { Subject } from '../report/subject';
import { nameOf } from '../result/baseline';
import { type Comparison, type ComparisonRow, METRIC_VERDICTS } from '../result/comparison';
import { markdownText, rowsTable } from './markdown';
import { type ComparisonView, comparisonView, type RowView } from './view';

/** A comparison as every form of a report needs it. */
export function comparisonSubject(comparison: Comparison): Subject {
  const view = comparisonView(comparison);
  const { verdict, exitCode, reasons } = comparison;
  return {
    verdict,
    exitCode,
    what: `comparison of ${nameOf(comparison)}`,
    headline: view.headline,
    reasons,
    document: comparison,
    markdown: markdownText(view),
    worst: view.gating.length === 0 ? '' : rowsTable(view.columns, worstFirst(view.gating)),
    suites: () => [suiteOf(comparison, view)],
  };
}

const worstFirst = (rows: readonly RowView[]): RowView[] =>
  METRIC_VERDICTS.flatMap((word) => rows.filter(({ verdict }) => verdict === word));

/** The comparison's verdict, and a case for each measure. */
function suiteOf(comparison: Comparison, { headline, gating, others }: ComparisonView): Suite {
  const { verdict, exitCode, reasons, rows, baseline, candidate } = comparison;
  const [deciding, rest] = [rows.filter((row) => row.gating), rows.filter((row) => !row.gating)];
  return {
    name: `comparison.${nameOf(comparison)}`,
    startedAtMs: candidate.runs[0]?.startedAtMs ?? null,
    durationS: null,
    properties: [
      ['baseline', baseline.target],
      ['candidate', candidate.target],
      ['runs of the baseline', String(baseline.runs.length)],
      ['runs of the candidate', String(candidate.runs.length)],
    ],
    cases: [
      verdictCase({ verdict, exitCode, headline, reasons }),
      ...gating.map((row, at) => caseOf('measures', row, deciding[at])),
      ...others.map((row, at) => caseOf('other measures', row, rest[at])),
    ],
  };
}

/** A measure that decides nothing can fail nothing: where it got worse, or cannot be compared, that is left open. */
function caseOf(group: string, view: RowView, row: ComparisonRow | undefined): Case {
  const { title, verdict, baseline, candidate, change, interval, findsFrom } = view;
  const outcome = outcomeOf(row?.verdict ?? '');
  const note = row?.note === null || row === undefined ? [] : [row.note];
  return {
    group,
    name: title,
    outcome: row?.gating === true || outcome === 'passed' ? outcome : 'skipped',
    detail: [
      `${verdict}: ${change} (${interval}), from ${baseline} to ${candidate}; finds changes from ${findsFrom}`,
      ...note,
    ].join('; '),
  };
}
