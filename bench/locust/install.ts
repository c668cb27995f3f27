import { join } from 'node:path';
import { root } from '../../scripts/root';
import { packageFolder } from '../python-packages';

const REQUIREMENTS = join(root, 'bench', 'locust', 'requirements.txt');

/**
 * The folder with Locust.
 *
 * @param install puts it there where it is missing.
 * @returns null where it is missing and was not to be installed. @throws UserError when it cannot be installed.
 */
export const locustFolder = (install: boolean, env?: NodeJS.ProcessEnv): Promise<string | null> =>
  packageFolder('locust', REQUIREMENTS, install, env);
