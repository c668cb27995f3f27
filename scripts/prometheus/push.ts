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
  // Loaded when it is needed: no command without Prometheus pays for reading it.
  const { pushTimeseries } = await import('prometheus-remote-write');
  const timestamp = Date.now();
  const series = samples.map(({ name, labels, value }) => ({
    // The protocol wants labels in the order of their names.
    labels: Object.fromEntries(Object.entries({ __name__: name, ...labels }).sort(([a], [b]) => (a < b ? -1 : 1))) as {
      __name__: string;
    },
    samples: [{ value, timestamp }],
  }));
  const { status, errorMessage } = await pushTimeseries(series, {
    url: endpoint.url,
    headers: authorization(endpoint),
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
