import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStat } from '../process-stat';
import type { Run } from '../result/run';

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_S = 100;
const SAMPLE_MS = 1000;

type Generator = Run['generator'];

/**
 * Watches how much of the CPU that it may use a process takes, and how much more it would have taken: a generator that is
 * kept from running by its neighbours is as much the limit as one that is busy itself.
 *
 * @returns the samples so far, and the newest; the list stays empty where the system does not tell (not Linux).
 */
export function watchCpu(pid: number): { generator: Generator; stop(): void } {
  const generator: Generator = { cpuLimit: cpuLimit(pid), samples: [] };
  let before = look(pid);
  const timer = setInterval(() => {
    const now = look(pid);
    // A command that starts k6 may set what it may use only then (taskset, a wrapper named by PERF_K6).
    generator.cpuLimit = cpuLimit(pid) ?? generator.cpuLimit;
    const passedS = (now.atMs - before.atMs) / 1000;
    if (now.usedS !== null && before.usedS !== null && generator.cpuLimit !== null && passedS > 0) {
      const shareOf = (seconds: number) => roundedShare(seconds / passedS / (generator.cpuLimit ?? 1));
      const waitedS = now.threads === null ? null : waitedSince(before.threads, now.threads, passedS);
      generator.samples.push({
        atMs: now.atMs,
        share: shareOf(now.usedS - before.usedS),
        waiting: waitedS === null ? null : shareOf(waitedS),
      });
    }
    before = now;
  }, SAMPLE_MS);
  return { generator, stop: () => clearInterval(timer) };
}

interface Look {
  readonly atMs: number;
  readonly usedS: number | null;
  /** By id; null where the kernel does not tell. */
  readonly threads: ReadonlyMap<string, Thread> | null;
}

interface Thread {
  /** Running, or ready to and waiting for a CPU. */
  readonly ready: boolean;
  readonly ranNs: number;
  /** Time that it was ready and had no CPU, of waits that have ended. */
  readonly waitedNs: number;
}

const look = (pid: number): Look => ({ atMs: Date.now(), usedS: cpuSeconds(pid), threads: threadsOf(pid) });

/** To the thousandth: a share of CPU is known no better. */
export const roundedShare = (share: number): number => Math.round(share * 1000) / 1000;

/**
 * Seconds that the threads of a process have waited for a CPU since an earlier look.
 *
 * The kernel counts a wait when it ends. Who is ready at both looks and did not run between them has waited all the time;
 * when such a wait ends, only its last part belongs to this interval.
 */
export function waitedSince(
  before: ReadonlyMap<string, Thread> | null,
  now: ReadonlyMap<string, Thread>,
  passedS: number,
): number {
  let sumS = 0;
  for (const [id, thread] of now) {
    const former = before?.get(id) ?? { ready: false, ranNs: 0, waitedNs: 0 };
    const stuck = thread.ready && former.ready && thread.ranNs === former.ranNs;
    sumS += stuck ? passedS : Math.min(passedS, (thread.waitedNs - former.waitedNs) / 1e9);
  }
  return sumS;
}

/** CPUs that a process may use: those of its affinity, or fewer when a cgroup's quota says so; null where unknown. */
export function cpuLimit(pid: number): number | null {
  const status = readProc(`/proc/${pid}/status`);
  const list = status === null ? undefined : /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1];
  if (list === undefined) return null;
  return Math.min(countCpus(list), cgroupQuota(pid) ?? Number.POSITIVE_INFINITY);
}

/** How many CPUs a list such as `0-3,8` names. */
export function countCpus(list: string): number {
  return list.split(',').reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + (last - first + 1);
  }, 0);
}

/** Reads cgroup v2's `cpu.max`: `200000 100000` are 2 CPUs; null for `max`. */
export function quotaCpus(cpuMax: string): number | null {
  const [quota, period] = cpuMax.trim().split(/\s+/).map(Number);
  return quota === undefined || period === undefined || Number.isNaN(quota) || !(period > 0) ? null : quota / period;
}

/** The tightest quota of a process's cgroup and those above it. */
function cgroupQuota(pid: number): number | null {
  const own = /^0::(\/.*)$/m.exec(readProc(`/proc/${pid}/cgroup`) ?? '')?.[1];
  if (own === undefined) return legacyQuota();
  let tightest: number | null = null;
  const parts = own.split('/').filter((part) => part !== '' && part !== '..');
  for (let depth = parts.length; depth >= 0; depth--) {
    const text = readProc(join('/sys/fs/cgroup', ...parts.slice(0, depth), 'cpu.max'));
    const quota = text === null ? null : quotaCpus(text);
    if (quota !== null && (tightest === null || quota < tightest)) tightest = quota;
  }
  return tightest;
}

/** cgroup v1, as it appears inside a container. */
function legacyQuota(): number | null {
  const quota = readProc('/sys/fs/cgroup/cpu/cpu.cfs_quota_us');
  const period = readProc('/sys/fs/cgroup/cpu/cpu.cfs_period_us');
  return quota === null || period === null || Number(quota) <= 0 ? null : quotaCpus(`${quota.trim()} ${period.trim()}`);
}

/** User and system time of a process, seconds; null when it has ended. */
export function cpuSeconds(pid: number): number | null {
  const stat = processStat(`/proc/${pid}/stat`);
  return stat === null ? null : (Number(stat[11]) + Number(stat[12])) / TICKS_PER_S;
}

function threadsOf(pid: number): Map<string, Thread> | null {
  const threads = new Map<string, Thread>();
  for (const id of threadIds(pid)) {
    const [ran, waited] = (readProc(`/proc/${pid}/task/${id}/schedstat`) ?? '').split(' ').map(Number);
    const state = processStat(`/proc/${pid}/task/${id}/stat`)?.[0];
    if (ran === undefined || waited === undefined) continue;
    threads.set(id, { ready: state === 'R', ranNs: ran, waitedNs: waited });
  }
  return threads.size === 0 ? null : threads;
}

function threadIds(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
