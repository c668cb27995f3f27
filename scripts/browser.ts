import { spawn } from 'node:child_process';

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

/** Opens an address in the user's browser, where there is one; where there is none, the address was printed. */
export function openInBrowser(url: string, env: NodeJS.ProcessEnv): void {
  const command = browserCommand(env, process.platform);
  if (command === null) return;
  const [program, ...args] = command;
  const child = spawn(program, [...args, url], { env, stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
}
