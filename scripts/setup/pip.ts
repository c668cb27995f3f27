import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../errors';
import { runProgram } from '../run-program';
import { openWorkspace } from './cache';
import { findOnPath } from './find';

const INSTALL_MS = 120_000;

/**
 * Installs Python packages into a folder of their own; nothing of the machine's Python is changed. Beside the place first, then
 * into it by one rename: who is stopped meanwhile leaves nothing that looks installed. Of two that install the same at once, the
 * first to be done is kept, since others may be at work with it.
 *
 * @param what pip is to install, as it takes it: names with versions, or `-r` and a file.
 * @param proof a path within the target that is there once it is installed.
 * @throws UserError when there is no python3, or pip fails, with what it said.
 */
export async function installWithPip(
  what: readonly string[],
  target: string,
  proof: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const python = findOnPath('python3', env, process.platform);
  if (python === undefined) throw new UserError('python3 with pip is needed on PATH: apt install python3-pip');
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  const workspace = openWorkspace(folder);
  try {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', workspace, ...what];
    const { code, stderr } = await runProgram(python, args, INSTALL_MS);
    if (code !== 0) throw new UserError(`pip could not install ${what.join(' ')}: ${stderr.trim()}`);
    if (existsSync(join(target, proof))) return;
    rmSync(target, { recursive: true, force: true });
    renameSync(workspace, target);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
