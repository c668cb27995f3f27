import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What a pass over a file took, and how much it found. */
export interface Pass {
  readonly seconds: number;
  /** Of all threads of its process, user and system, during the pass. */
  readonly cpuS: number;
  readonly found: number;
  /** Most memory that its process held. */
  readonly peakMb: number;
}

const LONGEST_MS = 600_000;

/** Times passes in processes of their own: nothing is compiled or loaded before, and a peak of memory is a process's. */
export function timePass(bench: string, way: string, path: string): Pass {
  const args = ['-r', join(__dirname, '..', 'build', 'register.js'), bench, '--child', way, path];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: LONGEST_MS });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Makes the pass in a process that `timePass` started. @returns false, and does nothing, in one that was started by hand. */
export function ranAsChild(pass: (way: string, path: string) => number | Promise<number>): boolean {
  const [, , flag, way, path] = process.argv;
  if (flag !== '--child') return false;
  void tell(() => pass(way as string, path as string));
  return true;
}

async function tell(pass: () => number | Promise<number>): Promise<void> {
  const startedAt = process.hrtime.bigint();
  const before = process.cpuUsage();
  const found = await pass();
  const { user, system } = process.cpuUsage(before);
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  process.stdout.write(
    JSON.stringify({ seconds, cpuS: (user + system) / 1e6, found, peakMb: process.resourceUsage().maxRSS / 1024 }),
  );
}
