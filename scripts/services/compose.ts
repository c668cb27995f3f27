import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors';
import { root } from '../root';
import type { Addresses } from './home';

/** Looking for an engine must not take longer than starting the programs would. */
const LOOK_TIMEOUT_MS = 10_000;

/** Where docker-compose.yml puts the services. */
export const COMPOSE_ADDRESSES: Addresses = {
  url: 'http://127.0.0.1:8000',
  directUrl: 'http://127.0.0.1:8000',
  controlUrl: 'http://127.0.0.1:8001',
  toxiproxyUrl: 'http://127.0.0.1:8474',
  redisUrl: 'redis://127.0.0.1:6379',
  databaseUrl: 'postgres://fiml:fiml@127.0.0.1:5432/fiml',
};

/** Whether a container engine runs on this machine, and not only its command is installed. */
export const hasEngine = (): boolean => docker(['info'], 'ignore', LOOK_TIMEOUT_MS) === 0;

/**
 * Starts the services as containers and notes that in a file.
 *
 * @throws UserError when compose does not get them ready; what it started is taken down again.
 */
export function composeUp(note: string): void {
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, 'docker compose\n');
  if (docker(['compose', 'up', '--detach', '--wait'], 'inherit') === 0) return;
  composeDown(note);
  throw new UserError('docker compose did not get the services ready; what it said is above');
}

/** @throws UserError when compose cannot take them down: the note then stays, for another try. */
export function composeDown(note: string): void {
  if (docker(['compose', 'down'], 'inherit') !== 0) {
    throw new UserError('docker compose could not stop the services; what it said is above');
  }
  rmSync(note, { force: true });
}

export const isComposed = (note: string): boolean => existsSync(note);

function docker(args: readonly string[], output: 'ignore' | 'inherit', timeout?: number): number | null {
  // Compose says on standard output what it does; there this command prints lines for a shell.
  const stdio = ['ignore', output === 'ignore' ? 'ignore' : 2, output] as const;
  return spawnSync('docker', args, { cwd: root, stdio: [...stdio], timeout }).status;
}
