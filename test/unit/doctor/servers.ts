import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from 'node:net';
import { parseConfig } from '../../../config';
import { type Reference, type ReferenceOptions, startReference } from '../../../reference';
import { type TargetClient, targetClient } from '../../../scripts/http';

const HOST = '127.0.0.1';
const closing: (() => Promise<void>)[] = [];

/** Ends everything that a test started; for `afterEach`. */
export async function closeAll(): Promise<void> {
  await Promise.all(closing.splice(0).map((close) => close()));
}

export async function reference(options: Partial<ReferenceOptions> = {}): Promise<Reference> {
  const server = await startReference({ serviceTime: false, ...options });
  closing.push(() => server.close());
  return server;
}

/** Serves HTTP with a handler of the test's; resolves to its address. */
export const serve = async (handler: RequestListener): Promise<string> =>
  `http://${HOST}:${await listening(createServer(handler))}`;

export const serveSecurely = async (options: ServerOptions, handler: RequestListener): Promise<string> =>
  `https://${HOST}:${await listening(createSecureServer(options, handler))}`;

/** Serves something that is not HTTP. */
export const serveSockets = async (handler: (socket: Socket) => void): Promise<string> =>
  `http://${HOST}:${await listening(createSocketServer(handler))}`;

/** The same answer to every request. */
export const serveAlways = (status: number, type: string, body: string): Promise<string> =>
  serve((_request, response) => response.writeHead(status, { 'content-type': type }).end(body));

/** An address on which nothing listens. */
export async function deadAddress(): Promise<string> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return `http://${HOST}:${port}`;
}

export function clientOf(url: string, env: Record<string, string> = {}): TargetClient {
  const client = targetClient(configOf(url, env));
  closing.push(() => client.close());
  return client;
}

export const configOf = (url: string, env: Record<string, string> = {}) => parseConfig({ PERF_TARGET: url, ...env });

/** An answer on its way through, which a test may change. */
export interface Passing {
  readonly path: string;
  /** What was sent, as text. */
  readonly sent: string;
  status: number;
  location: string | null;
  type: string | null;
  body: string;
}

/** Stands before a server and lets a test change what it answers; keeps the paths that were asked for. */
export async function changed(
  behind: Reference,
  change: (answer: Passing) => void,
): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  const url = await serve(async (request, response) => {
    const path = request.url ?? '';
    paths.push(path);
    const sent = await textOf(request);
    const real = await fetch(behind.url + path, {
      method: request.method ?? 'GET',
      redirect: 'manual',
      headers: { 'content-type': 'application/json' },
      ...(request.method === 'POST' ? { body: sent } : {}),
    });
    const answer: Passing = {
      path,
      sent,
      status: real.status,
      location: real.headers.get('location'),
      type: real.headers.get('content-type'),
      body: await real.text(),
    };
    change(answer);
    if (answer.location !== null) response.setHeader('location', answer.location);
    if (answer.type !== null) response.setHeader('content-type', answer.type);
    response.writeHead(answer.status).end(answer.body);
  });
  return { url, paths };
}

/** Changes the JSON in the text of a tool's answer. */
export function changeTool(answer: Passing, change: (inner: Record<string, unknown>) => void): void {
  const envelope = JSON.parse(answer.body) as { content: { text: string }[] };
  const content = envelope.content[0];
  if (content === undefined) return;
  const inner = JSON.parse(content.text) as Record<string, unknown>;
  change(inner);
  content.text = JSON.stringify(inner);
  answer.body = JSON.stringify(envelope);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

async function listening(server: Server | SocketServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // A client that gives up is part of these tests.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
