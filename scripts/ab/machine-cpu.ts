import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_S = 100;

/**
 * CPU time that all processes of this machine have used since it started, s; null where the system does not tell (not
 * Linux). Of the fields of `/proc/stat` idle and iowait are no use; guest time is in user time already.
 */
export function busyCpuS(): number | null {
  try {
    const [total = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = total
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_S;
  } catch {
    return null;
  }
}

/** Begins to watch this machine. @returns what tells the share of its CPU that was in use since; null where nothing tells. */
export function watchMachine(): () => number | null {
  const [before, startedAtMs] = [busyCpuS(), performance.now()];
  return () => {
    const after = busyCpuS();
    const elapsedS = (performance.now() - startedAtMs) / 1000;
    return before === null || after === null ? null : (after - before) / elapsedS / availableParallelism();
  };
}
