import { once } from 'node:events';
import { connect } from 'node:net';
import { ended, type ReferenceProcess, spawnReference, startReferenceProcess } from '../support/reference';

const DEADLINE_MS = 30_000;
jest.setTimeout(60_000);

let running: ReferenceProcess | null = null;
const start = async (args: readonly string[] = []) => {
  running = await startReferenceProcess(args);
  return running;
};
afterEach(async () => {
  await running?.stop();
  running = null;
});

test('says where it listens, answers there, and ends on SIGTERM', async () => {
  const server = await start(['--control-port', '0']);
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect((await fetch(`${server.controlUrl}/stats`)).status).toBe(200);
  expect(await server.stop()).toBe(0);
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
});

test('ends with the one that started it', async () => {
  const { child } = await start();
  child.stdin?.end();
  expect(await ended(child, DEADLINE_MS)).toBe(0);
});

test('without --exit-with-parent a closed standard input ends nothing', async () => {
  const child = spawnReference(['--port', '0']);
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  child.stdin?.end();
  const { url } = JSON.parse(line.toString()) as { url: string };
  expect((await fetch(`${url}/health`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended(child, DEADLINE_MS)).toBe(0);
});

test('frozen, it accepts connections and never answers, until it is thawed', async () => {
  const { url, controlUrl } = await start(['--control-port', '0', '--freeze']);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let answered = false;
  socket.on('data', () => {
    answered = true;
  });
  socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  expect((await fetch(`${controlUrl}/faults`)).status).toBe(200);
  await fetch(`${controlUrl}/faults`, { method: 'DELETE' });
  // Asked later and answered: the first one had its time.
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(answered).toBe(false);
  socket.destroy();
});

test('leaked memory stays in the process', async () => {
  const { url } = await start(['--leak-bytes', '1000000']);
  const rssBytes = async () => {
    const page = await (await fetch(`${url}/metrics/?name[]=process_resident_memory_bytes`)).text();
    return Number(page.trim().split(' ').pop());
  };
  const before = await rssBytes();
  for (let i = 0; i < 100; i++) await fetch(`${url}/health`);
  // Half of it: whatever else the process frees meanwhile.
  expect((await rssBytes()) - before).toBeGreaterThan(50_000_000);
});

test('wrong options end with 2 and are all named, without a stack trace', async () => {
  const child = spawnReference(['--port', 'x', '--error-rate', 'data:health=1', '--capacity', '0']);
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  expect(await ended(child, DEADLINE_MS)).toBe(2);
  for (const name of ['--port', '--error-rate', '--capacity']) expect(said).toContain(`reference: ${name}: `);
  expect(said).not.toMatch(/^\s+at /m);
});

test.each([
  ['an unknown option', async () => ['--nope']],
  ['a port that is taken', async () => ['--port', new URL((await start()).url).port]],
])('%s ends with 2', async (_what, args) => {
  const child = spawnReference(await args());
  expect(await ended(child, DEADLINE_MS)).toBe(2);
});
