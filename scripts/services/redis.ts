import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { redisWithoutRetries } from '../clients';
import { redisBinary } from './binaries';
import { freePort, HOST } from './free-port';
import type { ServicesHome } from './home';

/** Starts a Redis that keeps nothing on disk; its URL. */
export async function startRedis(home: ServicesHome, env: NodeJS.ProcessEnv, port?: number): Promise<string> {
  const chosen = port ?? (await freePort());
  const folder = join(home.folder, 'redis');
  mkdirSync(folder, { recursive: true });
  const url = `redis://${HOST}:${chosen}`;
  await home.launch({
    name: 'redis',
    command: redisBinary(env) ?? 'redis-server',
    args: ['--port', String(chosen), '--bind', HOST, '--dir', folder, '--save', '', '--appendonly', 'no'],
    probe: () => ping(url),
  });
  return url;
}

async function ping(url: string): Promise<void> {
  const redis = redisWithoutRetries(url);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}
