import Redis from 'ioredis';
import { Pool } from 'pg';
import type { Database, KeyValueStore } from './store';

const CONNECT_TIMEOUT_MS = 5000;
/** The server's socket timeout: a Redis that hangs must not hold a request for ever. */
const COMMAND_TIMEOUT_MS = 5000;
/** The session tools' own pool, with its overflow. */
const DATABASE_POOL = 30;
const SCAN_COUNT = 500;

/** @param url `redis://…`; connects when first used, and says what fails through its calls alone. */
export function redisStore(url: string): KeyValueStore {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 2,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  // Without a listener each failed connection would be printed; the calls report it.
  redis.on('error', () => undefined);
  return {
    address: { host: redis.options.host ?? 'localhost', port: redis.options.port ?? 6379 },
    get: (key) => redis.get(key),
    set: async (key, value, ttlS) => {
      await redis.setex(key, ttlS, value);
    },
    keys: async (prefix) => {
      const found: string[] = [];
      for await (const batch of redis.scanStream({ match: `${prefix}*`, count: SCAN_COUNT })) {
        found.push(...(batch as string[]));
      }
      return found;
    },
    ping: async () => {
      await redis.ping();
    },
    close: async () => redis.disconnect(),
  };
}

/** @param url `postgres://…`; connects when first used. */
export function postgresDatabase(url: string): Database {
  const pool = new Pool({ connectionString: url, max: DATABASE_POOL, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // /health/db has one connection of its own, for which concurrent probes wait.
  const probe = new Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 30_000 });
  for (const each of [pool, probe]) each.on('error', () => undefined);
  const { hostname, port, pathname } = new URL(url);
  return {
    address: { host: hostname, port: Number(port || 5432), database: decodeURIComponent(pathname.slice(1)) },
    ping: async () => {
      await probe.query('SELECT 1');
    },
    readArchive: async (sessionId) => {
      await pool.query('SELECT sessions.session_id FROM sessions WHERE sessions.session_id = $1', [sessionId]);
    },
    close: async () => {
      await Promise.all([pool.end(), probe.end()]);
    },
  };
}
