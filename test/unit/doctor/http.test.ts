import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { NoReply, Reply } from '../../../scripts/http';
import { clientOf, closeAll, deadAddress, serve, serveAlways, serveSecurely, serveSockets } from './servers';
import { CERTIFICATE, KEY } from './tls';

afterEach(closeAll);

const answered = (reply: Reply | NoReply): Reply => {
  if ('problem' in reply) throw new Error(`no answer: ${reply.problem}`);
  return reply;
};

/** Answers with what it was asked. */
const echo = () =>
  serve((request, response) => {
    const { method, url, headers } = request;
    response.setHeader('x-kept', 'yes').end(JSON.stringify({ method, url, headers }));
  });
const asked = (reply: Reply | NoReply) =>
  JSON.parse(answered(reply).text) as { method: string; url: string; headers: Record<string, string> };

test('an answer comes with its status, its headers and what it took', async () => {
  const reply = answered(await clientOf(await serveAlways(503, 'text/plain', 'busy')).get('/health'));
  expect(reply).toMatchObject({ status: 503, text: 'busy', headers: { 'content-type': 'text/plain' } });
  expect(reply.durationMs).toBeGreaterThan(0);
});

test('a request goes below the target, with its body and the headers of the overrides', async () => {
  const client = clientOf(`${await echo()}/fiml`, {
    PERF_HEADERS: '{"X-Tenant":"north","Content-Type":"application/x-json"}',
    PERF_AUTHORIZATION: 'Bearer token',
  });
  expect(asked(await client.post('/mcp', { a: 1 }))).toMatchObject({
    method: 'POST',
    url: '/fiml/mcp',
    headers: { 'x-tenant': 'north', 'content-type': 'application/x-json', authorization: 'Bearer token' },
  });
});

test('user and password of the address are sent, and never shown', async () => {
  const url = (await echo()).replace('//', '//ann:s%C3%A9cret@');
  const client = clientOf(url);
  const sent = asked(await client.get('/')).headers.authorization ?? '';
  expect(Buffer.from(sent.replace('Basic ', ''), 'base64').toString()).toBe('ann:sécret');
  expect(client.url).not.toContain('cret');
  expect(client.redacted(`you sent ${sent}`)).toBe('you sent Basic ***');
});

test('the shared connection is one, and a request on its own has another', async () => {
  const sockets: Socket[] = [];
  const client = clientOf(
    await serve((request, response) => {
      sockets.push(request.socket);
      response.end();
    }),
  );
  await Promise.all([client.get('/'), client.get('/')]);
  await client.getAlone('/');
  await client.get('/');
  expect(new Set(sockets).size).toBe(2);
  expect(sockets[3]).toBe(sockets[0]);
});

test('a server that hangs, cuts or babbles is put into words', async () => {
  const words = async (url: string, env = {}) => clientOf(url, env).get('/health');
  expect(await words(await deadAddress())).toEqual({ problem: 'connection refused', hindrance: 'refused' });
  expect(await words(await serveSockets((socket) => socket.destroy()))).toMatchObject({ hindrance: 'cut' });
  expect(await words(await serveSockets((socket) => socket.end('220 mail ready\r\n')))).toMatchObject({
    hindrance: 'not-http',
  });
  expect(await words(await serve(() => undefined), { PERF_TIMEOUT: '100ms' })).toEqual({
    problem: 'no answer within 0.1 s',
    hindrance: 'timeout',
  });
  // The answer begins, and never ends.
  const begun = await serve((_request, response) => response.write('{'));
  expect(await words(begun, { PERF_TIMEOUT: '100ms' })).toMatchObject({ hindrance: 'timeout' });
});

test('nobody waits longer than 10 s, whatever PERF_TIMEOUT allows', async () => {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const reply = clientOf(await serve(() => arrived()), { PERF_TIMEOUT: '30s' }).get('/');
  await arrival;
  const deadline = timers.mock.calls.find(([, delayMs]) => delayMs === 10_000);
  timers.mockRestore();
  deadline?.[0]();
  expect(await reply).toEqual({ problem: 'no answer within 10 s', hindrance: 'timeout' });
});

test('a header that HTTP does not allow is the overrides’ mistake, and its value is not repeated', async () => {
  const reply = await clientOf(await echo(), { PERF_HEADERS: '{"X-Key":"top\\nsecret"}' }).get('/');
  expect(reply).toEqual({ problem: 'a header of PERF_HEADERS cannot be sent', hindrance: 'headers' });
});

test('a certificate that nobody signed is refused, unless that is wanted', async () => {
  const url = await serveSecurely({ key: KEY, cert: CERTIFICATE }, (_request, response) => response.end('fine'));
  expect(await clientOf(url).get('/')).toMatchObject({ hindrance: 'tls' });
  expect(await clientOf(url, { PERF_TLS_INSECURE: 'true' }).get('/')).toMatchObject({ text: 'fine' });
  expect(await clientOf(url.replace('https', 'http')).get('/')).toMatchObject({
    hindrance: expect.stringMatching(/^(cut|not-http)$/),
  });
  const plain = await echo();
  expect(await clientOf(plain.replace('http', 'https')).get('/')).toMatchObject({ hindrance: 'tls' });
});

describe('with certificate files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fiml-perf-tls-'));
    writeFileSync(join(folder, 'cert.pem'), CERTIFICATE);
    writeFileSync(join(folder, 'key.pem'), KEY);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const files = (cert: string, key: string) => ({
    PERF_TLS_CERT: join(folder, cert),
    PERF_TLS_KEY: join(folder, key),
    PERF_TLS_INSECURE: 'true',
  });

  test('the client shows its certificate', async () => {
    const options = { key: KEY, cert: CERTIFICATE, requestCert: true, rejectUnauthorized: false };
    const url = await serveSecurely(options, (request, response) => {
      response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    });
    expect(await clientOf(url, files('cert.pem', 'key.pem')).get('/')).toMatchObject({ text: 'fiml-perf test' });
  });

  test('files that cannot be used are named before anything is asked', () => {
    expect(() => clientOf('https://127.0.0.1:1', files('cert.pem', 'none.pem'))).toThrow(
      /PERF_TLS_KEY: .*no such file/,
    );
    expect(() => clientOf('https://127.0.0.1:1', files('key.pem', 'cert.pem'))).toThrow(
      /PERF_TLS_CERT and PERF_TLS_KEY/,
    );
  });
});

test('an address that cannot be asked is named', () => {
  expect(() => clientOf('')).toThrow(/PERF_TARGET/);
  expect(() => clientOf('http://host:99999')).toThrow(/PERF_TARGET/);
});

describe('with a proxy', () => {
  const proxy = (seen: string[], status = 200) =>
    serve((request, response) => {
      seen.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      response.writeHead(status).end('through the proxy');
    });

  test('a request is passed on through it, with its own credentials', async () => {
    const seen: string[] = [];
    const PERF_PROXY = (await proxy(seen)).replace('//', '//u:p@');
    expect(await clientOf('http://fiml.test:8000', { PERF_PROXY }).get('/health')).toMatchObject({
      text: 'through the proxy',
    });
    expect(seen).toEqual([`http://fiml.test:8000/health Basic ${Buffer.from('u:p').toString('base64')}`]);
  });

  test('its refusals are its own, not the target’s', async () => {
    const refusing = await proxy([], 407);
    expect(await clientOf('http://fiml.test', { PERF_PROXY: refusing }).get('/')).toMatchObject({ hindrance: 'proxy' });
    // For TLS it is asked for a tunnel.
    const closed = await serveSockets((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')),
    );
    expect(await clientOf('https://fiml.test', { PERF_PROXY: closed }).get('/')).toMatchObject({ hindrance: 'proxy' });
    const dead = await deadAddress();
    expect(await clientOf('http://fiml.test', { PERF_PROXY: dead }).get('/')).toEqual({
      problem: 'the proxy cannot be reached: connection refused',
      hindrance: 'proxy',
    });
  });

  test('this machine is asked without it, as k6 does', async () => {
    const seen: string[] = [];
    await clientOf(await echo(), { PERF_PROXY: await proxy(seen) }).get('/');
    expect(seen).toEqual([]);
  });
});
