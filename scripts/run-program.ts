import { spawn } from 'node:child_process';
import { UserError } from './errors';

/** What a program may take beyond the time that it was given: a profiler reads symbols first and writes its file last. */
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
