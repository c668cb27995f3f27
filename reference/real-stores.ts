import Redis, { ReplyError } from 'ioredis';
import { DatabaseError, Pool, type PoolClient } from 'pg';
import { ConnectionLost } from './redis-client';
import type { Archive, Connection, Database, KeyValueStore } from './store';

/** The session tools' own pool: 20 and 10 overflow. */
const DATABASE_POOL = 30;
/** What is waited for one of them, and for an answer. */
const DATABASE_WAIT_MS = 30_000;
const SCAN_COUNT = 500;

/** Lends connections. One that comes back is whole; one that is lost is not given back. */
interface Lender {
  take(): Redis;
  give(redis: Redis): void;
}

/**
 * Redis by a pool of connections, each opened when first needed and kept; how many are used at once is its user's affair.
 *
 * @param url `redis://…`; what fails is said by the calls alone.
 * @param socketTimeoutMs what is waited for a connection, and for an answer.
 */
export function redisPool(url: string, socketTimeoutMs: number): KeyValueStore {
  const idle: Redis[] = [];
  return redisStore(url, socketTimeoutMs, (open) => ({
    take: () => {
      for (let redis = idle.pop(); redis !== undefined; redis = idle.pop()) if (redis.status === 'ready') return redis;
      return open();
    },
    give: (redis) => {
      idle.push(redis);
    },
  }));
}

/** Redis by one connection, which all calls share. See {@link redisPool}. */
export function redisConnection(url: string, socketTimeoutMs: number): KeyValueStore {
  let only: Redis | null = null;
  return redisStore(url, socketTimeoutMs, (open) => ({
    take: () => {
      if (only === null || only.status === 'end') only = open();
      return only;
    },
    give: () => undefined,
  }));
}

function redisStore(url: string, socketTimeoutMs: number, lenderOf: (open: () => Redis) => Lender): KeyValueStore {
  const all = new Set<Redis>();
  const open = () => {
    const redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: socketTimeoutMs,
      commandTimeout: socketTimeoutMs,
      // Whoever calls decides whether and when there is another attempt, and makes it by a new connection.
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    // Without a listener each failed connection would be printed; the calls report it.
    redis.on('error', () => undefined);
    redis.once('end', () => all.delete(redis));
    all.add(redis);
    return redis;
  };
  const lender = lenderOf(open);
  const withRedis = async <T>(use: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = lender.take();
    try {
      const result = await use(redis);
      lender.give(redis);
      return result;
    } catch (error) {
      // An answer that comes late would be taken for that of the next command.
      redis.disconnect();
      if (error instanceof ReplyError) throw error;
      throw new ConnectionLost(`Error connecting to Redis: ${(error as Error).message}`);
    }
  };
  const hold = <T>(use: (connection: Connection) => Promise<T>) => withRedis((redis) => use(connectionOf(redis)));
  const { host = 'localhost', port = 6379 } = new Redis(url, { lazyConnect: true }).options;
  return {
    address: { host, port },
    hold,
    get: (key) => withRedis((redis) => redis.get(key)),
    set: (key, value, ttlS) => withRedis((redis) => connectionOf(redis).set(key, value, ttlS) as Promise<void>),
    keys: (prefix) =>
      withRedis(async (redis) => {
        const found: string[] = [];
        for await (const batch of redis.scanStream({ match: `${prefix}*`, count: SCAN_COUNT })) {
          found.push(...(batch as string[]));
        }
        return found;
      }),
    ping: () =>
      withRedis(async (redis) => {
        await redis.ping();
      }),
    close: async () => {
      for (const redis of all) redis.disconnect();
    },
  };
}

const connectionOf = (redis: Redis): Connection => ({
  get: (key) => redis.get(key),
  set: async (key, value, ttlS) => {
    await redis.setex(key, ttlS, value);
  },
});

/**
 * @param url `postgres://…`; connects when first used.
 * @param retryScale multiplies what is waited.
 */
export function postgresDatabase(url: string, retryScale: number): Database {
  const waitMs = Math.max(1, DATABASE_WAIT_MS * retryScale);
  const waits = { connectionString: url, connectionTimeoutMillis: waitMs, query_timeout: waitMs };
  const pool = new Pool({ ...waits, max: DATABASE_POOL });
  // /health/db has one connection of its own, for which concurrent probes wait.
  const probe = new Pool({ ...waits, max: 1 });
  // A connection that is lost while nobody uses it is no matter; the next one is opened when it is needed.
  for (const each of [pool, probe]) each.on('error', () => undefined);
  const { hostname, port, pathname } = new URL(url);
  return {
    address: { host: hostname, port: Number(port || 5432), database: decodeURIComponent(pathname.slice(1)) },
    ping: async () => {
      await probe.query('SELECT 1');
    },
    connect: async () => {
      await pool.query('SELECT 1');
    },
    hold: async (use) => {
      const client = await connectionFrom(pool);
      const archive = archiveOf(client);
      try {
        return await use(archive);
      } finally {
        client?.release(archive.lost());
      }
    },
    close: async () => {
      await Promise.all([pool.end(), probe.end()]);
    },
  };
}

/**
 * One of the pool's connections; null: PostgreSQL is gone, which only those who need it notice.
 * @throws when none has become free in time.
 */
async function connectionFrom(pool: Pool): Promise<PoolClient | null> {
  try {
    return await pool.connect();
  } catch (error) {
    if (!/timeout/i.test((error as Error).message)) return null;
    throw new Error('QueuePool limit of size 20 overflow 10 reached, connection timed out, timeout 30.00');
  }
}

/** @returns with `lost`, whether the connection must not be used again. */
function archiveOf(client: PoolClient | null): Archive & { lost: () => boolean } {
  let lost = false;
  return {
    lost: () => lost,
    read: async (sessionId) => {
      if (client === null) throw new Error('connection to PostgreSQL refused');
      try {
        await client.query('SELECT sessions.session_id FROM sessions WHERE sessions.session_id = $1', [sessionId]);
      } catch (error) {
        lost = !(error instanceof DatabaseError);
        throw error;
      }
    },
  };
}
