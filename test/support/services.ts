import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import Redis from 'ioredis';
import { Client } from 'pg';
import { ended } from './reference';

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;
const RETRY_MS = 50;
const HOST = '127.0.0.1';
const DEBIAN_POSTGRES = '/usr/lib/postgresql';

export interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

export type ServiceName = 'redis' | 'postgres';

const BINARY: Readonly<Record<ServiceName, () => string | null>> = {
  redis: () => find('redis-server'),
  postgres: () => find('initdb'),
};

/**
 * A `describe` for tests that need real services. Where one is not installed they are skipped, and say why; under
 * `CI=true` they fail instead, so that nobody takes a skipped test for a passed one.
 */
export function describeWith(services: readonly ServiceName[], name: string, fn: () => void): void {
  const missing = services.filter((service) => BINARY[service]() === null);
  if (missing.length === 0) {
    describe(name, fn);
  } else if (process.env.CI === 'true') {
    describe(name, () => {
      test('has the services that it needs', () => {
        throw new Error(`not installed: ${missing.join(', ')}`);
      });
    });
  } else {
    describe.skip(`${name} (not installed: ${missing.join(', ')})`, fn);
  }
}

/** A Redis of its own that keeps nothing on disk. */
export async function startRedis(): Promise<Service> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'fiml-redis-'));
  const options = ['--port', String(port), '--bind', HOST, '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn(BINARY.redis() ?? 'redis-server', options, { stdio: 'ignore' });
  const url = `redis://${HOST}:${port}`;
  return running(child, url, folder, async () => {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      await redis.ping();
    } finally {
      redis.disconnect();
    }
  });
}

/** A PostgreSQL of its own in a temporary folder; as user `postgres` when this is root, which initdb refuses to run as. */
export async function startPostgres(): Promise<Service> {
  const initdb = BINARY.postgres() ?? 'initdb';
  const folder = mkdtempSync(join(tmpdir(), 'fiml-postgres-'));
  chmodSync(folder, 0o700);
  const user = process.getuid?.() === 0 ? accountOf('postgres') : {};
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const port = await freePort();
  try {
    execFileSync(initdb, ['-D', data, '-U', 'fiml', '--auth=trust', '--no-sync'], {
      ...user,
      cwd: folder,
      stdio: 'pipe',
    });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const child = spawn(
    initdb.replace(/initdb$/, 'postgres'),
    ['-D', data, '-p', String(port), '-h', HOST, '-k', folder, '-F'],
    { ...user, cwd: folder, stdio: 'ignore' },
  );
  const url = `postgres://fiml@${HOST}:${port}/postgres`;
  return running(
    child,
    url,
    folder,
    async () => {
      const client = new Client({ connectionString: url });
      client.on('error', () => undefined);
      try {
        await client.connect();
      } finally {
        await client.end();
      }
    },
    // Asked kindly it waits for its clients; this ends them.
    'SIGINT',
  );
}

async function running(
  child: ChildProcess,
  url: string,
  folder: string,
  probe: () => Promise<void>,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<Service> {
  const stop = async () => {
    child.kill(signal);
    try {
      await ended(child, STOP_DEADLINE_MS);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  let failure: Error | null = null;
  child.once('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      await probe();
      return { url, stop };
    } catch (error) {
      if (failure === null && child.exitCode === null && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      if (child.pid !== undefined) await stop();
      throw failure ?? error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** On PATH, or where Debian keeps PostgreSQL's own programs; null when not installed. */
function find(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = [...folders, ...debianFolders()].map((folder) => join(folder, program)).find(isExecutable);
  return path ?? null;
}

function debianFolders(): string[] {
  try {
    return readdirSync(DEBIAN_POSTGRES).map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function accountOf(name: string): { uid?: number; gid?: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
