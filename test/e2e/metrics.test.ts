import { once } from 'node:events';
import { cli, startCli, until } from '../support/cli';
import { reference, startReferenceProcess, stopReferences } from '../support/reference';

jest.setTimeout(120_000);

afterEach(stopReferences);

const ask = (url: string): Promise<Response> =>
  fetch(`${url}/mcp/tools/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'search-by-symbol', arguments: { symbol: 'MSFT', depth: 'quick' } }),
  });

test('watches until Ctrl-C, through a restart and while the server is gone', async () => {
  const first = await startReferenceProcess();
  const watching = startCli(['metrics', '--watch'], { env: { PERF_TARGET: first.url } });
  let shown = '';
  watching.child.stdout?.on('data', (text: string) => {
    shown += text;
  });
  try {
    await until(() => shown.includes('resident'), 'a first look');
    for (const group of ['requests', 'cache', 'providers', 'tasks', 'slow queries', 'process']) {
      expect(shown).toMatch(new RegExp(`^${group} `, 'm'));
    }
    for (let i = 0; i < 20; i++) await ask(first.url);
    await until(() => /now: hit rate \d/.test(shown), 'rates');
  } finally {
    await first.stop();
  }
  await until(() => shown.includes('connection refused; looking again'), 'that the server is gone');
  await reference('--port', new URL(first.url).port);
  await until(() => shown.includes('the server was restarted'), 'the restart');
  watching.child.kill('SIGINT');
  expect((await watching.finished).code).toBe(0);
});

test('ends when nobody reads any more, and tells several processes behind one address', async () => {
  const { url } = await reference('--workers', '2');
  const watching = startCli(['metrics', url, '--watch']);
  const [text] = await once(watching.child.stdout as NodeJS.ReadableStream, 'data');
  expect(text).toContain('several processes answer at this address');
  watching.child.stdout?.destroy();
  expect((await watching.finished).code).toBe(0);
});

test('where nobody is there is exit code 2, and what to type', async () => {
  const { code, stdout, stderr } = await cli(['metrics', 'http://127.0.0.1:1', '--watch', '--json']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('connection refused');
  expect(stderr).toContain('fiml-perf doctor --target http://127.0.0.1:1');
});
