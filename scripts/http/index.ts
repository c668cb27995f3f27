import type { Dispatcher } from 'undici';
import { type Config, withoutCredentials } from '../../config';
import { UserError } from '../errors';
import { redacted, secretsOf } from '../overrides/effective';
import { addressOf, basic, connections } from './connections';
import { type NoReply, noReply } from './problem';

export { isLoopback } from './connections';
export type { Hindrance, NoReply } from './problem';

/** An answer, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Connecting where there was no connection, sending, waiting and receiving, ms. */
  readonly durationMs: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface TargetRequest {
  readonly method: 'GET' | 'POST';
  /** Below the target's address. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body: string | null;
}

/**
 * The server under test, as the Node side asks it. Nothing that a server does makes a method throw. All methods but one
 * share a single connection, and so a worker: what is asked side by side waits for its turn there.
 */
export interface TargetClient {
  /** The target's address without user name and password. */
  readonly url: string;
  get(path: string): Promise<Reply | NoReply>;
  post(path: string, json: unknown): Promise<Reply | NoReply>;
  /** Sends a request of the contract. */
  send(request: TargetRequest): Promise<Reply | NoReply>;
  /** Asks on a connection of its own: behind one address it may meet another worker. */
  getAlone(path: string): Promise<Reply | NoReply>;
  /** A text without the target's secrets, which a server may send back; to be used before it is shortened. */
  redacted(text: string): string;
  /** Cuts all connections. */
  close(): Promise<void>;
}

/** Whether a server answers that it is well, on a connection of its own. */
export async function isHealthy(client: TargetClient): Promise<boolean> {
  const reply = await client.getAlone('/health');
  return !('problem' in reply) && reply.status === 200;
}

/** Whoever waits longer than this for a single answer takes the server for dead, whatever a load is allowed to wait. */
const LONGEST_WAIT_MS = 10_000;

/**
 * A client of the server that `PERF_TARGET` names. Each answer is waited for until `PERF_TIMEOUT`, and 10 s at most.
 *
 * @throws UserError without `PERF_TARGET`, or when a certificate or key cannot be used.
 */
export function targetClient(config: Config): TargetClient {
  const address = config.PERF_TARGET;
  if (address === null) throw new UserError('no server is named: set PERF_TARGET to its address');
  const target = addressOf('PERF_TARGET', address);
  const headers = headersOf(config, target);
  const secrets = [...secretsOf(config), ...(headers.authorization?.split(' ').slice(1) ?? [])];
  const waitMs = Math.min(config.PERF_TIMEOUT, LONGEST_WAIT_MS);
  const { open, proxied } = connections(config, target, waitMs);
  const prefix = target.pathname.replace(/\/$/, '');
  let shared: Dispatcher | null = null;

  const ask = (dispatcher: Dispatcher, { method, path, body }: TargetRequest) =>
    inTime(waitMs, proxied, (signal) =>
      dispatcher.request({ origin: target.origin, path: prefix + path, method, headers, body, signal }),
    );
  const send = (request: TargetRequest) => {
    shared ??= open();
    return ask(shared, request);
  };
  return {
    url: withoutCredentials(address),
    get: (path) => send({ method: 'GET', path, body: null }),
    post: (path, json) => send({ method: 'POST', path, body: JSON.stringify(json) }),
    send,
    getAlone: async (path) => {
      const dispatcher = open();
      try {
        return await ask(dispatcher, { method: 'GET', path, body: null });
      } finally {
        await dispatcher.destroy();
      }
    },
    redacted: (text) => redacted(text, secrets),
    close: async () => {
      await shared?.destroy();
      shared = null;
    },
  };
}

/** By lower-case name, so that the user's own spelling replaces ours instead of standing beside it. */
function headersOf(config: Config, target: URL): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'user-agent': 'fiml-perf' };
  if (target.username !== '') headers.authorization = basic(target);
  for (const [name, value] of Object.entries(config.PERF_HEADERS ?? {})) headers[name.toLowerCase()] = value;
  if (config.PERF_AUTHORIZATION !== null) headers.authorization = config.PERF_AUTHORIZATION;
  return headers;
}

/** An exchange's outcome, or the deadline's: a connection that is still being made cannot be called off. */
async function inTime(
  waitMs: number,
  proxied: boolean,
  exchange: (signal: AbortSignal) => Promise<Dispatcher.ResponseData>,
): Promise<Reply | NoReply> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<NoReply>((resolve) => {
    timer = setTimeout(() => {
      resolve({ problem: `no answer within ${waitMs / 1000} s`, hindrance: 'timeout' });
      abort.abort();
    }, waitMs);
  });
  const reply = receive(exchange, abort.signal).catch((error: unknown) => noReply(error, proxied));
  try {
    return await Promise.race([reply, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

async function receive(
  exchange: (signal: AbortSignal) => Promise<Dispatcher.ResponseData>,
  signal: AbortSignal,
): Promise<Reply> {
  const startedAtMs = performance.now();
  const { statusCode, headers, body } = await exchange(signal);
  const text = await body.text();
  const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
  return { status: statusCode, text, durationMs: performance.now() - startedAtMs, headers: Object.fromEntries(flat) };
}
