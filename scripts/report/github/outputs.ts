import { appendFileSync } from 'node:fs';
import { UserError } from '../../errors';
import { writeProblem } from '../../result/files';

/**
 * Sets outputs of the step that this process is part of; outside of GitHub Actions it does nothing.
 *
 * @param outputs by name; a value is one line.
 * @throws UserError when they cannot be written.
 */
export function setOutputs(
  { GITHUB_OUTPUT: path }: NodeJS.ProcessEnv,
  outputs: Readonly<Record<string, string>>,
): void {
  if (path === undefined || path === '') return;
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  try {
    appendFileSync(path, lines.join(''));
  } catch (error) {
    throw new UserError(`the outputs of the step, ${path}, cannot be written: ${writeProblem(error)}`);
  }
}
