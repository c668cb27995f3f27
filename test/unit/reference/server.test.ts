import { request as httpRequest } from 'node:http';
import * as contract from '../../../contract';
import { type Reference, type ReferenceOptions, startReference } from '../../../reference';
import { LAYERS_OF, OPERATIONS } from '../../../reference/operation';
import { KEPT_TASKS } from '../../../reference/tools';
import { VirtualClock } from './virtual-clock';

let server: Reference | null = null;
const start = async (options: Partial<ReferenceOptions> = {}) => {
  server = await startReference({ controlPort: 0, serviceTime: false, ...options });
  return server;
};
afterEach(async () => {
  await server?.close();
  server = null;
});

const send = async (to: Reference, request: contract.FimlRequest): Promise<contract.Answer> => {
  try {
    const { method, body } = request;
    const answer = await fetch(to.url + request.path, {
      method,
      body,
      headers: { 'content-type': 'application/json' },
    });
    return { status: answer.status, body: await answer.text() };
  } catch {
    return { status: 0, body: null };
  }
};
const outcome = async (to: Reference, request: contract.FimlRequest, look: 'bytes' | 'full' = 'full') =>
  contract.classify(await send(to, request), request, look);
const textOf = ({ body }: contract.Answer) => JSON.parse(JSON.parse(body ?? '').content[0].text);

/** One request of each operation, on a session and a task that exist. */
async function everyRequest(to: Reference): Promise<contract.FimlRequest[]> {
  const session = textOf(await send(to, contract.createSession(['AAPL'], 'me'))).session_id;
  const task = textOf(await send(to, contract.submitDsl('GET PRICE FOR AAPL'))).task_id;
  return [
    contract.searchBySymbol('AAPL', 'quick'),
    contract.searchBySymbol('AAPL', 'standard'),
    contract.searchBySymbol('AAPL', 'deep'),
    contract.searchByCoin('BTC'),
    contract.marketPrices(['AAPL', 'BTC']),
    contract.submitDsl('GET PRICE FOR AAPL'),
    contract.executeDsl('TRACK AAPL WHEN PRICE > 150'),
    contract.taskStatus(task),
    contract.health(),
    contract.createSession(['AAPL'], 'me'),
    contract.sessionInfo(session),
    contract.extendSession(session),
    contract.listSessions('me'),
    contract.sessionAnalytics('me'),
  ];
}

const call = (name: string, args: object): contract.FimlRequest => ({
  ...contract.health(),
  method: 'POST',
  path: '/mcp/tools/call',
  body: JSON.stringify({ name, arguments: args }),
});

test.each([false, true])('every answer is what its user asked for (spaced: %s)', async (spacedJson) => {
  const to = await start({ spacedJson });
  const requests = await everyRequest(to);
  expect(requests.map(({ operation }) => operation).sort()).toEqual([...OPERATIONS].sort());
  for (const request of requests) {
    expect([request.operation, (await outcome(to, request)).ok]).toEqual([request.operation, true]);
    // Null: the bytes alone were enough.
    if (request.kind === 'search') expect(await outcome(to, request, 'bytes')).toEqual({ ok: true, value: null });
  }
});

test.each([
  'transport',
  'http',
  'envelope',
  'inner',
  'data',
] as const)('a fault in layer %s is found there', async (layer) => {
  const to = await start();
  const requests = await everyRequest(to);
  const answer = await fetch(`${to.controlUrl}/faults`, {
    method: 'PATCH',
    body: JSON.stringify({ errorRate: { [layer]: 1 } }),
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(200);
  for (const request of requests) {
    const found = await outcome(to, request);
    const expected = LAYERS_OF[request.operation].includes(layer) ? layer : 'ok';
    expect([request.operation, found.ok ? 'ok' : found.layer]).toEqual([request.operation, expected]);
  }
  await fetch(`${to.controlUrl}/faults`, { method: 'DELETE' });
  expect((await outcome(to, contract.health())).ok).toBe(true);
});

test('a share of failures is that share, and only of its operation', async () => {
  const to = await start({ faults: { errorRate: { 'data:search-quick': 0.25 } } });
  let failures = 0;
  for (let i = 0; i < 400; i++) if (!(await outcome(to, contract.searchBySymbol('AAPL', 'quick'))).ok) failures++;
  // Five standard errors; the draws are seeded, so that this never changes from run to run.
  expect(Math.abs(failures - 100)).toBeLessThan(5 * Math.sqrt(400 * 0.25 * 0.75));
  expect((await outcome(to, contract.searchByCoin('BTC'))).ok).toBe(true);
});

test('failures say so as the server does', async () => {
  const to = await start();
  const said = async (name: string, args: object) => JSON.parse((await send(to, call(name, args))).body ?? '');
  const toolError = (text: string) => ({ content: [{ type: 'text', text }], isError: true });
  expect(await said('nope', {})).toEqual(toolError('Error: 404: Tool not found: nope'));
  expect(await said('search-by-symbol', {})).toEqual(toolError("Error: 'symbol'"));
  expect(await said('search-by-symbol', { symbol: 'A', depth: 'turbo' })).toEqual(
    toolError("Error: 'turbo' is not a valid AnalysisDepth"),
  );
  expect(textOf(await send(to, contract.taskStatus('x')))).toEqual({
    task_id: 'x',
    status: 'not_found',
    progress: null,
    type: null,
  });
  expect(textOf(await send(to, contract.submitDsl('GET PRICE OF AAPL'))).status).toBe('failed');
  expect(textOf(await send(to, contract.sessionInfo('none'))).status).toBe('error');
  expect(textOf(await send(to, call('warm-cache', { symbols: ['AAPL'] })))).toEqual({ AAPL: false });
  const get = async (path: string) => {
    const answer = await fetch(to.url + path);
    return [answer.status, await answer.json()];
  };
  expect(await get('/api/performance/metrics')).toEqual([404, { detail: 'Not Found' }]);
  expect(await get('/mcp/tools/call')).toEqual([405, { detail: 'Method Not Allowed' }]);
  expect(await get('/api/market/prices?symbols=,')).toEqual([400, { detail: 'No symbols provided' }]);
  expect((await send(to, { ...call('x', {}), body: 'no json' })).status).toBe(422);
  expect((await send(to, { ...call('x', {}), body: '{"arguments":{}}' })).status).toBe(422);
});

test('odd symbols succeed and stay themselves', async () => {
  const to = await start();
  for (const symbol of ['', '../X', 'A"B\\', 'X'.repeat(300), 'É\u0001']) {
    const answer = textOf(await send(to, call('search-by-symbol', { symbol, depth: 'quick', sessionId: 'a"b' })));
    expect(answer.symbol).toBe(symbol.toUpperCase());
    expect(answer.task.resource_url).toBe(`mcp://task/${answer.task.id}?session_id=a"b`);
  }
});

test('a search stays pending; a narrative needs an LLM', async () => {
  const to = await start();
  const search = textOf(await send(to, contract.searchBySymbol('AAPL', 'deep')));
  expect(search.narrative.summary).not.toBe('');
  expect(textOf(await send(to, contract.taskStatus(search.task.id)))).toMatchObject({ status: 'pending' });
  await to.close();
  expect(textOf(await send(await start({ llm: false }), contract.searchBySymbol('AAPL', 'deep'))).narrative).toBeNull();
});

test('the metrics redirect, count, and can be asked for by name', async () => {
  const to = await start();
  for (let i = 0; i < 3; i++) await send(to, contract.searchBySymbol('AAPL', 'quick'));
  const redirect = await fetch(`${to.url}/metrics`, { redirect: 'manual' });
  expect([redirect.status, redirect.headers.get('location'), await redirect.text()]).toEqual([307, '/metrics/', '']);
  const page = await (await fetch(`${to.url}/metrics`)).text();
  expect(page).toContain('fiml_cache_hits_total{cache_level="l1",data_type="price"} 2.0\n');
  expect(page).toContain('fiml_cache_misses_total{cache_level="l1",data_type="price"} 1.0\n');
  for (const name of ['process_resident_memory_bytes', 'process_cpu_seconds_total', 'process_start_time_seconds']) {
    expect(page).toMatch(new RegExp(`^${name} [0-9.]+$`, 'm'));
  }
  const one = await (await fetch(`${to.url}/metrics/?name[]=fiml_cache_hits_total`)).text();
  expect(one.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toHaveLength(1);
  expect(await (await fetch(`${to.url}/api/metrics/performance`)).json()).toMatchObject({
    cache: { L1: { hits: 0, misses: 0 } },
    slow_queries: 0,
  });
  expect(await (await fetch(`${to.url}/api/metrics/cache`)).json()).toMatchObject({ l1_cache: { hits: 2, misses: 1 } });
  expect(await (await fetch(`${to.controlUrl}/stats`)).json()).toMatchObject({
    cacheHits: 2,
    cacheMisses: 1,
    inFlight: 0,
  });
});

test('DSL tasks are known until there are many newer ones, so that they are no leak', async () => {
  const to = await start();
  const submit = async (): Promise<string> =>
    textOf(await send(to, contract.submitDsl('GET PRICE FOR AAPL'))).task_id as string;
  const status = async (task: string) => textOf(await send(to, contract.taskStatus(task))).status;
  const oldest = await submit();
  const second = await submit();
  for (let sent = 2; sent < KEPT_TASKS; sent += 99) {
    await Promise.all(Array.from({ length: Math.min(99, KEPT_TASKS - sent) }, submit));
  }
  expect(await status(oldest)).not.toBe('not_found');
  await submit();
  expect([await status(oldest), await status(second)]).toEqual(['not_found', expect.not.stringMatching('not_found')]);
});

test('each new connection meets the next of several workers, and only that one knows its tasks', async () => {
  const to = await start({ workers: 2 });
  const scrape = () =>
    new Promise<string>((resolve, reject) => {
      httpRequest(`${to.url}/metrics/?name[]=process_start_time_seconds`, { agent: false }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
  const pages = [await scrape(), await scrape(), await scrape(), await scrape()];
  expect(pages[0]).not.toBe(pages[1]);
  expect(pages[2]).toBe(pages[0]);
  expect(pages[3]).toBe(pages[1]);
});

test('the control port refuses wrong faults, all at once, and is not on the contract port', async () => {
  const to = await start();
  const answer = await fetch(`${to.controlUrl}/faults`, {
    method: 'PATCH',
    body: '{"leakBytes":-1,"nope":1}',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(400);
  expect((await answer.json()) as { errors: string[] }).toMatchObject({ errors: { length: 2 } });
  expect((await fetch(`${to.url}/faults`)).status).toBe(404);
});

test('with Redis stopped a search is right after 10 to 13 s, and holds up everything else for 4 s of it', async () => {
  const clock = new VirtualClock();
  const to = await start({ clock, faults: { cacheDown: true } });
  const startedAtMs = clock.now();
  expect((await clock.until(outcome(to, contract.searchBySymbol('AAPL', 'quick')))).ok).toBe(true);
  const tookMs = clock.now() - startedAtMs;
  expect(tookMs).toBeGreaterThanOrEqual(10_000);
  expect(tookMs).toBeLessThanOrEqual(13_000);
  expect((await clock.until(fetch(`${to.url}/health/cache`))).status).toBe(503);
  expect((await clock.until(fetch(`${to.url}/health`))).status).toBe(200);
});

test('dead providers: 200, no data, and counted errors', async () => {
  const to = await start({ faults: { providerDown: true } });
  const found = await outcome(to, contract.searchBySymbol('AAPL', 'quick'));
  expect(found).toEqual({ ok: false, layer: 'data', reason: 'source unknown' });
  expect((await outcome(to, contract.marketPrices(['BTC']))).ok).toBe(false);
  expect(await (await fetch(`${to.url}/api/market/candles/AAPL`)).json()).toMatchObject({ candles: [] });
  expect(await (await fetch(`${to.url}/api/metrics/cache`)).json()).toMatchObject({ overall: { total_errors: 2 } });
});

test('added latency and the service time are waited for', async () => {
  const clock = new VirtualClock();
  const to = await start({ clock, serviceTime: true, sigma: 0, faults: { latencyAddMs: { search: 300 } } });
  await clock.until(outcome(to, contract.searchBySymbol('AAPL', 'quick')));
  expect(clock.slept).toEqual([1.85, 300]);
  await clock.until(outcome(to, contract.health()));
  expect(clock.slept).toEqual([1.85, 300, 1]);
});

test('an unhandled 500 is counted as a 200, and a cut connection is no longer active', async () => {
  const to = await start({ faults: { errorRate: { 'http:health': 1, 'transport:search': 1 } } });
  expect((await send(to, contract.health())).status).toBe(500);
  expect((await send(to, contract.searchBySymbol('AAPL', 'quick'))).status).toBe(0);
  expect((await fetch(`${to.url}/api/market/candles/${'X'.repeat(300)}`)).status).toBe(200);
  const page = await (await fetch(`${to.url}/metrics/`)).text();
  expect(page).toContain('fiml_requests_total{endpoint="/health",method="GET",status="200"} 1.0\n');
  // The scrape itself.
  expect(page).toContain('fiml_active_requests 1.0\n');
});
