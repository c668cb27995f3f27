import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Redis from 'ioredis';
import { cli, temporaryFolder } from '../support/cli';
import { repeated, SHORT_LOAD } from '../support/load';
import { startReferenceProcess } from '../support/reference';
import { describeWith, startRedis } from '../support/services';

const folder = temporaryFolder('bottlenecks');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a run names; where others on this machine made k6 the bottleneck, which is then true, of another try. */
const bottlenecksOf = (name: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  repeated(
    (attempt) => namedIn(`${name}-${attempt}`, args, env),
    ({ named }) => !named.includes('The load generator'),
  );

async function namedIn(name: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const server = await startReferenceProcess(args, env);
  try {
    const out = join(folder, name);
    const { code, stdout } = await cli(['run', 'load', '--target', server.url, '--out', out, ...SHORT_LOAD]);
    const named = [...stdout.matchAll(/^bottleneck: ([^:]+): .*\d/gm)].map(([, what]) => what);
    return { code, named };
  } finally {
    await server.stop();
  }
}

test('dead providers are named, and nothing else', async () => {
  expect(await bottlenecksOf('provider', ['--provider-down'])).toEqual({ code: 1, named: ['The provider'] });
}, 120_000);

test('slow FK-DSL is named, and nothing else', async () => {
  const args = ['--latency-add-ms', 'dsl=1500'];
  expect(await bottlenecksOf('dsl', args)).toEqual({ code: 1, named: ['FK-DSL execution'] });
}, 120_000);

describeWith(['redis'], 'with a real Redis', () => {
  test('a cache that loses its keys is named, and nothing else', async () => {
    const service = await startRedis();
    const redis = new Redis(service.url);
    const losing = setInterval(() => void redis.flushall(), 50);
    try {
      const env = { ...process.env, REDIS_URL: service.url };
      expect(await bottlenecksOf('cache', [], env)).toEqual({ code: 1, named: ['The cache'] });
    } finally {
      clearInterval(losing);
      redis.disconnect();
      await service.stop();
    }
  }, 120_000);
});
