import type { Verdict } from '../result/verdict';
import { printable } from '../text/printable';

/**
 * Workflow commands by which GitHub Actions shows a message beside the job: an error for each reason of a verdict that
 * fails it, a warning otherwise. Source: GitHub Docs, Workflow commands for GitHub Actions.
 */
export function annotations({
  verdict,
  exitCode,
  reasons,
}: Pick<Verdict, 'exitCode' | 'reasons'> & { readonly verdict: string }): string {
  const level = exitCode === 0 ? 'warning' : 'error';
  return reasons.map((reason) => `::${level} title=fiml-perf ${verdict}::${data(printable(reason))}\n`).join('');
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
