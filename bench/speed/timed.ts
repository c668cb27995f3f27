import { spawnSync } from 'node:child_process';
import { root } from '../../scripts/root';
import { withoutOverrides } from './environment';

const LONGEST_MS = 300_000;

/**
 * By the clock, how long a command takes from its start to its end.
 *
 * @param codes with which it may end: what a verdict says is nothing to its time.
 * @returns seconds. @throws when it ends otherwise.
 */
export function timed(command: string, args: readonly string[], codes: readonly number[]): number {
  const startedAtMs = performance.now();
  const { status, error, stderr } = spawnSync(command, args, {
    cwd: root,
    env: withoutOverrides(process.env),
    encoding: 'utf8',
    timeout: LONGEST_MS,
  });
  const seconds = (performance.now() - startedAtMs) / 1000;
  if (error !== undefined) throw error;
  if (status === null || !codes.includes(status))
    throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return seconds;
}
