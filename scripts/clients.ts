import type { Redis, RedisOptions } from 'ioredis';

// Packages that only some commands need, loaded when one of these is called: `fiml-perf --help` should not pay for a network
// stack. By require, since jest runs this file too and has no dynamic import.
export const ioredis = (): typeof import('ioredis') => require('ioredis');
export const pg = (): typeof import('pg') => require('pg');
export const remoteWrite = (): typeof import('prometheus-remote-write') => require('prometheus-remote-write');
export const undici = (): typeof import('undici') => require('undici');

/**
 * A client of Redis that connects when it is told to, and fails at once where it cannot: what is wrong is to be told, not tried
 * again until it is late.
 *
 * @param limits what is waited for at most; by default the library's own.
 */
export function redisWithoutRetries(
  url: string,
  limits: Pick<RedisOptions, 'connectTimeout' | 'commandTimeout'> = {},
): Redis {
  const { Redis } = ioredis();
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, ...limits });
  // Without a listener each failure would be printed; the calls report it.
  redis.on('error', () => undefined);
  return redis;
}
