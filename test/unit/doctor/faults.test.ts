import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, type Finding } from '../../../scripts/doctor';
import { openLease } from '../../../scripts/faults/lease';
import { given } from '../../support/evidence';
import { closeAll, configOf, deadAddress, serve } from './servers';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'faults-left-'));
});
afterEach(async () => {
  rmSync(cache, { recursive: true, force: true });
  await closeAll();
});

async function faults(env: NodeJS.ProcessEnv = {}): Promise<Finding> {
  const { findings } = await diagnose({
    config: configOf(''),
    client: null,
    resultsFolder: 'results',
    env: { PATH: '', PERF_CACHE_DIR: cache, ...env },
    watchTtlMs: 0,
  });
  return given(findings.find(({ id }) => id === 'faults'));
}

const noted = () => readdirSync(join(cache, 'faults'));

/** What a run of this process notes of its fault, which `driver` undoes. */
function note(driver: string): void {
  openLease({ PERF_CACHE_DIR: cache }, 'a-run', {
    fault: 'redis-down',
    target: 'http://fiml.test',
    undo: [{ kind: 'request', method: 'POST', url: `${driver}/proxies/redis`, body: '{"enabled":true}' }],
  });
}

/** As if that process had been killed: another has its id since. */
function kill(): void {
  const path = join(cache, 'faults', 'a-run.json');
  const record = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...record, owner: { ...record.owner, startedAt: 'long ago' } }));
}

/** A driver that says to everything what it is told to, and remembers what it was asked. */
async function driver(status: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status).end('{}');
  });
  return { url, asked };
}

test('where no run has left a fault there is nothing to do', async () => {
  expect(await faults()).toMatchObject({ status: 'ok', detail: 'none', next: null });
});

test('what a killed run has left is undone and told, once', async () => {
  const { url, asked } = await driver(200);
  note(url);
  kill();
  expect(await faults()).toMatchObject({
    status: 'warn',
    detail: 'a killed run had left the fault redis-down on http://fiml.test: it is undone',
    next: expect.stringContaining('Measure anew'),
  });
  expect(asked).toEqual(['POST /proxies/redis']);
  expect(noted()).toEqual([]);
  expect(await faults()).toMatchObject({ status: 'ok' });
});

test.each([
  'refuses',
  'is gone',
])('what cannot be undone because its driver %s is bad, and stays noted', async (how) => {
  note(how === 'refuses' ? (await driver(500)).url : await deadAddress());
  kill();
  expect(await faults()).toMatchObject({
    status: 'bad',
    detail: expect.stringMatching(/^a killed run has left the fault redis-down .* it cannot be undone: POST /),
    next: expect.stringContaining(join(cache, 'faults', 'a-run.json')),
  });
  expect(noted()).toEqual(['a-run.json']);
});

test('the fault of a run that is going on is told and left alone', async () => {
  const { url, asked } = await driver(200);
  note(url);
  expect(await faults()).toMatchObject({
    status: 'warn',
    detail: `a run that is going on (process ${process.pid}) makes the fault redis-down on http://fiml.test`,
    next: expect.stringContaining('Wait'),
  });
  expect(asked).toEqual([]);
  expect(noted()).toEqual(['a-run.json']);
});

test('a toxic of the suite that no run has noted is undone too', async () => {
  const asked: string[] = [];
  const toxiproxy = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const toxics = [{ name: 'fiml-perf-redis-slow' }, { name: 'of-somebody-else' }];
    response.end(request.url === '/proxies' ? JSON.stringify({ redis: { enabled: true, toxics } }) : '{}');
  });
  expect(await faults({ PERF_TOXIPROXY: toxiproxy })).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining('the fault redis-slow on the proxy redis'),
  });
  expect(asked).toEqual(['GET /proxies', 'DELETE /proxies/redis/toxics/fiml-perf-redis-slow']);
});

test('a note that cannot be read is bad, with its name', async () => {
  mkdirSync(join(cache, 'faults'));
  writeFileSync(join(cache, 'faults', 'damaged.json'), '{');
  expect(await faults()).toMatchObject({
    status: 'bad',
    detail: expect.stringContaining('damaged.json'),
    next: expect.stringContaining('remove the file'),
  });
});
