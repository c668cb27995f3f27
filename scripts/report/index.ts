import type { HistoryView } from '../history/trend';
import type { Evidence } from '../result/evidence';
import type { Verdict } from '../result/verdict';
import { consoleText } from './console';
import { runHtml } from './html';
import { knee } from './knee';
import { markdownText } from './markdown';
import { type Report, reportOf } from './model';
import { viewOf } from './view';

/** A judged run in every form. */
export interface Rendered {
  readonly markdown: string;
  /** The knee of a rising load as SVG; null for any other run. */
  readonly knee: string | null;
  console(enableColors: boolean): string;
  /** `report.html`; draws its plots when it is asked for. @param history up to this run, null where none is kept. */
  html(history: HistoryView | null): string;
}

export function render(evidence: Evidence, verdict: Verdict): Rendered {
  const report = reportOf(evidence, verdict);
  const view = viewOf(report);
  return {
    markdown: markdownText(view, report.reproduction),
    knee: kneeOf(report),
    console: (enableColors) => consoleText(view, enableColors),
    html: (history) => runHtml(report, view, { result: evidence.result, history }),
  };
}

function kneeOf({ breakpoint, run: { targets } }: Report): string | null {
  if (breakpoint === null || breakpoint.steps.length === 0) return null;
  return knee(breakpoint, { p95Ms: targets.find(({ statistic }) => statistic === 'p95-at-capacity')?.limit ?? null });
}
