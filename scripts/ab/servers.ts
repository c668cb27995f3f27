import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { UserError } from '../errors';
import { isHealthy, type TargetClient } from '../http';

/** Longest that a command may take to start a server anew, and the server to answer after it. */
const COMMAND_DEADLINE_MS = 120_000;
const HEALTH_DEADLINE_MS = 120_000;
const ASK_EVERY_MS = 200;

/**
 * Starts a server anew, and waits until it answers.
 *
 * @param log file to which what it says is added.
 * @throws UserError when the server does not come back.
 */
export type Restart = (client: TargetClient, log: string) => Promise<void>;

/**
 * Restarts a server by the user's own command.
 *
 * The command must come back when it has started the server: what stays in the foreground is ended after two minutes.
 */
export const restartBy =
  (option: string, command: string): Restart =>
  (client, log) =>
    restart(option, command, client, log);

async function restart(option: string, command: string, client: TargetClient, log: string): Promise<void> {
  const code = await runShell(command, log);
  if (code === 'deadline') {
    throw new UserError(`${option}: the command did not end within 2 minutes; it must start the server and return`);
  }
  if (code !== 0) throw new UserError(`${option}: the command ended with ${code}; what it said is in ${log}`);
  const endMs = Date.now() + HEALTH_DEADLINE_MS;
  while (!(await isHealthy(client))) {
    if (Date.now() > endMs) throw new UserError(`${client.url} did not answer within 2 minutes after ${option}`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

/** The command's output goes into a file: what it leaves running keeps writing there, where a pipe would break. */
function runShell(command: string, log: string): Promise<number | string> {
  const output = openSync(log, 'a');
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', output, output] });
    closeSync(output);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve('deadline');
    }, COMMAND_DEADLINE_MS);
    const end = (code: number | string) => {
      clearTimeout(timer);
      resolve(code);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(code ?? signal ?? 'nothing'));
  });
}
