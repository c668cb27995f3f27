import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { pg, redisWithoutRetries } from '../clients';
import type { Switch } from './hook';
import type { Undo } from './lease';

/** Room that `maxclients` leaves beyond the clients there are, and that is then taken up. */
const TAKEN_CLIENTS = 40;
/** PostgreSQL's own default is 100. */
const MOST_CONNECTIONS = 1000;
const CONNECT_TIMEOUT_MS = 5000;
/** PostgreSQL's code for "too many clients". */
const TOO_MANY_CONNECTIONS = '53300';

/**
 * Lets Redis have as many clients as it takes: `maxclients` is set a little above what there is, and what is left is taken
 * up by connections of this process. If it is killed they go with it, so that whoever undoes the rest can still connect.
 */
export async function redisAtMaxClients(url: string): Promise<Switch> {
  const redis = connection(url);
  await redis.connect();
  const [, before = '10000'] = (await redis.config('GET', 'maxclients')) as string[];
  const undo: Undo[] = [{ kind: 'redis-maxclients', url, value: before }];
  let taken: Redis[] = [];
  let rejectedBefore = 0;
  const figure = async (section: string, name: string) =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await redis.info(section))?.[1] ?? 0);
  return {
    undo,
    async on() {
      rejectedBefore = await figure('stats', 'rejected_connections');
      const clients = await figure('clients', 'connected_clients');
      await redis.config('SET', 'maxclients', clients + TAKEN_CLIENTS);
      taken = Array.from({ length: TAKEN_CLIENTS }, () => connection(url));
      // What the server takes meanwhile leaves less for these: all that counts is that nothing is left.
      await Promise.allSettled(taken.map((client) => client.connect()));
    },
    async off() {
      for (const client of taken.splice(0)) client.disconnect();
      await redis.config('SET', 'maxclients', before);
    },
    // That somebody was turned away is the sign: while all have their connections nothing is broken.
    there: async () => taken.length > 0 && (await figure('stats', 'rejected_connections')) > rejectedBefore,
    close: async () => redis.disconnect(),
  };
}

/** @throws Error when it cannot be set. */
export async function setMaxClients(url: string, value: string): Promise<void> {
  const redis = connection(url);
  try {
    await redis.connect();
    await redis.config('SET', 'maxclients', value);
  } finally {
    redis.disconnect();
  }
}

/** Holds every connection that PostgreSQL gives; they end with this process. */
export async function postgresWithoutConnections(url: string): Promise<Switch> {
  let held: Client[] = [];
  const open = async (): Promise<Client | null> => {
    const { Client } = pg();
    const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if ((error as { code?: string }).code === TOO_MANY_CONNECTIONS) return null;
      throw error;
    }
  };
  return {
    undo: [],
    async on() {
      while (held.length < MOST_CONNECTIONS) {
        const client = await open();
        if (client === null) return;
        held.push(client);
      }
      throw new Error(`PostgreSQL gives more than ${MOST_CONNECTIONS} connections: they cannot all be held`);
    },
    async off() {
      const release = held;
      held = [];
      await Promise.allSettled(release.map((client) => client.end()));
    },
    async there() {
      if (held.length === 0) return false;
      const client = await open();
      if (client === null) return true;
      // What somebody has given back is taken as well.
      held.push(client);
      return false;
    },
    close: async () => undefined,
  };
}

const connection = (url: string): Redis =>
  redisWithoutRetries(url, { connectTimeout: CONNECT_TIMEOUT_MS, commandTimeout: CONNECT_TIMEOUT_MS });
