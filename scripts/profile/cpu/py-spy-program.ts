import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors';
import { root } from '../../root';
import { cacheFolder, openWorkspace } from '../../setup/cache';
import { findOnPath } from '../../setup/find';
import { runProgram } from './program';

/** The version that is installed; one on PATH may be another. */
const VERSION = '0.4.1';
const INSTALL_MS = 120_000;
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
  const inCache = join(cached, 'bin', 'py-spy');
  const found = findOnPath('py-spy', env, process.platform) ?? (existsSync(inCache) ? inCache : null);
  if (found !== null) return { path: found, version: await versionOf(found) };
  if (!install) {
    throw new UserError(
      'py-spy is needed for a Python server and is not installed. Either of these helps:\n' +
        `  pip install py-spy==${VERSION}\n` +
        '  the same call with --install, which puts it into the cache of this project',
    );
  }
  await installPySpy(cached, cacheFolder(root, env, 'py-spy'), env, say);
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

/** Beside the place first, then into it by one rename: who is stopped meanwhile leaves nothing that looks installed. */
async function installPySpy(
  target: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<void> {
  const python = findOnPath('python3', env, process.platform);
  if (python === undefined) throw new UserError('--install needs python3 with pip on PATH: apt install python3-pip');
  say(`py-spy: installing ${VERSION} from PyPI`);
  mkdirSync(folder, { recursive: true });
  const workspace = openWorkspace(folder);
  try {
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '--target', workspace];
    const { code, stderr } = await runProgram(python, [...args, `py-spy==${VERSION}`], INSTALL_MS);
    if (code !== 0) {
      throw new UserError(
        `py-spy could not be installed: ${stderr.trim()}\nwith a network: pip install py-spy==${VERSION}`,
      );
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(workspace, target);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
