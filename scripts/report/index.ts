import type { Evidence } from '../result/evidence';
import type { Verdict } from '../result/verdict';
import { consoleText } from './console';
import { markdownText } from './markdown';
import { reportOf } from './model';
import { viewOf } from './view';

/** A judged run in every form. */
export interface Rendered {
  readonly markdown: string;
  console(enableColors: boolean): string;
}

export function render(evidence: Evidence, verdict: Verdict): Rendered {
  const report = reportOf(evidence, verdict);
  const view = viewOf(report);
  return {
    markdown: markdownText(view, report.reproduction),
    console: (enableColors) => consoleText(view, enableColors),
  };
}
