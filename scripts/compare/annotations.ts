import { EXIT_OK } from '../exit-codes';
import { annotations } from '../report/annotations';
import type { Comparison } from '../result/comparison';
import { changeInWords } from './view';

/** What GitHub Actions shows beside the job: what failed it as errors, what only got worse as warnings. */
export function comparisonAnnotations(comparison: Comparison): string {
  const { verdict, exitCode, reasons, rows } = comparison;
  const worse = (gating: boolean) =>
    rows.filter((row) => row.gating === gating && row.verdict === 'REGRESSED').map(changeInWords);
  // An improvement, or no change, is nothing to be told of a job that passes.
  const isQuiet = exitCode === EXIT_OK && (verdict === 'IMPROVED' || verdict === 'NO CHANGE');
  const decided = verdict === 'REGRESSED' ? worse(true) : isQuiet ? [] : reasons;
  return (
    annotations({ verdict, exitCode, reasons: decided }) +
    annotations({ verdict: 'worse', exitCode: EXIT_OK, reasons: worse(false) })
  );
}
