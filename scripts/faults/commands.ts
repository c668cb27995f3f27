import { spawn } from 'node:child_process';

/** Restarting a service takes its time; whoever needs longer waits within the command. */
const DEADLINE_MS = 60_000;
const SHOWN_CHARACTERS = 400;

/**
 * Runs a command of the user's by the shell.
 *
 * @param name the override that it is the value of. The command itself is never repeated: it may hold a password.
 * @throws Error saying how it failed.
 */
export function runCommand(name: string, command: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'pipe'], timeout: DEADLINE_MS });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-SHOWN_CHARACTERS);
    });
    child.once('error', (error) => fail(new Error(`the command ${name} cannot be started: ${error.message}`)));
    child.once('exit', (code, signal) => {
      if (code === 0) return done();
      const why = signal === null ? `exit code ${code}` : `${signal}, after ${DEADLINE_MS / 1000} s at most`;
      fail(new Error(`the command ${name} ended with ${why}${complaint === '' ? '' : `: ${complaint.trim()}`}`));
    });
  });
}
