import type { Redis } from 'ioredis';
import { redisWithoutRetries } from '../clients';
import { UserError } from '../errors';
import { ENTRIES, PRICE, problemOf, type Store, shownAddress, TIMEOUT_MS, TTL_S } from './store';

/** The server's own key of an equity's price. */
const priceKey = (symbol: string): string => `price:${symbol}:any`;

/**
 * L1: prices as the server keeps them, under symbols that nobody else asks for. They expire by themselves should nobody be
 * left to remove them.
 *
 * @param token makes the symbols this run's own.
 * @throws UserError when it cannot be reached, or does not let itself be written to.
 */
export async function openRedis(url: string, token: string): Promise<Store> {
  const address = shownAddress(url);
  const redis = redisWithoutRetries(url, { connectTimeout: TIMEOUT_MS, commandTimeout: TIMEOUT_MS });
  let lost: string | null = null;
  redis.on('error', (error) => {
    lost = problemOf(error);
  });
  const value = JSON.stringify(PRICE);
  const keys = Array.from({ length: ENTRIES }, (_, entry) => priceKey(`FIMLPERF${token}${entry}`));
  const remove = async (): Promise<string | null> => {
    try {
      await redis.del(...keys);
      return null;
    } catch (error) {
      return `${address}: ${keys.length} keys price:FIMLPERF${token}…:any could not be removed (${problemOf(error)}); they expire within ${TTL_S / 60} minutes`;
    } finally {
      redis.disconnect();
    }
  };
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw new UserError(`--redis: ${address} cannot be reached: ${lost ?? problemOf(error)}`);
  }
  try {
    // Never over what somebody else has there, however unlikely.
    for (const key of keys) {
      if ((await redis.set(key, value, 'EX', TTL_S, 'NX')) === null) throw new Error(`${key} is there already`);
    }
  } catch (error) {
    await remove();
    throw new UserError(`--redis: ${address} does not take the keys to be read: ${problemOf(error)}`);
  }
  return {
    version: `Redis ${await versionOf(redis)}`,
    address,
    read: async (entry) => {
      const found = await redis.get(keys[entry] as string);
      if (found === null) throw new Error('an entry was gone before its time: the store evicts, or was emptied');
      if (found !== value) throw new Error('an entry was not what had been written');
    },
    close: remove,
  };
}

async function versionOf(redis: Redis): Promise<string> {
  try {
    return /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1] ?? 'of unknown version';
  } catch {
    // An account may be kept from asking.
    return 'of unknown version';
  }
}
