import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../scripts/setup/cache';
import { installWithPip } from '../../scripts/setup/pip';
import { repository } from './cli';

/** A first time it comes from PyPI, with all that it needs. */
export const INSTALL_MS = 120_000;

/**
 * Installs a Python package into the project's cache where it is missing.
 *
 * @param pinned its name and version, as `memray==1.20.0`.
 * @param folder of the package that Python imports.
 * @returns what is to be in `PYTHONPATH`.
 */
export async function pythonPackage(pinned: string, folder: string): Promise<string> {
  const [name = '', version = ''] = pinned.split('==');
  const target = join(cacheFolder(repository, process.env, name), version);
  if (!existsSync(join(target, folder))) await installWithPip([pinned], target, folder, process.env);
  return target;
}
