import { readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_S = 100;

/**
 * CPU time that all processes of this machine have used since it started, s; null where the system does not tell (not
 * Linux). Of the fields of `/proc/stat` idle and iowait are no use; guest time is in user time already.
 */
function busyCpuS(): number | null {
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

/** CPU time that all processes of a machine used in a stretch of time; null where nothing tells. */
export interface MachineUse {
  readonly busyS: number | null;
  readonly elapsedS: number;
}

/** Begins to watch this machine. @returns what tells its use since. */
export function watchMachine(): () => MachineUse {
  const [before, startedAtMs] = [busyCpuS(), performance.now()];
  return () => {
    const after = busyCpuS();
    return {
      busyS: before === null || after === null ? null : after - before,
      elapsedS: (performance.now() - startedAtMs) / 1000,
    };
  };
}
