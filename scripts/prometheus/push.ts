import { remoteWrite } from '../clients';
import type { PrometheusEndpoint } from './endpoint';

/** One value of one series, in Prometheus' base units. */
export interface PushedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const ANSWER_DEADLINE_MS = 5000;
const SHOWN_CHARACTERS = 200;

/**
 * Writes samples of this moment.
 *
 * @throws Error that says in words why they were not taken; it repeats neither user name nor password.
 */
export async function push(endpoint: PrometheusEndpoint, samples: readonly PushedSample[]): Promise<void> {
  const timestamp = Date.now();
  const series = samples.map(({ name, labels, value }) => ({
    // The protocol wants labels in the order of their names.
    labels: Object.fromEntries(Object.entries({ __name__: name, ...labels }).sort(([a], [b]) => (a < b ? -1 : 1))) as {
      __name__: string;
    },
    samples: [{ value, timestamp }],
  }));
  const { status, errorMessage } = await remoteWrite().pushTimeseries(series, {
    url: endpoint.url,
    // What is written comes seconds apart: a connection that was kept could be closed by the other side in the very moment
    // in which it is used again, and then nobody knows whether the samples were taken.
    headers: { ...authorization(endpoint), Connection: 'close' },
    fetch: async (url, init) =>
      fetch(url, { ...(init as RequestInit), signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) }).catch(
        (error: Error) => {
          throw new Error(`no answer: ${error.cause instanceof Error ? error.cause.message : error.message}`);
        },
      ),
  });
  if (status >= 200 && status < 300) return;
  throw new Error(`it answered ${status}: ${(errorMessage ?? '').trim().slice(0, SHOWN_CHARACTERS)}`);
}

function authorization({ username, password }: PrometheusEndpoint): Record<string, string> {
  if (username === null) return {};
  return { Authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
}
