import type { Verdict } from '../result/verdict';
import { oneLine } from '../text/printable';

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
  const title = property(oneLine(`fiml-perf ${verdict}`));
  return reasons.map((reason) => `::${level} title=${title}::${data(oneLine(reason))}\n`).join('');
}

/** A colon would end the properties, a comma this one. */
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
