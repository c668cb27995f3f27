import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import Redis from 'ioredis';
import { Client } from 'pg';
import { observationSchema } from '../../scripts/result/observation';
import { cli, type Finished, startCli, temporaryFolder, until } from '../support/cli';
import { describeWith, type Service, startPostgres, startRedis } from '../support/services';

jest.setTimeout(120_000);

const PASSWORD = 'opensesame';
const GENERIC_CACHE = `CREATE TABLE generic_cache (
  key VARCHAR(255) PRIMARY KEY,
  value JSONB NOT NULL,
  timestamp TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ttl_seconds INTEGER DEFAULT 3600
)`;

interface Proxy {
  readonly url: string;
  close(): void;
}

/** Stands between a client and a store, and does something about each of the store's answers. */
async function proxyOf(service: string, onAnswer: (pass: () => void, cut: () => void) => void): Promise<Proxy> {
  const { hostname, port, protocol } = new URL(service);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const store = connect(Number(port), hostname);
    const cut = () => {
      client.destroy();
      store.destroy();
    };
    for (const socket of [client, store]) {
      sockets.add(socket);
      socket.on('error', cut).on('close', cut);
    }
    client.on('data', (chunk) => store.write(chunk));
    store.on('data', (chunk) => onAnswer(() => client.write(chunk), cut));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

describeWith(['redis', 'postgres'], 'the stores themselves', () => {
  const services: Service[] = [];
  const proxies: Proxy[] = [];
  let folder: string;
  let redisUrl: string;
  let postgresUrl: string;
  let redis: Redis;
  let database: Client;

  beforeAll(async () => {
    folder = temporaryFolder('stores');
    services.push(...(await Promise.all([startRedis(), startPostgres()])));
    [redisUrl = '', postgresUrl = ''] = services.map(({ url }) => url);
    redis = new Redis(redisUrl);
    database = new Client({ connectionString: postgresUrl });
    await database.connect();
    await database.query(GENERIC_CACHE);
    await redis.set('price:AAPL:any', '{"price":100.0}');
    await database.query("INSERT INTO generic_cache (key, value) VALUES ('price:AAPL', '{}')");
  });
  afterEach(() => {
    for (const proxy of proxies.splice(0)) proxy.close();
  });
  afterAll(async () => {
    redis?.disconnect();
    await database?.end();
    await Promise.all(services.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  const components = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
    cli(['components', ...args], { env: { REDIS_URL: '', DATABASE_URL: '', ...env } });

  async function proxied(service: string, onAnswer: Parameters<typeof proxyOf>[1]): Promise<string> {
    const proxy = await proxyOf(service, onAnswer);
    proxies.push(proxy);
    return proxy.url;
  }

  /** Keys and rows that are not the server's own. */
  async function leftovers(): Promise<string[]> {
    const { rows } = await database.query('SELECT key FROM generic_cache');
    return [...(await redis.keys('*')), ...rows.map(({ key }) => key)].filter((key) => !key.includes('AAPL'));
  }

  const verdictsIn = ({ stdout }: Finished) =>
    [...stdout.matchAll(/^(L\d cache GET) .* (PASS|FAIL|INVALID|not measurable here)$/gm)].map(
      ([, title, verdict]) => `${title?.slice(0, 2)} ${verdict}`,
    );

  test('pass, leave nothing behind, and are saved for comparisons', async () => {
    const [address, ...others] = [postgresUrl.replace('fiml@', `fiml:${PASSWORD}@`)];
    expect(others).toEqual([]);
    const files = ['one.json', 'two.json'].map((name) => join(folder, name));
    for (const file of files) {
      const finished = await components(['--json', file], { REDIS_URL: redisUrl, DATABASE_URL: address });
      expect([finished.code, finished.stderr, verdictsIn(finished)]).toEqual([0, '', ['L1 PASS', 'L2 PASS']]);
      expect(finished.stdout).toMatch(/^PASS: Redis \d\S* at redis:\/\/\S+, PostgreSQL \d\S* at postgres:\/\/127/);
      for (const title of ['Agent processing', 'DSL parsing', 'Model creation', 'Serialisation']) {
        expect(finished.stdout).toMatch(new RegExp(`^${title} .* not measurable here$`, 'm'));
      }
      const written = readFileSync(file, 'utf8');
      expect(finished.stdout + written).not.toContain(PASSWORD);
      const observation = observationSchema.parse(JSON.parse(written));
      expect(observation.measures.map(({ id, samples }) => [id, samples])).toEqual(
        ['l1.p50', 'l1.p95', 'l1.mean', 'l2.p50', 'l2.p95', 'l2.mean'].map((id) => [id, 500]),
      );
    }
    expect(await leftovers()).toEqual([]);
    expect(await redis.get('price:AAPL:any')).toBe('{"price":100.0}');
    const [baseline = '', candidate = ''] = files;
    const compared = await cli(['compare', '--baseline', baseline, candidate], {
      env: { PERF_HISTORY: join(folder, 'history') },
    });
    // Two single measurements: whatever they say, they can be compared, measure by measure.
    expect([0, 1]).toContain(compared.code);
    expect(compared.stdout).toMatch(/L1 cache GET, P50[\s\S]*L2 cache GET, P50/);
  });

  test('can be asked for alone', async () => {
    const l2 = await components(['--only', 'l2', '--postgres', postgresUrl, '--rounds', '100']);
    expect([l2.code, verdictsIn(l2)]).toEqual([0, ['L2 PASS']]);
    expect(l2.stdout).not.toContain('Agent processing');
    const l1 = await components(['--redis', redisUrl, '--rounds', '100']);
    expect([l1.code, verdictsIn(l1)]).toEqual([0, ['L1 PASS', 'L2 not measurable here']]);
    expect(l1.stdout).toContain('L2 cache GET: no address: give --postgres or DATABASE_URL');
  });

  test('of too few rounds prove nothing', async () => {
    const few = await components(['--redis', redisUrl, '--only', 'l1', '--rounds', '58']);
    expect([few.code, verdictsIn(few)]).toEqual([3, ['L1 INVALID']]);
    expect(few.stdout).toContain('L1 cache GET: too few samples: 58, and below 100 ms takes 59');
  });

  test('fail where Redis is slow, and the other store is not blamed', async () => {
    const slow = await proxied(redisUrl, (pass) => void setTimeout(pass, 110));
    const finished = await components(['--redis', slow, '--postgres', postgresUrl, '--rounds', '60']);
    expect([finished.code, verdictsIn(finished)]).toEqual([1, ['L1 FAIL', 'L2 PASS']]);
    expect(await leftovers()).toEqual([]);
  });

  test('cannot be judged when Redis is killed meanwhile, and its neighbour’s rows are removed all the same', async () => {
    const mortal = await startRedis();
    let answers = 0;
    const url = await proxied(mortal.url, (pass) => {
      answers++;
      if (answers === 100) void mortal.stop();
      else if (answers < 100) pass();
    });
    const finished = await components(['--redis', url, '--postgres', postgresUrl, '--rounds', '400']);
    expect([finished.code, verdictsIn(finished)]).toEqual([3, ['L1 INVALID', 'L2 PASS']]);
    expect(finished.stdout).toMatch(/L1 cache GET: a read failed after \d+: /);
    expect(finished.stderr).toMatch(/^fiml-perf: redis:\/\/\S+: 16 keys price:FIMLPERF\S+ could not be removed/);
    expect(await leftovers()).toEqual([]);
  });

  test('keep what could not be removed no longer than ten minutes', async () => {
    let answers = 0;
    const url = await proxied(redisUrl, (pass, cut) => (++answers > 100 ? cut() : pass()));
    const finished = await components(['--redis', url, '--only', 'l1', '--rounds', '400']);
    expect(finished.code).toBe(3);
    const left = await leftovers();
    expect(left).toHaveLength(16);
    for (const key of left) {
      expect(key).toMatch(/^price:FIMLPERF[0-9A-F]+:any$/);
      const ttlS = await redis.ttl(key);
      expect([key, ttlS > 0 && ttlS <= 600]).toEqual([key, true]);
    }
    await redis.del(...left);
  });

  test('cannot be judged when PostgreSQL’s connection is lost, and expired rows are swept by the next run', async () => {
    let answers = 0;
    const url = (await proxied(postgresUrl, (pass, cut) => (++answers > 100 ? cut() : pass()))).replace(
      '//',
      '//fiml@',
    );
    const finished = await components(['--postgres', `${url}/postgres`, '--only', 'l2', '--rounds', '400']);
    expect([finished.code, verdictsIn(finished)]).toEqual([3, ['L2 INVALID']]);
    expect(await leftovers()).toHaveLength(16);
    await database.query("UPDATE generic_cache SET timestamp = NOW() - INTERVAL '1 hour' WHERE key LIKE 'fiml-perf:%'");
    const next = await components(['--postgres', postgresUrl, '--only', 'l2', '--rounds', '100']);
    expect([next.code, await leftovers()]).toEqual([0, []]);
  });

  test('cannot be judged when their entries go, or pass for expired, before their time', async () => {
    const { finished } = startCli(
      ['components', '--redis', redisUrl, '--postgres', postgresUrl, '--rounds', '100000'],
      { env: { REDIS_URL: '', DATABASE_URL: '' } },
    );
    await until(async () => (await leftovers()).length === 32, 'entries are written');
    await database.query("UPDATE generic_cache SET timestamp = NOW() - INTERVAL '1 hour' WHERE key LIKE 'fiml-perf:%'");
    await redis.del(...(await leftovers()).filter((key) => key.startsWith('price:')));
    const { code, stdout } = await finished;
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /L1 cache GET: a read failed after \d+: an entry was gone before its time: the store evicts/,
    );
    expect(stdout).toMatch(/L2 cache GET: a read failed after 0: an entry was gone before its time/);
    expect(await leftovers()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('are left in order on %s', async (signal) => {
    const file = join(folder, `${signal}.json`);
    const { child, finished } = startCli(
      ['components', '--redis', redisUrl, '--postgres', postgresUrl, '--rounds', '100000', '--json', file],
      { env: { REDIS_URL: '', DATABASE_URL: '' } },
    );
    await until(async () => (await leftovers()).length === 32, 'entries are written');
    child.kill(signal);
    const { code, stdout } = await finished;
    expect([code, stdout]).toEqual([3, expect.stringContaining('the measurement was interrupted')]);
    expect(await leftovers()).toEqual([]);
    expect(JSON.parse(readFileSync(file, 'utf8')).flaws).toEqual(['the measurement was interrupted']);
  });

  test('that cannot be used are refused with everything that is wrong, and nothing is left behind', async () => {
    await database.query('CREATE DATABASE other');
    const other = postgresUrl.replace(/postgres$/, 'other');
    const file = join(folder, 'refused.json');
    const noTable = await components(['--redis', redisUrl, '--postgres', other, '--json', file]);
    expect([noTable.code, noTable.stdout]).toEqual([2, '']);
    expect(noTable.stderr).toMatch(
      /^fiml-perf: --postgres: postgres:\/\/127\.0\.0\.1:\d+\/other has no table generic_cache.*scripts\/init-db\.sql\n$/,
    );
    expect([await leftovers(), existsSync(file)]).toEqual([[], false]);

    const dead = {
      REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:1`,
      DATABASE_URL: `postgres://me:${PASSWORD}@127.0.0.1:1/x`,
    };
    const both = await components([], dead);
    expect(both.code).toBe(2);
    expect(both.stderr).toMatch(
      /^fiml-perf: --redis: redis:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED.*\nfiml-perf: --postgres: postgres:\/\/127\.0\.0\.1:1\/x cannot be reached: .*ECONNREFUSED.*\n$/,
    );
    expect(both.stderr).not.toContain(PASSWORD);
  });

  test('that may only be read are refused', async () => {
    await database.query('CREATE ROLE reader LOGIN; GRANT SELECT ON generic_cache TO reader');
    await redis.call('ACL', 'SETUSER', 'reader', 'on', `>${PASSWORD}`, '~*', '+@read', '+@connection', '+info');
    const { code, stderr } = await components([
      ...['--redis', redisUrl.replace('//', `//reader:${PASSWORD}@`)],
      ...['--postgres', postgresUrl.replace('fiml@', 'reader@')],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^fiml-perf: --redis: .* does not take the keys to be read: NOPERM/);
    expect(stderr).toMatch(/\nfiml-perf: --postgres: .* does not take the rows to be read: permission denied/);
    expect(stderr).not.toContain(PASSWORD);
  });

  test('into a file that cannot be written are refused before any work', async () => {
    const file = join(folder, 'no', 'such', 'folder.json');
    const finished = await components(['--redis', redisUrl, '--only', 'l1', '--rounds', '100', '--json', file]);
    expect([finished.code, verdictsIn(finished)]).toEqual([2, []]);
    expect(finished.stderr).toContain('its folder does not exist');
  });
});
