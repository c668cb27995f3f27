import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What opens an address in the user's browser, by system. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // The empty word is the window's title, for which start would take the address.
  win32: ['cmd', '/c', 'start', ''],
  linux: ['xdg-open'],
};

/**
 * The command that opens an address in a browser here.
 *
 * @returns null where nobody could see it: without a display xdg-open starts a text browser in this very terminal.
 */
export function browserCommand(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): readonly [string, ...string[]] | null {
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return null;
  return OPENERS[platform] ?? null;
}

/**
 * Opens an address, or a file, in the user's browser, and does not wait for that to end.
 *
 * @param env in whose PATH the opener is looked for.
 * @returns false where there is none, or nobody could see it.
 */
export async function openInBrowser(address: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const command = browserCommand(env, process.platform);
  if (command === null) return false;
  const [program, ...args] = command;
  const child = spawn(program, [...args, address], { env, stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
  } catch {
    return false;
  }
  child.unref();
  return true;
}
