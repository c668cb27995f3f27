import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { Config } from '../../config';
import { undici } from '../clients';
import { UserError } from '../errors';
import { readProblem } from '../result/files';

/** No answer of the contract comes near it; a stream without end must not fill the memory. */
const LARGEST_ANSWER_BYTES = 32e6;

/**
 * An address of the overrides, read in full: their own parser lets through what only this one refuses, such as port 99999.
 *
 * @throws UserError when it cannot be asked.
 */
export function addressOf(name: string, text: string): URL {
  if (!URL.canParse(text)) throw new UserError(`${name} is no address that can be asked`);
  return new URL(text);
}

/** The user name and password of an address, as the value of a header. */
export function basic({ username, password }: URL): string {
  const decoded = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      // A bare per cent sign in a password: it stands for itself.
      return text;
    }
  };
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

/**
 * Prepares connections to the target. Certificates are read now, the network stack is loaded when one is opened.
 *
 * @param waitMs longest time to connect.
 * @throws UserError when a certificate or key cannot be used.
 */
export function connections(config: Config, target: URL, waitMs: number): { open: () => Dispatcher; proxied: boolean } {
  const tls = { timeout: waitMs, rejectUnauthorized: !config.PERF_TLS_INSECURE };
  const connect = { ...tls, ...certificateOf(config) };
  const proxy = config.PERF_PROXY === null ? null : addressOf('PERF_PROXY', config.PERF_PROXY);
  const proxied = proxy !== null && !isLoopback(target.hostname);
  const open = () => {
    const { Agent, ProxyAgent } = undici();
    const limits = { connections: 1, maxResponseSize: LARGEST_ANSWER_BYTES };
    if (!proxied) return new Agent({ connect, ...limits });
    return new ProxyAgent({
      uri: proxy.origin,
      // A plain request is passed on as it is, as k6 does: many proxies open tunnels to port 443 only.
      proxyTunnel: target.protocol === 'https:',
      requestTls: connect,
      proxyTls: tls,
      ...limits,
      ...(proxy.username === '' ? {} : { token: basic(proxy) }),
    });
  };
  return { open, proxied };
}

/** Whether a host is this machine: neither k6 nor this client takes a proxy to it. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);

function certificateOf(config: Config): { cert?: Buffer; key?: Buffer } {
  if (config.PERF_TLS_CERT === null || config.PERF_TLS_KEY === null) return {};
  const cert = readPem('PERF_TLS_CERT', config.PERF_TLS_CERT);
  const key = readPem('PERF_TLS_KEY', config.PERF_TLS_KEY);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`PERF_TLS_CERT and PERF_TLS_KEY are not a certificate and its key, both in PEM (${code})`);
  }
  return { cert, key };
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`${name}: ${path} cannot be used: ${readProblem(error)}`);
  }
}
