import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What shows a file to whoever sits before this machine. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...args: string[]]>>> = {
  darwin: ['open'],
  // Its first argument in quotes would be taken for a window's title.
  win32: ['cmd', '/c', 'start', ''],
};
const OTHERWISE: readonly [string, ...string[]] = ['xdg-open'];

/**
 * Opens a file with the program that this system has for it, and does not wait for that to end.
 *
 * @param env in whose PATH it is looked for.
 * @returns false where there is nothing to open it with, as on a server.
 */
export async function open(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const [program, ...args] = OPENERS[process.platform] ?? OTHERWISE;
  const child = spawn(program, [...args, path], { env, stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
  } catch {
    return false;
  }
  child.unref();
  return true;
}
