import Redis from 'ioredis';
import * as contract from '../../contract';
import { type Reference, startReference } from '../../reference';
import { describeWith, type Service, startPostgres, startRedis } from '../support/services';

jest.setTimeout(90_000);

describeWith(['redis', 'postgres'], 'with real stores', () => {
  let services: Service[] = [];
  let redis: Redis;
  let server: Reference;
  let redisUrl: string;
  let databaseUrl: string;

  beforeAll(async () => {
    services = await Promise.all([startRedis(), startPostgres()]);
    [redisUrl, databaseUrl] = services.map(({ url }) => url) as [string, string];
    redis = new Redis(redisUrl);
    redis.on('error', () => undefined);
    server = await startReference({ redisUrl, databaseUrl, serviceTime: false });
  });
  afterAll(async () => {
    await server?.close();
    redis?.disconnect();
    await Promise.all(services.map((service) => service.stop()));
  });

  const send = async (request: contract.FimlRequest) => {
    const { method, path, body } = request;
    const answer = await fetch(server.url + path, { method, body, headers: { 'content-type': 'application/json' } });
    const outcome = contract.classify({ status: answer.status, body: await answer.text() }, request, 'full');
    if (!outcome.ok || outcome.value === null) throw new Error(`${path}: ${JSON.stringify(outcome)}`);
    return outcome.value;
  };

  test('prices, narratives, tasks and sessions are in Redis, with their lives', async () => {
    const search = await send(contract.searchBySymbol('AAPL', 'standard'));
    await send(contract.searchByCoin('BTC'));
    expect(JSON.parse((await redis.get('price:AAPL:any')) ?? '')).toMatchObject({ price: 100, _confidence: 1 });
    const livesOf = async (key: string, longestS: number) => {
      const ttlS = await redis.ttl(key);
      expect(ttlS).toBeGreaterThan(0);
      expect(ttlS).toBeLessThanOrEqual(longestS);
    };
    await livesOf('price:AAPL:any', 40);
    await livesOf('price:BTC/USDT:any', 10);
    const { id } = search.task as { id: string };
    await livesOf(`fiml:task:${id}`, 300);
    await livesOf('narrative:AAPL:en:intermediate', 1800);
    expect((await send(contract.taskStatus(id))).status).toBe('pending');
    const { session_id } = await send(contract.createSession(['AAPL'], 'me'));
    await livesOf(`session:${session_id}`, 3600);
    await send(contract.sessionInfo(String(session_id)));
    expect((await send(contract.listSessions('me'))).total_sessions).toBe(1);
  });

  test('a price that Redis no longer has is a miss', async () => {
    const misses = async () => {
      const { l1_cache } = (await (await fetch(`${server.url}/api/metrics/cache`)).json()) as {
        l1_cache: { misses: number };
      };
      return l1_cache.misses;
    };
    await send(contract.searchBySymbol('MSFT', 'quick'));
    const before = await misses();
    await send(contract.searchBySymbol('MSFT', 'quick'));
    expect(await misses()).toBe(before);
    await redis.del('price:MSFT:any');
    await send(contract.searchBySymbol('MSFT', 'quick'));
    expect(await misses()).toBe(before + 1);
  });

  test('an unknown session is answered with what PostgreSQL says', async () => {
    await expect(send(contract.sessionInfo('none'))).rejects.toThrow('inner');
  });

  test('health looks at both, and says which is gone', async () => {
    const health = async (to: Reference, part: string) => {
      const answer = await fetch(`${to.url}/health/${part}`);
      return [answer.status, await answer.json()] as const;
    };
    const { port } = new URL(databaseUrl);
    expect(await health(server, 'db')).toEqual([
      200,
      { status: 'healthy', service: 'postgresql', host: '127.0.0.1', port: Number(port), database: 'postgres' },
    ]);
    expect((await health(server, 'cache'))[0]).toBe(200);
    // Port 1 is nobody's.
    const lost = await startReference({
      redisUrl: 'redis://127.0.0.1:1',
      databaseUrl: 'postgres://127.0.0.1:1/x',
      retryScale: 0.01,
    });
    try {
      for (const [part, words] of [
        ['db', 'Database health check failed: '],
        ['cache', 'Cache health check failed: '],
      ] as const) {
        const [status, body] = await health(lost, part);
        expect(status).toBe(503);
        expect((body as { detail: string }).detail).toContain(words);
      }
      const request = contract.searchBySymbol('AAPL', 'quick');
      const { method, path, body } = request;
      const answer = await fetch(lost.url + path, { method, body, headers: { 'content-type': 'application/json' } });
      const outcome = contract.classify({ status: answer.status, body: await answer.text() }, request, 'full');
      expect(outcome).toEqual({ ok: false, layer: 'data', reason: 'source error' });
    } finally {
      await lost.close();
    }
  });
});
