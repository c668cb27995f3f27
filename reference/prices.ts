import type { Clock } from './clock';
import { float, writeJson } from './json';
import type { Metrics } from './metrics';
import type { Connection, KeyValueStore } from './store';

/** The server's Redis connections. Nobody waits for one: with all of them busy a read counts as a miss. */
export const CACHE_CONNECTIONS = 50;
const TTL_S = 10;
const CLOSED_TTL_S = 40;
const OPEN_MINUTE = 9 * 60 + 30;
const CLOSE_MINUTE = 16 * 60;

export const CRYPTO: ReadonlySet<string> = new Set(
  'BTC ETH SOL XRP ADA DOT AVAX MATIC LINK UNI ATOM LTC DOGE SHIB BNB'.split(' '),
);

export type Source = 'mock_provider' | 'unknown' | 'error';

/** How long a price stays cached, s: longer for equities while the exchange (in UTC) is closed. */
export function priceTtlS(kind: 'equity' | 'coin', atMs: number): number {
  if (kind === 'coin') return TTL_S;
  const at = new Date(atMs);
  const minute = at.getUTCHours() * 60 + at.getUTCMinutes();
  const weekday = at.getUTCDay() >= 1 && at.getUTCDay() <= 5;
  return weekday && minute >= OPEN_MINUTE && minute < CLOSE_MINUTE ? TTL_S : CLOSED_TTL_S;
}

export interface Prices {
  /**
   * Reads through the cache. A hit does not lengthen a price's life, and reads that miss at the same time each ask the
   * provider.
   * @param serviceMs time that the work takes, during which it holds a connection.
   */
  read(key: string, kind: 'equity' | 'coin', serviceMs: number, metrics: Metrics): Promise<Source>;
}

export interface PriceOptions {
  /** By the client that tries again when Redis is not there. */
  readonly cache: KeyValueStore;
  readonly clock: Clock;
  /** False when the cache could not be reached at the start: the server never looks for it again. */
  readonly cacheReady: boolean;
  readonly providerDown: () => boolean;
}

export const providerPrice = (kind: 'equity' | 'coin'): number => (kind === 'equity' ? 100 : 40_000);

export function pricesThrough({ cache, clock, cacheReady, providerDown }: PriceOptions): Prices {
  let busy = 0;
  const stored = (kind: 'equity' | 'coin') =>
    writeJson(
      { price: float(providerPrice(kind)), change: -1.5, _source_provider: 'mock_provider', _confidence: float(1) },
      true,
    );
  const values = { equity: stored('equity'), coin: stored('coin') };

  /** Has a connection to itself while `use` runs; null when there is none, or when it failed. */
  const connected = async <T>(use: (connection: Connection) => Promise<T>): Promise<T | null> => {
    if (busy >= CACHE_CONNECTIONS) return null;
    busy++;
    try {
      return await cache.hold(use);
    } catch {
      // The server swallows what goes wrong with its cache.
      return null;
    } finally {
      busy--;
    }
  };

  return {
    read: async (key, kind, serviceMs, metrics) => {
      if (!cacheReady) {
        if (serviceMs > 0) await clock.sleep(serviceMs);
        return 'error';
      }
      const startedAt = performance.now();
      let latencyMs = 0;
      const value = await connected(async (connection) => {
        const found = await connection.get(key);
        latencyMs = performance.now() - startedAt;
        if (serviceMs > 0) await clock.sleep(serviceMs);
        return found;
      });
      metrics.cacheRead(value !== null, latencyMs);
      if (value !== null) return 'mock_provider';
      if (providerDown()) {
        metrics.providerErrors++;
        return 'unknown';
      }
      await connected(async (connection) => connection.set(key, values[kind], priceTtlS(kind, clock.now())));
      return 'mock_provider';
    },
  };
}
