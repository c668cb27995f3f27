import Redis from 'ioredis';
import { Client } from 'pg';
import * as contract from '../../contract';
import { type Reference, startReference } from '../../reference';
import { addProxy } from '../../scripts/services';
import { startLlmStub } from '../../scripts/services/llm-stub';
import { until } from '../support/cli';
import { describeWith, type Service, startPostgres, startRedis, startToxiproxy } from '../support/services';

jest.setTimeout(90_000);

/** The server's clients wait a tenth of what they wait there, so that the longest row takes 6 s instead of 58. */
const RETRY_SCALE = 0.1;
/** What the contract says of a stopped Redis, ms there: the least of each. */
const SEARCH_MS = 10_000;
const CACHE_HEALTH_MS = 3000;
const HELD_UP_MS = 4000;
const HUNG_MS = 55_000;
/** No test asserts that something is quick on a machine that may be busy; this is what the slow rows begin with. */
const UNAFFECTED_MS = SEARCH_MS * RETRY_SCALE;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly tookMs: number;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const startedAt = performance.now();
  const answer = await fetch(url, { ...init, headers: { 'content-type': 'application/json' } });
  return { status: answer.status, body: await answer.text(), tookMs: performance.now() - startedAt };
}

const send = (to: Reference, { method, path, body }: contract.FimlRequest) => ask(to.url + path, { method, body });
const textOf = ({ body }: Answer) => JSON.parse(JSON.parse(body).content[0].text);

async function search(to: Reference, request = contract.searchBySymbol('AAPL', 'quick')) {
  const answer = await send(to, request);
  const outcome = contract.classify(answer, request, 'full');
  return { is: outcome.ok ? 'right' : outcome.reason, tookMs: answer.tookMs };
}

/** What something does to the rest of the server: the longest that /health took meanwhile. */
async function heldUpBy(to: Reference, work: Promise<unknown>): Promise<number> {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  let longestMs = 0;
  while (!over) longestMs = Math.max(longestMs, (await ask(`${to.url}/health`)).tookMs);
  return longestMs;
}

describeWith(['redis', 'postgres', 'toxiproxy'], 'with real stores that fail', () => {
  let redis: Service;
  let postgres: Service;
  let toxiproxy: Service;
  let proxied: { redis: string; postgres: string };
  const open: Reference[] = [];

  beforeAll(async () => {
    [redis, postgres, toxiproxy] = await Promise.all([startRedis(), startPostgres(), startToxiproxy()]);
    proxied = {
      redis: `redis://${await addProxy(toxiproxy.url, 'redis', redis.url)}`,
      postgres: `postgres://fiml@${await addProxy(toxiproxy.url, 'postgres', postgres.url)}/postgres`,
    };
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
    await ask(`${toxiproxy.url}/reset`, { method: 'POST' });
  });
  afterAll(async () => {
    await Promise.all([redis, postgres, toxiproxy].map((service) => service?.stop()));
  });

  const start = async (given: Parameters<typeof startReference>[0] = {}): Promise<Reference> => {
    const stores = { redisUrl: proxied.redis, databaseUrl: proxied.postgres };
    const server = await startReference({ ...stores, serviceTime: false, retryScale: RETRY_SCALE, ...given });
    open.push(server);
    return server;
  };
  const toxi = async (path: string, body: object) => {
    expect((await ask(toxiproxy.url + path, { method: 'POST', body: JSON.stringify(body) })).status).toBe(200);
  };
  const portOf = ({ url }: Service) => Number(new URL(url).port);

  /** Ways to break a store, each with the way back. */
  const stopRedis = async () => {
    const port = portOf(redis);
    await redis.stop();
    return async () => {
      redis = await startRedis(port);
    };
  };
  const stopPostgres = async () => {
    const port = portOf(postgres);
    await postgres.stop();
    return async () => {
      postgres = await startPostgres(port);
    };
  };
  const cut = (name: string) => async () => {
    await toxi(`/proxies/${name}`, { enabled: false });
    return () => toxi(`/proxies/${name}`, { enabled: true });
  };

  const REDIS_STOPPED = {
    whenStarted: 'whole',
    cacheHealth: 503,
    databaseHealth: 200,
    search: 'right',
    searchMs: SEARCH_MS,
    heldUpMs: HELD_UP_MS,
    createSession: 'error',
    searchLater: 'right',
  };
  const REDIS_ABSENT = {
    ...REDIS_STOPPED,
    whenStarted: 'broken',
    search: 'source error',
    searchMs: 0,
    heldUpMs: 0,
    searchLater: 'source error',
  };
  const POSTGRES_STOPPED = {
    whenStarted: 'whole',
    cacheHealth: 200,
    databaseHealth: 503,
    search: 'right',
    searchMs: 0,
    heldUpMs: 0,
    createSession: 'success',
    searchLater: 'right',
  };
  const POSTGRES_ABSENT = { ...POSTGRES_STOPPED, whenStarted: 'broken', createSession: 'error' };

  test.each([
    ['Redis stopped', stopRedis, REDIS_STOPPED],
    ['Redis cut off', cut('redis'), REDIS_STOPPED],
    ['Redis absent at startup', stopRedis, REDIS_ABSENT],
    ['Redis cut off at startup', cut('redis'), REDIS_ABSENT],
    ['PostgreSQL stopped', stopPostgres, POSTGRES_STOPPED],
    ['PostgreSQL cut off', cut('postgres'), POSTGRES_STOPPED],
    ['PostgreSQL absent at startup', cut('postgres'), POSTGRES_ABSENT],
  ])('%s', async (_fault, breakIt, expected) => {
    let to: Reference;
    let mend: () => Promise<void>;
    if (expected.whenStarted === 'broken') {
      mend = await breakIt();
      to = await start();
    } else {
      to = await start();
      expect((await search(to)).is).toBe('right');
      expect(textOf(await send(to, contract.createSession(['AAPL'], 'me'))).status).toBe('success');
      mend = await breakIt();
    }
    try {
      expect((await ask(`${to.url}/health`)).status).toBe(200);
      const cacheHealth = await ask(`${to.url}/health/cache`);
      expect(cacheHealth.status).toBe(expected.cacheHealth);
      if (expected.cacheHealth === 503) {
        expect(cacheHealth.body).toContain('Cache health check failed: ');
        expect(cacheHealth.tookMs).toBeGreaterThanOrEqual(CACHE_HEALTH_MS * RETRY_SCALE);
      }
      expect((await ask(`${to.url}/health/db`)).status).toBe(expected.databaseHealth);

      const searching = search(to);
      const heldUpMs = await heldUpBy(to, searching);
      const { is, tookMs } = await searching;
      expect(is).toBe(expected.search);
      if (expected.searchMs > 0) expect(tookMs).toBeGreaterThanOrEqual(expected.searchMs * RETRY_SCALE);
      else expect(tookMs).toBeLessThan(UNAFFECTED_MS);
      // What is asked just before the rest is held up is still answered, so that a little is missing.
      expect(heldUpMs).toBeGreaterThanOrEqual(expected.heldUpMs * RETRY_SCALE * 0.9);

      const created = await send(to, contract.createSession(['AAPL'], 'me'));
      expect(textOf(created).status).toBe(expected.createSession);
      expect(textOf(await send(to, contract.sessionInfo('none'))).status).toBe('error');
    } finally {
      await mend();
    }
    expect((await search(to)).is).toBe(expected.searchLater);
    for (const part of ['cache', 'db']) expect((await ask(`${to.url}/health/${part}`)).status).toBe(200);
    expect(textOf(await send(to, contract.createSession(['AAPL'], 'me'))).status).toBe('success');
  });

  test('Redis hung: one get-task-status call holds everything up until Redis answers', async () => {
    const to = await start();
    expect((await search(to)).is).toBe('right');
    process.kill(redis.pid, 'SIGSTOP');
    const stoppedAt = performance.now();
    const status = send(to, contract.taskStatus('analysis-aapl-00000000'));
    const heldUp = heldUpBy(to, status);
    try {
      await until(() => performance.now() - stoppedAt > 1000, 'Redis has hung for a second');
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
    expect(await heldUp).toBeGreaterThan(900);
    expect(textOf(await status)).toMatchObject({ status: 'not_found' });
    expect((await search(to)).is).toBe('right');
  });

  test('Redis hung for good: that call holds everything up for 58 s, then fails', async () => {
    const to = await start();
    expect((await search(to)).is).toBe('right');
    // Takes what is sent and gives nothing back.
    await toxi('/proxies/redis/toxics', { name: 'hung', type: 'timeout', attributes: { timeout: 0 } });
    const status = send(to, contract.taskStatus('analysis-aapl-00000000'));
    const heldUpMs = await heldUpBy(to, status);
    expect((await status).body).toContain('Error: Error connecting to Redis');
    expect(heldUpMs).toBeGreaterThanOrEqual(HUNG_MS * RETRY_SCALE * 0.9);
    await ask(`${toxiproxy.url}/proxies/redis/toxics/hung`, { method: 'DELETE' });
    expect((await search(to)).is).toBe('right');
  });

  test('Redis that refuses more clients: a miss, at once, and none held up', async () => {
    const admin = new Redis(redis.url);
    try {
      const { length: clients } = ((await admin.client('LIST')) as string).trim().split('\n');
      // One more: that of the look at the start, which stays.
      await admin.config('SET', 'maxclients', clients + 1);
      const to = await start({ serviceTime: true, sigma: 0, faults: { latencyFactor: { search: 600 } } });
      await admin.setex('price:AAPL:any', 60, '{}');
      const searches = await Promise.all(Array.from({ length: 10 }, () => search(to)));
      expect(searches.map(({ is }) => is)).toEqual(Array(10).fill('right'));
      // The longest is the hit, which has the connection for all of its service time.
      const misses = searches.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
      expect(misses[8]).toBeLessThan(UNAFFECTED_MS);
      const counts = await (await fetch(`${to.url}/api/metrics/cache`)).json();
      expect(counts).toMatchObject({ l1_cache: { hits: 1, misses: 9 } });
    } finally {
      await admin.config('SET', 'maxclients', 10_000);
      admin.disconnect();
    }
  });

  test('each read has a connection of its own, fifty at most', async () => {
    const to = await start({
      redisUrl: redis.url,
      serviceTime: true,
      sigma: 0,
      faults: { latencyFactor: { search: 800 } },
    });
    const admin = new Redis(redis.url);
    try {
      const connections = async () => ((await admin.client('LIST')) as string).trim().split('\n').length;
      const before = await connections();
      const searches = Array.from({ length: 80 }, () => search(to));
      await Promise.all(searches);
      // The pool, of which one was open, and the task registry's.
      expect((await connections()) - before).toBe(50 - 1 + 1);
    } finally {
      admin.disconnect();
    }
  });

  test('session tools have thirty connections to PostgreSQL, and wait for one', async () => {
    const to = await start();
    await send(to, contract.createSession(['AAPL'], 'me'));
    await toxi('/proxies/postgres/toxics', { name: 'slow', type: 'latency', attributes: { latency: 1000 } });
    const admin = new Client({ connectionString: postgres.url });
    await admin.connect();
    try {
      const answers = await Promise.all(Array.from({ length: 40 }, () => send(to, contract.sessionInfo('none'))));
      const { rows } = await admin.query(
        "SELECT count(*)::int AS open FROM pg_stat_activity WHERE backend_type = 'client backend'",
      );
      // One more is the one that counts.
      expect(rows).toEqual([{ open: 30 + 1 }]);
      for (const answer of answers) expect(textOf(answer).error).toContain('sessions');
    } finally {
      await admin.end();
    }
  });

  test('an LLM that cannot be reached: an empty narrative after all retries, which is kept', async () => {
    const { url, server: llm } = await startLlmStub('127.0.0.1', 0, 0);
    let asked = 0;
    llm.on('request', () => asked++);
    const behind = `http://${await addProxy(toxiproxy.url, 'llm', url)}`;
    try {
      const llmEndpoint = { url: behind, apiKey: 'none', deployment: 'stub' };
      const to = await start({ redisUrl: null, databaseUrl: null, llmEndpoint });
      const narrativeOf = async (symbol: string) => {
        const answer = await send(to, contract.searchBySymbol(symbol, 'standard'));
        return { narrative: textOf(answer).narrative, tookMs: answer.tookMs };
      };
      expect((await narrativeOf('MSFT')).narrative.summary).not.toBe('');
      expect(asked).toBe(5);
      await toxi('/proxies/llm', { enabled: false });
      const failed = await narrativeOf('AAPL');
      expect(failed.narrative).toMatchObject({ summary: '', sections: [] });
      // Five calls, each with back-offs of 1 and 2 s.
      expect(failed.tookMs).toBeGreaterThanOrEqual(5 * 3000 * RETRY_SCALE);
      await toxi('/proxies/llm', { enabled: true });
      expect((await narrativeOf('AAPL')).narrative.summary).toBe('');
      expect(asked).toBe(5);
    } finally {
      llm.closeAllConnections();
      llm.close();
    }
  });
});
