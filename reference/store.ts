import type { Clock } from './clock';

/** In memory there is nothing to wait for. */
export type Maybe<T> = T | Promise<T>;

/** One connection to Redis. */
export interface Connection {
  get(key: string): Maybe<string | null>;
  set(key: string, value: string, ttlS: number): Maybe<void>;
}

/** What the server needs of Redis. Everything may fail. */
export interface KeyValueStore extends Connection {
  keys(prefix: string): Maybe<string[]>;
  /** Keeps a connection to itself while `use` runs. */
  hold<T>(use: (connection: Connection) => Promise<T>): Maybe<T>;
  ping(): Maybe<void>;
  close(): Promise<void>;
  readonly address: { readonly host: string; readonly port: number };
}

/** The archive of sessions. */
export interface Archive {
  /** The tables that a FIML database is set up with make this fail. */
  read(sessionId: string): Promise<void>;
}

/** What the server needs of PostgreSQL. */
export interface Database {
  /** Looks by a connection of its own, for which concurrent looks wait. */
  ping(): Promise<void>;
  /** Looks by the session tools' pool. */
  connect(): Promise<void>;
  /** Keeps one of the pool's connections while `use` runs; only the archive needs that there is one. */
  hold<T>(use: (archive: Archive) => Promise<T>): Promise<T>;
  close(): Promise<void>;
  readonly address: { readonly host: string; readonly port: number; readonly database: string };
}

const FIRST_SWEEP = 10_000;

/** Redis' part, in this process' memory. */
export function embeddedStore(clock: Clock): KeyValueStore {
  const entries = new Map<string, { value: string; expiresAtMs: number }>();
  let sweepAt = FIRST_SWEEP;
  const live = (key: string) => {
    const entry = entries.get(key);
    return entry !== undefined && entry.expiresAtMs > clock.now() ? entry.value : null;
  };
  const connection: Connection = {
    get: live,
    set: (key, value, ttlS) => {
      entries.set(key, { value, expiresAtMs: clock.now() + ttlS * 1000 });
      if (entries.size < sweepAt) return;
      const now = clock.now();
      for (const [name, entry] of entries) if (entry.expiresAtMs <= now) entries.delete(name);
      // Twice what is alive: a sweep then costs no write more than a constant.
      sweepAt = Math.max(FIRST_SWEEP, entries.size * 2);
    },
  };
  return {
    ...connection,
    address: { host: 'embedded', port: 0 },
    hold: (use) => use(connection),
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix) && live(key) !== null),
    ping: () => undefined,
    close: async () => entries.clear(),
  };
}

const embeddedArchive: Archive = {
  read: async () => {
    throw new Error('column sessions.session_id does not exist');
  },
};

/** PostgreSQL's part: it is there, and it has the tables that it always has. */
export const embeddedDatabase: Database = {
  address: { host: 'embedded', port: 0, database: 'fiml' },
  ping: async () => undefined,
  connect: async () => undefined,
  hold: (use) => use(embeddedArchive),
  close: async () => undefined,
};
