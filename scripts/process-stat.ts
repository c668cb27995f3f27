import { readFileSync } from 'node:fs';

/**
 * The fields of a `stat` file of Linux's /proc from the state on: the name before it is in brackets and may hold anything,
 * brackets included.
 *
 * @param path `/proc/<pid>/stat` or that of a thread.
 * @returns null where there is no such process, or no /proc.
 */
export function processStat(path: string): string[] | null {
  try {
    const stat = readFileSync(path, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
