import { Metrics } from '../../../reference/metrics';
import { CACHE_CONNECTIONS, pricesThrough, priceTtlS } from '../../../reference/prices';
import { redisClients } from '../../../reference/redis-client';
import { embeddedStore } from '../../../reference/store';
import { VirtualClock } from './virtual-clock';

const setUp = (given: { providerDown?: boolean; cacheDown?: boolean; cacheReady?: boolean } = {}) => {
  const clock = new VirtualClock();
  const metrics = new Metrics(0);
  const state = { providerDown: false, cacheDown: false, ...given };
  const store = embeddedStore(clock);
  const redis = redisClients({
    store,
    registry: store,
    clock,
    seed: 1,
    retryScale: 1,
    down: () => state.cacheDown,
    holdUp: (work) => work(),
  });
  const prices = pricesThrough({
    cache: redis.patient,
    clock,
    cacheReady: given.cacheReady ?? true,
    providerDown: () => state.providerDown,
  });
  const read = (key = 'price:AAPL:any', serviceMs = 0) => clock.until(prices.read(key, 'equity', serviceMs, metrics));
  return { clock, metrics, state, prices, read };
};

test('a price lives for its TTL, and a hit does not lengthen it', async () => {
  const { clock, metrics, read } = setUp();
  await read();
  clock.nowMs += 6000;
  await read();
  clock.nowMs += 3999;
  await read();
  expect([metrics.hits, metrics.misses]).toEqual([2, 1]);
  clock.nowMs += 1;
  await read();
  expect([metrics.hits, metrics.misses]).toEqual([2, 2]);
});

test.each([
  ['coin', '2026-01-04T03:00Z', 10],
  ['equity', '2026-01-05T09:29Z', 40],
  ['equity', '2026-01-05T09:30Z', 10],
  ['equity', '2026-01-05T15:59Z', 10],
  ['equity', '2026-01-05T16:00Z', 40],
  ['equity', '2026-01-04T12:00Z', 40],
] as const)('%s at %s is kept %d s', (kind, at, ttlS) => {
  expect(priceTtlS(kind, Date.parse(at))).toBe(ttlS);
});

test('readers who miss at once each ask the provider', async () => {
  const { clock, metrics, prices } = setUp();
  const reads = Array.from({ length: 20 }, () => prices.read('price:AAPL:any', 'equity', 2, metrics));
  await clock.until(Promise.all(reads));
  expect([metrics.hits, metrics.misses]).toEqual([0, 20]);
});

test('a read beyond the connections is a miss with data, however warm the key', async () => {
  const { clock, metrics, prices, read } = setUp();
  await read();
  const reads = Array.from({ length: CACHE_CONNECTIONS + 7 }, () =>
    prices.read('price:AAPL:any', 'equity', 2, metrics),
  );
  const sources = await clock.until(Promise.all(reads));
  expect(new Set(sources)).toEqual(new Set(['mock_provider']));
  expect([metrics.hits, metrics.misses]).toEqual([CACHE_CONNECTIONS, 1 + 7]);
});

test('dead providers leave what is cached, and keep nothing of what they lack', async () => {
  const { state, metrics, read } = setUp();
  await read();
  state.providerDown = true;
  expect(await read()).toBe('mock_provider');
  expect(await read('price:MSFT:any')).toBe('unknown');
  expect(await read('price:MSFT:any')).toBe('unknown');
  expect(metrics.providerErrors).toBe(2);
  state.providerDown = false;
  expect(await read('price:MSFT:any')).toBe('mock_provider');
});

test('a stopped cache is always missed; one that was never there is an error', async () => {
  const down = setUp({ cacheDown: true });
  await down.read();
  expect(await down.read()).toBe('mock_provider');
  expect(down.metrics.misses).toBe(2);
  expect(await setUp({ cacheReady: false }).read()).toBe('error');
});
