import type { Hindrance, NoReply, TargetClient } from '../http';
import type { Failure, Stranger } from './recognise';
import { quoted } from './text';

/** What to do about a server that does not answer. `URL` stands for its address. */
const NEXT: Readonly<Record<Hindrance, string>> = {
  refused: 'Start the server, or leave PERF_TARGET out to test the embedded one; to see for yourself: curl URL/health',
  timeout: 'It may be frozen or overloaded, or a firewall is in between: look at its log, and try curl URL/health',
  name: 'Check the host in PERF_TARGET',
  route: "Check the host in PERF_TARGET, and this machine's network",
  tls: 'For a certificate of your own set PERF_TLS_INSECURE=true; for a server without TLS PERF_TARGET begins http://',
  cut: "Look at the server's log; for a server with TLS PERF_TARGET begins https://",
  'not-http': 'Check the port in PERF_TARGET; for a server with TLS it begins https://',
  proxy: 'Check PERF_PROXY',
  headers: 'Name headers there that HTTP allows, and that the client does not set itself',
  other: 'To see for yourself: curl URL/health',
};

/** What to do about a silent server. */
export const afterSilence = (client: TargetClient, reason: NoReply): string =>
  NEXT[reason.hindrance].replace('URL', () => client.url);

/** What to do about a server that is not FIML. */
export function afterStranger(client: TargetClient, { statuses }: Stranger): string {
  if (statuses.some((status) => status === 401 || status === 403)) {
    return 'It wants to know who asks: set PERF_AUTHORIZATION or PERF_HEADERS';
  }
  if (statuses.some((status) => status >= 502 && status <= 504)) {
    return 'What stands in front of it does not reach it: start the server, or wait until it is up';
  }
  if (statuses.some((status) => status >= 300 && status < 400)) return 'Set PERF_TARGET to where the redirect leads';
  return `Set PERF_TARGET to the address below which FIML has /health; to see what is there: curl ${client.url}/health`;
}

/** Versions whose answers the contract describes. */
export const KNOWN_VERSION = /^0\.4\.\d+/;

export const unknownVersion = (client: TargetClient, version: string): string =>
  `${client.url} is version ${quoted(client, version)}, and known are 0.4.x: answers that changed count as failures. ` +
  `What changed: fiml-perf doctor --conformance ${client.url}`;

/** How a search fails. Where its status and first words look healthy, the classifier's reason says more than they. */
export const failureWords = ({ layer, reason, seen }: Failure): string =>
  layer === 'data' || layer === 'inner' ? `HTTP 200 with ${reason} (layer ${layer})` : seen;

/** What the layer and reason of a failed search point at. */
export function afterFailure({ layer, reason }: Failure): string {
  if (reason === 'source error') {
    return 'It found no Redis when it started and never looks again: start Redis, then restart the server';
  }
  if (reason === 'source unknown') {
    return "Every provider failed: check their keys and the server's way to the internet; FIML_ENV=test brings a mock provider";
  }
  if (reason === 'source compliance_blocked') return 'Its compliance rules refuse this request: check them';
  if (layer === 'transport') return 'With Redis down a search takes 10 to 13 s: look at Redis first, then at the log';
  return "Look at the server's log";
}
