import type { HistoryView } from '../history/trend';
import { nameOf } from '../result/baseline';
import type { Evidence } from '../result/evidence';
import type { Verdict } from '../result/verdict';
import { consoleText } from './console';
import { markdown, markdownTable } from './escape';
import { runHtml } from './html';
import { suiteOfRun } from './junit/run';
import { knee } from './knee';
import { markdownText } from './markdown';
import { type Report, reportOf } from './model';
import type { Subject } from './subject';
import { type ReportView, viewOf } from './view';

/** A judged run in every form. */
export interface Rendered extends Subject {
  /** The knee of a rising load as SVG; null for any other run. */
  readonly knee: string | null;
  console(enableColors: boolean): string;
  /** `report.html`; draws its plots when it is asked for. @param history up to this run, null where none is kept. */
  html(history: HistoryView | null): string;
}

export function render(evidence: Evidence, verdict: Verdict): Rendered {
  const report = reportOf(evidence, verdict);
  const view = viewOf(report);
  const { run, headline } = report;
  return {
    verdict: verdict.verdict,
    exitCode: verdict.exitCode,
    what: `${view.run} on ${view.target}`,
    headline,
    reasons: verdict.reasons,
    document: verdict,
    worst: worstTargets(view),
    suites: () => [suiteOfRun(nameOf(run), run, verdict, headline)],
    markdown: markdownText(view, report.reproduction),
    knee: kneeOf(report),
    console: (enableColors) => consoleText(view, enableColors),
    html: (history) => runHtml(report, view, { result: evidence.result, history }),
  };
}

const WORST_FIRST = ['FAIL', 'INVALID', 'WARN'];

/** The targets that do not hold, or of which it is not known. */
function worstTargets({ targets }: ReportView): string {
  const rows = WORST_FIRST.flatMap((word) => targets.filter(({ verdict }) => verdict === word));
  if (rows.length === 0) return '';
  return markdownTable(
    ['Target', 'Verdict', 'Value', 'Limit', '95 % bound'],
    rows.map((row) => [markdown(row.title), row.verdict, row.value, row.limit, row.bound]),
    [2, 4],
  );
}

function kneeOf({ breakpoint, run: { targets } }: Report): string | null {
  if (breakpoint === null || breakpoint.steps.length === 0) return null;
  return knee(breakpoint, { p95Ms: targets.find(({ statistic }) => statistic === 'p95-at-capacity')?.limit ?? null });
}
