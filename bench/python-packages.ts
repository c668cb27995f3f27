import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/root';
import { cacheFolder } from '../scripts/setup/cache';
import { installWithPip } from '../scripts/setup/pip';

/**
 * The folder with a Python package and all that it needs, for `PYTHONPATH`: that of the project's cache.
 *
 * @param name of the package.
 * @param requirements the file that pins it.
 * @param install puts it there, from PyPI, where it is missing.
 * @returns null where it is missing and was not to be installed. @throws UserError when it cannot be installed.
 */
export async function packageFolder(
  name: string,
  requirements: string,
  install: boolean,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  // Of other requirements it is another one.
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(root, env, name), version);
  if (existsSync(join(folder, name))) return folder;
  if (!install) return null;
  await installWithPip(['-r', requirements], folder, name, env);
  return folder;
}
