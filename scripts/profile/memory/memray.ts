import { chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors';
import { root } from '../../root';
import { type Ran, runProgram } from '../../run-program';
import { type Profile, profileBuilder } from '../stacks/profile';
import type { HeapSampler, SampleHeap } from './heap';
import { interpreterOf } from './python';

/** For what memray and a debugger do beside the look itself. */
const STEP_MS = 30_000;
/** Tracking ends by itself so long after the look should have: whoever is killed cannot end it. */
const LEFT_ALONE_S = 60;

/**
 * memray in a running Python process, which it must be installed for. It gets in by a debugger, or from Python 3.14 on by the
 * interpreter's own door.
 *
 * @param python the process's interpreter; null to find it.
 */
export const memray =
  (python: string | null): SampleHeap =>
  async ({ pid }, durationMs, file) => {
    const interpreter = python ?? interpreterOf(pid);
    const folder = folderFor(pid);
    const records = join(folder, 'memray.bin');
    const call = async (...args: string[]): Promise<string> => {
      const ran = await runProgram(interpreter, ['-m', 'memray', ...args], STEP_MS);
      if (ran.code !== 0) throw new UserError(memrayProblem(pid, interpreter, ran));
      return ran.stdout;
    };
    const remove = () => rmSync(folder, { recursive: true, force: true });
    try {
      const seconds = String(Math.ceil(durationMs / 1000) + LEFT_ALONE_S);
      // All allocations of a server would fill a disk; aggregated they are as many as there are places that make them.
      await call('attach', '--aggregate', '--duration', seconds, '--output', records, String(pid));
    } catch (error) {
      remove();
      throw error;
    }
    return {
      async end() {
        try {
          await call('detach', String(pid));
        } catch (error) {
          remove();
          throw error;
        }
      },
      async heap() {
        try {
          const script = readFileSync(join(root, 'scripts', 'profile', 'memory', 'memray_records.py'), 'utf8');
          const ran = await runProgram(interpreter, ['-c', script, records], STEP_MS);
          if (ran.code !== 0) throw new UserError(memrayProblem(pid, interpreter, ran));
          copyFileSync(records, file('memray', 'bin'));
          // Its own page looks at the same in more ways, and needs nothing from the network.
          await call('flamegraph', '--leaks', '--no-web', '--force', '--output', file('memray', 'html'), records);
          return {
            about: `memray of ${interpreter}, attached to process ${pid}`,
            kept: toStacks(ran.stdout),
            told: null,
            notes: [
              'memray sees what Python asks the system for: small objects share blocks of memory, and a block counts for whoever needed it first.',
            ],
          };
        } finally {
          remove();
        }
      },
    } satisfies HeapSampler;
  };

/** A new folder into which that process can write, and nobody else's. */
function folderFor(pid: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'fiml-perf-memray-'));
  const { uid, gid } = statSync(`/proc/${pid}`);
  // Only root can look into the processes of others, and may do this as well.
  if (uid !== process.getuid?.()) chownSync(folder, uid, gid);
  return folder;
}

/** What memray complains of, and what to do about it. */
export function memrayProblem(pid: number, python: string, { code, stdout, stderr }: Ran): string {
  const said = `${stdout}${stderr}`.trim().split('\n').at(-1)?.trim() ?? '';
  if (/No module named '?memray/.test(said)) {
    return `memray is not installed for ${python}, which process ${pid} runs: ${python} -m pip install memray adds it without a restart; if that is not its interpreter, name it by --python`;
  }
  if (/supported .*(gdb|lldb)/i.test(said)) {
    return 'memray gets into a Python before 3.14 by a debugger, and there is neither gdb nor lldb: apt install gdb';
  }
  if (/attach a debugger|not permitted|ptrace|permission/i.test(said)) {
    return [
      `memray may not get into process ${pid}: ${said}`,
      'as root it may; or allow it to all of your own processes until the next start: sudo sysctl kernel.yama.ptrace_scope=0',
      'in a container it takes the right to: docker run --cap-add SYS_PTRACE …',
    ].join('\n');
  }
  return `memray could not look into process ${pid} (exit code ${code}): ${said}`;
}

const recordSchema = z.object({
  bytes: z.number().nonnegative(),
  stack: z.array(z.object({ name: z.string(), file: z.string(), line: z.number().int() })),
});

/** memray's own thread in the process, and what it allocates. */
const ITS_OWN = '_memray_attach_hook.py';

/** @param lines one record each, the innermost frame first. */
export function toStacks(lines: string): Profile {
  const builder = profileBuilder();
  for (const line of lines.split('\n').filter((text) => text !== '')) {
    const { bytes, stack } = recordSchema.parse(JSON.parse(line));
    if (stack.some(({ file }) => file === ITS_OWN)) continue;
    // By function, not by the line in it.
    const frames = stack.map(({ name, file }) => ({ name, file, line: null }));
    // What the interpreter itself needs has no stack.
    builder.add(frames.length === 0 ? [{ name: '(interpreter)', file: '', line: null }] : frames.reverse(), bytes);
  }
  return builder.profile();
}
