import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pg } from '../clients';
import { UserError } from '../errors';
import { root } from '../root';
import { initdbBinary } from './binaries';
import { freePort, HOST } from './free-port';
import type { ServicesHome } from './home';

const SUPERUSER = 'fiml';
const DATABASE = 'fiml';

/** Starts an empty PostgreSQL, as user `postgres` when this is root, which it refuses to run as; its URL. */
export async function startPostgres(home: ServicesHome, env: NodeJS.ProcessEnv, port?: number): Promise<string> {
  const initdb = initdbBinary(env) ?? 'initdb';
  const folder = join(home.folder, 'postgres');
  const data = join(folder, 'data');
  const account = process.getuid?.() === 0 ? accountOf('postgres') : {};
  mkdirSync(folder, { mode: 0o700 });
  if (account.uid !== undefined && account.gid !== undefined) {
    // The other account has to get through the folder above.
    chmodSync(home.folder, 0o711);
    chownSync(folder, account.uid, account.gid);
  }
  const run = { ...account, cwd: folder, env };
  const init = ['-D', data, '-U', SUPERUSER, '--auth=trust', '--no-sync'];
  await home.run({ name: 'initdb', command: initdb, args: init, options: run });
  const chosen = port ?? (await freePort());
  const url = `postgres://${SUPERUSER}@${HOST}:${chosen}/postgres`;
  await home.launch({
    name: 'postgres',
    command: initdb.replace(/initdb(\.exe)?$/, 'postgres$1'),
    args: ['-D', data, '-p', String(chosen), '-h', HOST, '-F', ...SETTINGS.flatMap((setting) => ['-c', setting])],
    options: run,
    // Asked kindly it waits for its clients; this ends them.
    stopSignal: 'SIGINT',
    probe: () => query(url),
  });
  return url;
}

const SETTINGS = [
  'unix_socket_directories=',
  // In its folder rather than in the system's shared memory, where killing it would leave some.
  'dynamic_shared_memory_type=mmap',
];

/** Makes the database of a FIML server, with its tables; its URL. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const url = serverUrl.replace(/\/postgres$/, `/${DATABASE}`);
  await query(serverUrl, `CREATE DATABASE ${DATABASE}`);
  await query(url, readFileSync(join(root, 'scripts', 'services', 'init.sql'), 'utf8'));
  return url;
}

async function query(url: string, sql = 'SELECT 1'): Promise<void> {
  const { Client } = pg();
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function accountOf(name: string): { uid?: number; gid?: number } {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    throw new UserError(`PostgreSQL refuses to run as root and there is no account "${name}": start as another user`);
  }
}
