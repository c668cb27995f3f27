import { execFileSync } from 'node:child_process';
import { z } from 'zod';
import { UserError } from '../errors';
import { processStat } from '../process-stat';

const STOP_DEADLINE_MS = 5000;
const KILL_DEADLINE_MS = 5000;
const POLL_MS = 20;

/** A process that whoever finds this record can end, and be sure not to end another. */
export const processSchema = z.strictObject({
  name: z.string(),
  pid: z.int().positive(),
  /** Ids are used again; two processes of one id never started at the same time. */
  startedAt: z.string(),
  /** What it ends itself on, in order. */
  stopSignal: z.enum(['SIGTERM', 'SIGINT']),
});

export type ServiceProcess = z.output<typeof processSchema>;

/** When a process was started, in whatever form the system says it; null: there is none of that id. */
export function startTimeOf(pid: number): string | null {
  return process.platform === 'linux' ? linuxStartTime(pid) : psStartTime(pid);
}

/** Ticks since the machine was started. */
function linuxStartTime(pid: number): string | null {
  const stat = processStat(`/proc/${pid}/stat`);
  // A zombie has ended; only its parent has not asked yet how.
  return stat?.[0] === 'Z' ? null : (stat?.[19] ?? null);
}

function psStartTime(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null; // ps ends with 1 where there is none.
  }
}

export const lives = ({ pid, startedAt }: Pick<ServiceProcess, 'pid' | 'startedAt'>): boolean =>
  startTimeOf(pid) === startedAt;

/**
 * Ends a process and the group that it leads: asks it first, then kills it. One that has ended, or whose id is another's by
 * now, is left alone.
 * @throws UserError when it does not end.
 */
export async function endProcess(process: ServiceProcess): Promise<void> {
  const { name, pid, stopSignal } = process;
  if (!lives(process)) return;
  const gone = () => !lives(process);
  signalGroup(pid, stopSignal);
  // One that was stopped by SIGSTOP hears nothing before this.
  signalGroup(pid, 'SIGCONT');
  if (!(await holdsWithin(gone, STOP_DEADLINE_MS))) {
    signalGroup(pid, 'SIGKILL');
    if (!(await holdsWithin(gone, KILL_DEADLINE_MS))) {
      throw new UserError(`${name} (process ${pid}) does not end, not even by SIGKILL: look at what it waits for`);
    }
  }
  // What it has left of its group.
  signalGroup(pid, 'SIGKILL');
}

/** Polls until something holds, or its time is over; whether it holds. */
export async function holdsWithin(holds: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > deadline) return false;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  return true;
}

/** Signals a group of processes, which has the id of its first. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It ended in the meantime, which is what is wanted. Not every system says so of a process that has ended and whose
    // parent has not asked yet how.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
