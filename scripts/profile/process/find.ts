import { networkInterfaces } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { withoutCredentials } from '../../../config';
import { UserError } from '../../errors';
import { cpuSeconds } from '../../run/cpu';
import { processesAt } from './listeners';

/** Long enough for a hundred ticks of the kernel's count of CPU time. */
const COMPARE_MS = 1000;

/** The process behind a server's address, or several that share its work. */
export interface Found {
  readonly pids: readonly [number, ...number[]];
  /** Why these may not be the server's, in a sentence; null where the kernel says that they are. */
  readonly doubt: string | null;
}

/**
 * Finds the processes that listen where a server is reached.
 *
 * @throws UserError when the server is not on this machine, or nobody is seen there.
 */
export function findServer(url: string): Found {
  const { hostname } = new URL(url);
  if (!isHere(hostname)) {
    throw new UserError(
      `${hostname} is not this machine, and only processes of this one can be profiled: run fiml-perf profile there, ` +
        'or name a process here with --pid',
    );
  }
  const [first, ...rest] = listenersAt(url);
  if (first !== undefined) return { pids: [first, ...rest], doubt: null };
  throw new UserError(
    `no process is seen to listen at ${url}: it may be another user's (run this with sudo) or in a container ` +
      '(docker top CONTAINER shows its id out here); then name it with --pid',
  );
}

const listenersAt = (url: string): number[] => {
  const { port, protocol } = new URL(url);
  return processesAt(Number(port || (protocol === 'https:' ? 443 : 80)));
};

/**
 * The process that the user has named. It need not listen there itself: a worker may have its orders from a queue, and one in a
 * container is reached by another process.
 */
export function named(pid: number, url: string): Found {
  const listeners = isHere(new URL(url).hostname) ? listenersAt(url) : [];
  const doubt =
    listeners.length === 0 || listeners.includes(pid)
      ? null
      : `process ${pid}, which --pid names, does not listen at ${withoutCredentials(url)}, as ${listeners.join(', ')} does: the load tells nothing about it unless requests are handed on to it`;
  return { pids: [pid], doubt };
}

function isHere(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1' || /^127\./.test(host) || host === '0.0.0.0') return true;
  return Object.values(networkInterfaces()).some((addresses = []) => addresses.some(({ address }) => address === host));
}

/**
 * The one of several processes that is most at work: to be asked under load.
 *
 * @returns with a sentence about the others, or about what is doubtful; null when there is neither.
 * @throws UserError when all have ended.
 */
export async function busiest({ pids, doubt }: Found): Promise<{ readonly pid: number; readonly note: string | null }> {
  if (pids.length === 1) return { pid: pids[0], note: doubt };
  const before = pids.map(cpuSeconds);
  await pause(COMPARE_MS);
  const used = pids.map((pid, at) => ({ pid, usedS: (cpuSeconds(pid) ?? Number.NaN) - (before[at] ?? Number.NaN) }));
  const [first] = used.filter(({ usedS }) => !Number.isNaN(usedS)).sort((a, b) => b.usedS - a.usedS);
  if (first === undefined) throw new UserError(`the processes of the server (${pids.join(', ')}) have ended`);
  return {
    pid: first.pid,
    note: `${pids.length} processes serve this address (${pids.join(', ')}): only ${first.pid} was looked at, which took most CPU then; --pid names another`,
  };
}
