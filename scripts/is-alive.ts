import { processStat } from './process-stat';

/** Whether a process of this id lives. One that has ended and that nobody has asked how, a zombie, does not. */
export function isAlive(pid: number): boolean {
  // To the system 0 and negative numbers are groups of processes, of which one always lives.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    // Without /proc the signal is all there is to go by.
    return processStat(`/proc/${pid}/stat`)?.[0] !== 'Z';
  } catch (error) {
    // EPERM means that the process exists and belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
