import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors';
import { root } from '../../root';
import { runProgram } from '../../run-program';
import { cacheFolder } from '../../setup/cache';
import { findOnPath } from '../../setup/find';
import { installWithPip } from '../../setup/pip';

/** The version that is installed; one on PATH may be another. */
const VERSION = '0.4.1';
const PROBE_MS = 10_000;

export interface PySpyProgram {
  readonly path: string;
  readonly version: string;
}

/**
 * py-spy of PATH, else of the project's cache, else from PyPI when that was asked for.
 *
 * @throws UserError when it is at none of these, with how to get it.
 */
export async function findPySpy(
  env: NodeJS.ProcessEnv,
  install: boolean,
  say: (line: string) => void,
): Promise<PySpyProgram> {
  const cached = join(cacheFolder(root, env, 'py-spy'), VERSION);
  const executable = join('bin', 'py-spy');
  const inCache = join(cached, executable);
  const found = findOnPath('py-spy', env, process.platform) ?? (existsSync(inCache) ? inCache : null);
  if (found !== null) return { path: found, version: await versionOf(found) };
  if (!install) {
    throw new UserError(
      'py-spy is needed for a Python server and is not installed. Either of these helps:\n' +
        `  pip install py-spy==${VERSION}\n` +
        '  the same call with --install, which puts it into the cache of this project',
    );
  }
  say(`py-spy: installing ${VERSION} from PyPI`);
  await installWithPip(['--no-deps', `py-spy==${VERSION}`], cached, executable, env);
  return { path: inCache, version: await versionOf(inCache) };
}

async function versionOf(path: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram(path, ['--version'], PROBE_MS);
  const version = /^py-spy (\S+)/.exec(stdout)?.[1];
  if (code === 0 && version !== undefined) return version;
  throw new UserError(
    `${path} does not run: ${(stderr || stdout).trim()}; reinstall it: pip install --force-reinstall py-spy`,
  );
}
