import { look } from '../../../scripts/metrics/look';
import { clientOf, closeAll, reference, serve, serveAlways } from '../doctor/servers';

afterEach(closeAll);

const PAGE = 'fiml_active_requests 1.0\nfiml_requests_total{endpoint="/x",method="GET",status="200"} 7\n';

test('two looks differ by what was sent in between, and not by the looks themselves', async () => {
  const { url } = await reference();
  const client = clientOf(url);
  const before = await look(client);
  for (let i = 0; i < 5; i++) {
    await client.post('/mcp/tools/call', { name: 'search-by-symbol', arguments: { symbol: 'AAPL', depth: 'quick' } });
  }
  await client.get('/no/such/path');
  const after = await look(client);
  if ('problem' in before || 'problem' in after) throw new Error('the server could not be looked at');
  const moved = (status: string) => (after.requests.byStatus[status] ?? 0) - (before.requests.byStatus[status] ?? 0);
  expect([moved('200'), moved('404')]).toEqual([5, 1]);
  expect(after.requests.durations.count - before.requests.durations.count).toBe(6);
  expect(after.cache).toMatchObject({ hits: before.cache.hits + 4, misses: before.cache.misses + 1 });
  expect(after.cache.durations.count).toBe(5);
  expect(after.providers).toContainEqual({ name: 'mock_provider', successShare: 1 });
  expect(after.unmeasured).toMatchObject({ still: { length: 4 }, moving: [] });
});

test.each([
  ['a page of another kind', 200, '<html><title>Welcome</title></html>', 'an HTML page titled'],
  ['metrics of another server', 200, 'go_goroutines 7\nprocess_start_time_seconds 5\n', 'text that begins'],
  ['no such route', 404, '{"detail":"Not Found"}', 'HTTP 404'],
  ['an error that looks like the page', 500, PAGE, 'HTTP 500'],
])('%s is no page of metrics', async (_, status, body, problem) => {
  const seen = await look(clientOf(await serveAlways(status, 'text/plain', body)));
  expect(seen).toEqual({ problem: expect.stringContaining(problem) });
});

test('an answer that breaks off, and one that never comes, are told', async () => {
  const broken = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '999' }).write('fiml_', () => response.destroy());
  });
  expect(await look(clientOf(broken))).toMatchObject({ problem: expect.any(String) });
  const silent = await serve(() => undefined);
  expect(await look(clientOf(silent, { PERF_TIMEOUT: '300ms' }))).toMatchObject({ problem: 'no answer within 0.3 s' });
});

test('providers that are told in another form are not made up', async () => {
  const odd = await serve(({ url = '' }, response) => {
    response.end(url.startsWith('/metrics/') ? PAGE : '{"providers":{"p":{"success_rate":"all"}}}');
  });
  expect(await look(clientOf(odd))).toMatchObject({ requests: { total: 7 }, providers: null, startTimeS: null });
});
