import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The interpreter of a running Python process, as its own environment knows it: that of a venv is a link to the system's, and
 * only by the link are the venv's packages found.
 */
export function interpreterOf(pid: number): string {
  const [started = ''] = textsIn(`/proc/${pid}/cmdline`);
  const venv = textsIn(`/proc/${pid}/environ`)
    .find((text) => text.startsWith('VIRTUAL_ENV='))
    ?.slice('VIRTUAL_ENV='.length);
  const candidates = [
    // A name without a folder was looked for on a PATH that has changed since.
    ...(started.includes('/') ? [resolve(readlinkSync(`/proc/${pid}/cwd`), started)] : []),
    ...(venv === undefined ? [] : [`${venv}/bin/python`]),
  ];
  return candidates.find(existsSync) ?? readlinkSync(`/proc/${pid}/exe`);
}

/** What is separated by NUL in a file of /proc; nothing where this user may not read it. */
function textsIn(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\0');
  } catch {
    return [];
  }
}
