import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../errors';
import type { Ran } from '../../run-program';
import { plural } from '../../text/format';
import { readSpeedscope } from '../stacks/speedscope';
import { mustBeAlive, runSampler } from './program';
import { findPySpy } from './py-spy-program';
import type { Sampler, SamplerOptions } from './sampler';

/** Often enough for a minute's profile to be within a point or so, seldom enough to cost the server little. */
const PER_S = 100;

/**
 * py-spy, which reads a Python program's stacks from outside.
 *
 * @throws UserError when it is not installed.
 */
export async function pySpy(
  { native, gil, idle, install }: SamplerOptions,
  say: (line: string) => void,
): Promise<Sampler> {
  const { path, version } = await findPySpy(process.env, install, say);
  const passed = [...(native ? ['--native'] : []), ...(gil ? ['--gil'] : []), ...(idle ? ['--idle'] : [])];
  return {
    kind: 'pyspy',
    about: `py-spy ${version}${passed.map((option) => ` ${option}`).join('')}, ${PER_S} times a second`,
    async sample({ pid }, durationMs) {
      const folder = mkdtempSync(join(tmpdir(), 'fiml-perf-py-spy-'));
      const file = join(folder, 'profile.json');
      const seconds = String(Math.max(1, Math.round(durationMs / 1000)));
      const look = ['--pid', String(pid), '--duration', seconds, '--rate', String(PER_S)];
      // By function and not by line: an edit above a function would make it another one.
      const write = ['--function', '--full-filenames', '--format', 'speedscope', '--output', file];
      try {
        const ran = await runSampler(path, ['record', ...look, ...write, ...passed], durationMs);
        mustBeAlive(pid, 'py-spy');
        if (ran.code !== 0) throw new UserError(pySpyProblem(pid, ran));
        return { profile: readSpeedscope(file), notes: notesOf(ran) };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** What py-spy complains of, and what to do about it. */
export function pySpyProblem(pid: number, { code, stderr }: Ran): string {
  const said = stderr.trim().replace(/\s*\n\s*/g, '; ');
  if (/permission denied|operation not permitted|EPERM|EACCES|ptrace/i.test(stderr)) {
    return [
      `py-spy may not look into process ${pid}: ${said}`,
      'as root it may: sudo env "PATH=$PATH" npx fiml-perf profile …',
      'or allow it to all of your own processes until the next start: sudo sysctl kernel.yama.ptrace_scope=0',
      'in a container it takes the right to: docker run --cap-add SYS_PTRACE …; in Kubernetes securityContext.capabilities.add: [SYS_PTRACE]',
    ].join('\n');
  }
  if (/python version|find a python|interpreter/i.test(stderr)) {
    return `py-spy finds no Python that it knows in process ${pid}: ${said}\na newer py-spy may know it: pip install --upgrade py-spy`;
  }
  return `py-spy could not profile process ${pid} (exit code ${code}): ${said}`;
}

/** It counts what it could not read, mostly because the program went on meanwhile. */
function notesOf({ stderr }: Ran): string[] {
  const [, samples = '0', errors = '0'] = /Samples: (\d+) Errors: (\d+)/.exec(stderr) ?? [];
  const behind = /behind in sampling/.test(stderr)
    ? ['py-spy did not keep up: the machine has too little CPU left for it']
    : [];
  return Number(errors) === 0
    ? behind
    : [`py-spy could not read ${plural(Number(errors), 'stack')} beside the ${samples} that it read`, ...behind];
}
