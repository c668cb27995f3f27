import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../errors';
import { type Ran, runProgram } from '../../run-program';
import { findOnPath } from '../../setup/find';
import { type Frame, type Profile, profileBuilder } from '../stacks/profile';
import { mustBeAlive, runSampler } from './program';
import type { Sampler } from './sampler';

/** Not 100: what a program does every 10 ms would always, or never, be seen. */
const PER_S = 99;

/**
 * perf of Linux, for programs that are compiled.
 *
 * @throws UserError when it is not installed.
 */
export async function perf(): Promise<Sampler> {
  const path = findOnPath('perf', process.env, process.platform);
  if (path === undefined) {
    throw new UserError(
      'perf is needed for a server that is neither Python nor Node, and is not on PATH: apt install linux-perf ' +
        '(Ubuntu: linux-tools-generic; Fedora: perf)',
    );
  }
  const { stdout } = await runProgram(path, ['--version'], 0);
  return {
    kind: 'cpu',
    about: `${stdout.trim()}, ${PER_S} times a second of CPU time`,
    async sample({ pid }, durationMs) {
      const folder = mkdtempSync(join(tmpdir(), 'fiml-perf-perf-'));
      const data = join(folder, 'perf.data');
      try {
        const look = ['record', '--freq', String(PER_S), '-g', '--pid', String(pid), '--output', data];
        const ran = await runSampler(path, [...look, '--', 'sleep', String(durationMs / 1000)], durationMs);
        mustBeAlive(pid, 'perf');
        if (ran.code !== 0) throw new UserError(perfProblem(pid, ran));
        const script = await runProgram(path, ['script', '--input', data, '--fields', 'comm,tid,time,ip,sym,dso'], 0);
        if (script.code !== 0) throw new UserError(`perf cannot read what it wrote: ${script.stderr.trim()}`);
        return {
          profile: perfProfile(script.stdout),
          notes: ['stacks are followed by frame pointers: code compiled without them shows cut stacks'],
        };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/**
 * The text of `perf script` with the fields comm, tid, time, ip, sym and dso as stacks. A sample is a line about it, one for
 * each frame, `<address> <symbol> (<object>)`, the innermost first, and an empty line.
 */
export function perfProfile(text: string): Profile {
  const builder = profileBuilder();
  for (const sample of text.split(/\n\s*\n/)) {
    const stack = sample.split('\n').flatMap((line): Frame[] => {
      const [, name, object] = /^\s+[0-9a-f]+ (.+) \(([^()]*(?:\([^()]*\))?[^()]*)\)$/.exec(line) ?? [];
      if (name === undefined || object === undefined) return [];
      return [{ name, file: /^\[(kernel|guest)/.test(object) ? '[kernel]' : object, line: null }];
    });
    if (stack.length > 0) builder.add(stack.reverse(), 1000 / PER_S);
  }
  return builder.profile();
}

/** What perf complains of, and what to do about it. */
export function perfProblem(pid: number, { code, stderr }: Ran): string {
  const said = stderr.trim().replace(/\s*\n\s*/g, '; ');
  if (/perf_event_paranoid|permission|not permitted|access to performance/i.test(stderr)) {
    return [
      `perf may not look into process ${pid}: ${said}`,
      'as root it may; or allow it until the next start: sudo sysctl kernel.perf_event_paranoid=1',
      'in a container it takes the right to: docker run --cap-add PERFMON --security-opt seccomp=unconfined …',
    ].join('\n');
  }
  return `perf could not profile process ${pid} (exit code ${code}): ${said}`;
}
