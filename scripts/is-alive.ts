import { readFileSync } from 'node:fs';

/** Whether a process of this id lives. One that has ended and that nobody has asked how, a zombie, does not. */
export function isAlive(pid: number): boolean {
  // To the system 0 and negative numbers are groups of processes, of which one always lives.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM means that the process exists and belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before the state is in parentheses, and may hold any itself.
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    // A system without /proc, on which the signal is all there is to go by.
    return false;
  }
}
