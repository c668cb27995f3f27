import { spawn } from 'node:child_process';
import { UserError } from '../../errors';
import { isAlive } from '../../is-alive';

/** What a profiler may take beyond the time that it was given: it reads symbols first and writes its file last. */
const GRACE_MS = 60_000;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; it is killed when this process ends, or when it takes far longer than it should. */
export function runProgram(program: string, args: readonly string[], durationMs: number): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    }
    const kill = () => child.kill('SIGKILL');
    const deadline = setTimeout(kill, durationMs + GRACE_MS);
    process.on('exit', kill);
    const settle = () => {
      clearTimeout(deadline);
      process.off('exit', kill);
    };
    child.once('error', (error) => {
      settle();
      reject(new UserError(`${program} cannot be started: ${error.message}`));
    });
    child.once('close', (code) => {
      settle();
      resolve({ code, ...text });
    });
  });
}

/** @throws UserError when the process that was looked at is gone: its profile would be that of a shorter time. */
export function mustBeAlive(pid: number, what: string): void {
  if (!isAlive(pid)) throw endedMeanwhile(pid, what);
}

export const endedMeanwhile = (pid: number, what: string): UserError =>
  new UserError(`process ${pid} ended while ${what} looked at it: its log says why; start it again and profile anew`);
