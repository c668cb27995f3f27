import { spawn } from 'node:child_process';
import { UserError } from '../../errors';
import { EXIT_INTERRUPTED } from '../../exit-codes';
import { isAlive } from '../../is-alive';
import { untilInterrupted } from '../interruption';

/** What a profiler may take beyond the time that it was given: it reads symbols first and writes its file last. */
const GRACE_MS = 60_000;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end; it is killed when this process ends, or when it takes far longer than it should.
 *
 * @param signal ends it early.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  durationMs: number,
  signal?: AbortSignal,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    }
    const kill = () => child.kill('SIGKILL');
    const end = () => child.kill('SIGTERM');
    const deadline = setTimeout(kill, durationMs + GRACE_MS);
    process.on('exit', kill);
    signal?.addEventListener('abort', end);
    const settle = () => {
      clearTimeout(deadline);
      process.off('exit', kill);
      signal?.removeEventListener('abort', end);
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

/**
 * Runs a program that looks at a process for a time. Ctrl-C ends it as well: left alone it would go on stopping a server for each
 * look, with nobody to read what it sees.
 *
 * @throws UserError when that happens: a profile of part of the time is none.
 */
export const runSampler = (program: string, args: readonly string[], durationMs: number): Promise<Ran> =>
  untilInterrupted(async (signal) => {
    const ran = await runProgram(program, args, durationMs, signal);
    if (signal.aborted) throw interruptedLook();
    return ran;
  });

/** What Ctrl-C makes of a look. */
export const interruptedLook = (): UserError =>
  new UserError('interrupted before the look was over: there is no profile', EXIT_INTERRUPTED);

/** @throws UserError when the process that was looked at is gone: its profile would be that of a shorter time. */
export function mustBeAlive(pid: number, what: string): void {
  if (!isAlive(pid)) throw endedMeanwhile(pid, what);
}

export const endedMeanwhile = (pid: number, what: string): UserError =>
  new UserError(`process ${pid} ended while ${what} looked at it: its log says why; start it again and profile anew`);
