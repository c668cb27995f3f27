import type { Clock } from './clock';

type Maybe<T> = T | Promise<T>;

/** What the server needs of Redis. Everything may fail. */
export interface KeyValueStore {
  get(key: string): Maybe<string | null>;
  set(key: string, value: string, ttlS: number): Maybe<void>;
  keys(prefix: string): Maybe<string[]>;
  ping(): Maybe<void>;
  close(): Promise<void>;
  readonly address: { readonly host: string; readonly port: number };
}

/** What the server needs of PostgreSQL. */
export interface Database {
  ping(): Promise<void>;
  /** Reads the archive; the tables that a FIML database is set up with make this fail. */
  readArchive(sessionId: string): Promise<void>;
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
  return {
    address: { host: 'embedded', port: 0 },
    get: live,
    set: (key, value, ttlS) => {
      entries.set(key, { value, expiresAtMs: clock.now() + ttlS * 1000 });
      if (entries.size < sweepAt) return;
      const now = clock.now();
      for (const [name, entry] of entries) if (entry.expiresAtMs <= now) entries.delete(name);
      // Twice what is alive: a sweep then costs no write more than a constant.
      sweepAt = Math.max(FIRST_SWEEP, entries.size * 2);
    },
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix) && live(key) !== null),
    ping: () => undefined,
    close: async () => entries.clear(),
  };
}

/** PostgreSQL's part: it is there, and it has the tables that it always has. */
export const embeddedDatabase: Database = {
  address: { host: 'embedded', port: 0, database: 'fiml' },
  ping: async () => undefined,
  readArchive: async () => {
    throw new Error('column sessions.session_id does not exist');
  },
  close: async () => undefined,
};
