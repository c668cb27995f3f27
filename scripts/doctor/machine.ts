import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, freemem, loadavg, platform, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';

/** What this machine has to give; null for what the system does not tell. */
export interface Machine {
  /** Processes that ran or waited to run, over the last minute. */
  readonly load: number | null;
  readonly cores: number;
  readonly freeMemoryBytes: number;
  readonly memoryBytes: number;
  /** Files and connections that a process started from here may have open. */
  readonly openFiles: number | null;
  /** Ports for connections to one address. */
  readonly localPorts: number | null;
}

/** Looks at this machine, or at the share of it that its container has. */
export function readMachine(): Machine {
  const linux = platform() === 'linux';
  const container = linux ? containerMemory() : null;
  const free = freemem();
  return {
    load: platform() === 'win32' ? null : (loadavg()[0] ?? null),
    cores: cpus().length,
    freeMemoryBytes: container === null ? free : Math.min(free, container.freeBytes),
    memoryBytes: container === null ? totalmem() : Math.min(totalmem(), container.limitBytes),
    openFiles: linux ? openFileLimit(read('/proc/self/limits')) : null,
    localPorts: linux ? countPorts(read('/proc/sys/net/ipv4/ip_local_port_range')) : null,
  };
}

/** Reads `Max open files  1024  4096  files`: the limit that is in force. Null when there is none or it is not told. */
export function openFileLimit(limits: string | null): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? null : Number(soft);
}

/** How many ports a range such as `32768 60999` holds. */
export function countPorts(range: string | null): number | null {
  const [first, last] = (range ?? '').trim().split(/\s+/).map(Number);
  return first === undefined || last === undefined || !(last >= first) ? null : last - first + 1;
}

/** Room on the disk of a folder that need not exist yet; null where the system does not tell. */
export function freeDiskBytes(folder: string): number | null {
  let existing = resolve(folder);
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    const { bavail, bsize } = statfsSync(existing);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** A cgroup's limit and what is left of it. The file cache counts as used there and is given back when needed. */
function containerMemory(): { limitBytes: number; freeBytes: number } | null {
  const limitBytes = Number(read('/sys/fs/cgroup/memory.max') ?? Number.NaN);
  const usedBytes = Number(read('/sys/fs/cgroup/memory.current') ?? Number.NaN);
  const cacheBytes = Number(/^inactive_file (\d+)/m.exec(read('/sys/fs/cgroup/memory.stat') ?? '')?.[1] ?? 0);
  if (!Number.isFinite(limitBytes) || !Number.isFinite(usedBytes)) return null;
  return { limitBytes, freeBytes: Math.max(0, limitBytes - usedBytes + cacheBytes) };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
