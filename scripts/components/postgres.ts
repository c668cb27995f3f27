import { pg } from '../clients';
import { UserError } from '../errors';
import { ENTRIES, PRICE, problemOf, type Store, shownAddress, TIMEOUT_MS, TTL_S } from './store';

/** All rows of ours begin so; no key of the server's does. */
const PREFIX = 'fiml-perf:';

const UPSERT = `INSERT INTO generic_cache (key, value, timestamp, ttl_seconds) VALUES ($1, $2, NOW(), $3)
ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, timestamp = EXCLUDED.timestamp, ttl_seconds = EXCLUDED.ttl_seconds`;
const LIVE = "timestamp >= NOW() - INTERVAL '1 second' * ttl_seconds";
/** Prepared once, as the server's driver does. */
const READ = { name: 'fiml-perf-read', text: `SELECT value FROM generic_cache WHERE key = $1 AND ${LIVE}` } as const;
/** What runs have left that were killed: the server takes these rows for expired, and nobody else removes them. */
const SWEEP = `DELETE FROM generic_cache WHERE key LIKE '${PREFIX}%' AND NOT (${LIVE})`;

/**
 * L2: rows of the generic cache, whose read by key is the only one of L2's that works. Timed is the query alone; the
 * server's session puts a transaction around it.
 *
 * @param token makes the keys this run's own.
 * @throws UserError when it cannot be reached, is no FIML database, or does not let itself be written to.
 */
export async function openPostgres(url: string, token: string): Promise<Store> {
  const address = shownAddress(url);
  const { Client } = pg();
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    application_name: 'fiml-perf',
  });
  // A lost connection is told by the query that it costs.
  client.on('error', () => undefined);
  const keys = Array.from({ length: ENTRIES }, (_, entry) => `${PREFIX}${token}:${entry}`);
  const end = () => client.end().catch(() => undefined);
  const remove = async (): Promise<string | null> => {
    try {
      await client.query('DELETE FROM generic_cache WHERE key = ANY($1)', [keys]);
      return null;
    } catch (error) {
      return `${address}: rows of generic_cache whose key begins with ${PREFIX}${token} could not be removed (${problemOf(error)}); the next measurement there removes them once they have expired, in ${TTL_S / 60} minutes`;
    } finally {
      await end();
    }
  };
  try {
    await client.connect();
  } catch (error) {
    await end();
    throw new UserError(`--postgres: ${address} cannot be reached: ${problemOf(error)}`);
  }
  let version: string;
  try {
    const { rows } = await client.query(
      "SELECT current_setting('server_version') AS version, to_regclass('generic_cache') IS NOT NULL AS there",
    );
    if (rows[0]?.there !== true) {
      throw new UserError(
        `--postgres: ${address} has no table generic_cache, so it is not a FIML server's database: name the one that ` +
          "FIML's own POSTGRES_DB says, or set it up with FIML's scripts/init-db.sql",
      );
    }
    version = String(rows[0].version).split(' ')[0] ?? '';
  } catch (error) {
    await end();
    if (error instanceof UserError) throw error;
    throw new UserError(`--postgres: ${address} cannot be asked for its tables: ${problemOf(error)}`);
  }
  try {
    await client.query(SWEEP);
    for (const key of keys) await client.query(UPSERT, [key, JSON.stringify(PRICE), TTL_S]);
  } catch (error) {
    await remove();
    throw new UserError(`--postgres: ${address} does not take the rows to be read: ${problemOf(error)}`);
  }
  return {
    version: `PostgreSQL ${version}`,
    address,
    read: async (entry) => {
      const { rows } = await client.query({ ...READ, values: [keys[entry]] });
      if (rows.length !== 1) throw new Error('an entry was gone before its time: somebody has removed it');
    },
    close: remove,
  };
}
