import { readFileSync } from 'node:fs';
import { UserError } from '../errors';
import type { Run } from '../result/run';

/** As often as the shortest rounds of `memory-leak` need. */
const LOOK_MS = 500;

type Looks = NonNullable<Run['serverMemory']>;

/**
 * Watches the resident memory of a process on this machine; a look that fails, when the process has ended, is left out.
 *
 * @throws UserError when there is no such process, or the system does not tell (not Linux).
 */
export function watchMemory(pid: number): { readonly looks: Looks; stop(): void } {
  if (residentBytes(pid) === null) {
    throw new UserError(
      `PERF_SERVER_PID: /proc/${pid}/status does not tell the memory of a process: is ${pid} the server's?`,
    );
  }
  const looks: Looks = [];
  const timer = setInterval(() => {
    const bytes = residentBytes(pid);
    if (bytes !== null) looks.push({ atMs: Date.now(), bytes });
  }, LOOK_MS);
  return { looks, stop: () => clearInterval(timer) };
}

/** Resident memory of a process, in bytes, whatever the size of a page; null when it cannot be told. */
export const residentBytes = (pid: number): number | null => statusBytes(pid, 'VmRSS');

/** The most resident memory that a process has held. */
export const peakBytes = (pid: number): number | null => statusBytes(pid, 'VmHWM');

function statusBytes(pid: number, name: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
