import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
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
  // Loaded here only: no other command should pay for it. By require, as in scripts/http.
  const { Redis }: typeof import('ioredis') = require('ioredis');
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}
