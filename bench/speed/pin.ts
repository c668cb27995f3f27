import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** What is measured has the last core, and the server that answers it the others: neither takes the other's turn. */
const LAST = cpus().length - 1;
const OTHERS = LAST > 0 ? `0-${LAST - 1}` : '0';

/** A command that is kept on one core; its process is that of the command. */
export const onOneCore = (command: string, args: readonly string[]): [string, string[]] => [
  'taskset',
  ['--cpu-list', String(LAST), command, ...args],
];

/** Keeps a process and its threads on all the other cores. @throws when it cannot be. */
export function keepOnOthers(pid: number): void {
  const { status, error, stderr } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', OTHERS, String(pid)], {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`taskset (of util-linux) is needed to keep a process on a core: ${error?.message ?? stderr}`);
}
