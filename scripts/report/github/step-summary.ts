import { appendFileSync, statSync } from 'node:fs';
import { UserError } from '../../errors';
import { writeProblem } from '../../result/files';
import type { Subject } from '../subject';
import { SUMMARY_BYTES, summaryText } from './digest';

/**
 * Adds verdicts to the summary of the step that this process is part of; outside of GitHub Actions it does nothing. What
 * other commands of the step wrote counts towards the same limit.
 *
 * @throws UserError when it cannot be written.
 */
export function appendStepSummary(
  { GITHUB_STEP_SUMMARY: path }: NodeJS.ProcessEnv,
  subjects: readonly Subject[],
): void {
  if (path === undefined || path === '' || subjects.length === 0) return;
  const taken = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const text = summaryText(subjects, SUMMARY_BYTES - taken - 1);
  try {
    if (text !== '') appendFileSync(path, `${text}\n`);
  } catch (error) {
    throw new UserError(`the summary of the step, ${path}, cannot be written: ${writeProblem(error)}`);
  }
}
