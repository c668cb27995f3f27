import { formatBytes } from '../text/format';
import { bad, type Finding, finding, type Look, ok, unknown, warn } from './finding';
import { lookForK6 } from './k6';
import { freeDiskBytes, type Machine, readMachine } from './machine';
import { LEAST_MEMORY_BYTES } from './preflight';

/** Room for the samples of the largest of the suite's profiles. */
const LEAST_DISK_BYTES = 200e6;

/** What this machine has to give to a load. */
export async function machineFindings(resultsFolder: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const machine = readMachine();
  return [
    finding('cpu', 'CPU of this machine', lookAtCpu(machine)),
    finding('memory', 'Memory of this machine', lookAtMemory(machine)),
    finding('disk', 'Disk of the results', lookAtDisk(resultsFolder, freeDiskBytes(resultsFolder))),
    finding('connections', 'Connections', lookAtConnections(machine)),
    finding('k6', 'k6', await lookForK6(env)),
  ];
}

export function lookAtCpu({ load, cores }: Machine): Look {
  if (load === null) return unknown(`${cores} cores; how busy they are this system does not tell`);
  const detail = `load average ${load.toFixed(1)} over the last minute, on ${cores} cores`;
  return load <= cores ? ok(detail) : warn(detail, 'End what else is running: top shows it');
}

export function lookAtMemory({ freeMemoryBytes, memoryBytes }: Machine): Look {
  const detail = `${formatBytes(freeMemoryBytes)} of ${formatBytes(memoryBytes)} are free`;
  return freeMemoryBytes >= LEAST_MEMORY_BYTES
    ? ok(detail)
    : warn(detail, 'End other programs: what is measured otherwise is the shortage');
}

export function lookAtDisk(folder: string, freeBytes: number | null): Look {
  if (freeBytes === null) return unknown(`how much room ${folder} has this system does not tell`);
  const detail = `${formatBytes(freeBytes)} free for ${folder}`;
  return freeBytes >= LEAST_DISK_BYTES
    ? ok(detail)
    : bad(detail, 'Free some space, or set PERF_RESULTS to another folder');
}

/** How many virtual users the limits of this system allow: each has a connection, and a local port for it. */
export function lookAtConnections({ openFiles, localPorts }: Machine): Look {
  const limits = [openFiles, localPorts].filter((limit) => limit !== null);
  if (limits.length === 0) return unknown('how many a process may have this system does not tell');
  return ok(`enough for about ${Math.min(...limits)} virtual users`);
}
