import { UserError } from '../../errors';
import { EXIT_INTERRUPTED } from '../../exit-codes';
import { isAlive } from '../../is-alive';
import { type Ran, runProgram } from '../../run-program';
import { untilInterrupted } from '../interruption';

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
