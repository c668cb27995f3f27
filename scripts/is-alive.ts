/** Whether a process of this id lives. */
export function isAlive(pid: number): boolean {
  // To the system 0 and negative numbers are groups of processes, of which one always lives.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM means that the process exists and belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
