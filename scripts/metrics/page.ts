import { boundOf, type PageSample, SERVER_SAMPLES } from '../../contract';
import { SLOW_MS } from '../../thresholds';

/** Names of the samples that are read: the whole page grows by every path that was ever asked for. */
const REQUESTS = 'fiml_requests_total';
const REQUEST_DURATION = 'fiml_request_duration_seconds';
const ACTIVE = 'fiml_active_requests';
const FILES = 'process_open_fds';
const { hits: HITS, misses: MISSES, cacheLatency: CACHE_LATENCY, rss: RSS, cpu: CPU, start: START } = SERVER_SAMPLES;
const histogram = (name: string): string[] => ['_bucket', '_count', '_sum'].map((part) => name + part);

export const READ: readonly string[] = [
  REQUESTS,
  ...histogram(REQUEST_DURATION),
  ACTIVE,
  HITS,
  MISSES,
  ...histogram(CACHE_LATENCY),
  RSS,
  CPU,
  FILES,
  START,
];

/** What looks at the server are counted under: they are nobody's load, and the more the longer one looks. */
export const LOOKS: readonly string[] = ['/metrics', '/metrics/', '/health/providers'];

/** Durations as a histogram of the server's: how many took no longer than each bound. */
export interface Durations {
  readonly count: number;
  readonly sumMs: number;
  /** Ascending; the last bound is null: any duration. */
  readonly buckets: readonly { readonly upToMs: number | null; readonly count: number }[];
}

/** What the server says of itself and really counts, since its start. Null where its page does not have it. */
export interface Page {
  readonly startTimeS: number | null;
  readonly requests: {
    readonly total: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly active: number | null;
    readonly durations: Durations;
  };
  /** Requests longer than {@link SLOW_MS}, by route, the most frequent first. */
  readonly slow: readonly { readonly route: string; readonly count: number }[];
  readonly cache: { readonly hits: number; readonly misses: number; readonly durations: Durations };
  readonly process: {
    readonly rssBytes: number | null;
    readonly cpuS: number | null;
    readonly openFiles: number | null;
  };
}

/**
 * Reads the server's Prometheus page.
 *
 * @returns null for a page that is none of a FIML server's.
 */
export function pageOf(samples: readonly PageSample[]): Page | null {
  if (!samples.some(({ name }) => name.startsWith('fiml_'))) return null;
  const named = (name: string) => samples.filter((sample) => sample.name === name);
  const gauge = (name: string) => named(name)[0]?.value ?? null;
  const load = samples.filter(({ labels }) => !LOOKS.includes(labels.endpoint ?? ''));
  const requests = load.filter(({ name }) => name === REQUESTS);
  const byStatus: Record<string, number> = {};
  for (const { labels, value } of requests) {
    const status = labels.status ?? 'unknown';
    byStatus[status] = (byStatus[status] ?? 0) + value;
  }
  return {
    startTimeS: gauge(START),
    requests: { total: sum(requests), byStatus, active: gauge(ACTIVE), durations: durationsOf(load, REQUEST_DURATION) },
    slow: slowRoutes(load),
    cache: { hits: sum(named(HITS)), misses: sum(named(MISSES)), durations: durationsOf(samples, CACHE_LATENCY) },
    process: { rssBytes: gauge(RSS), cpuS: gauge(CPU), openFiles: gauge(FILES) },
  };
}

const sum = (samples: readonly PageSample[]): number => samples.reduce((total, { value }) => total + value, 0);

/** A histogram's series put together: those of a route and status each have the same bounds. */
function durationsOf(samples: readonly PageSample[], name: string): Durations {
  const counts = new Map<number, number>();
  for (const sample of samples) {
    const bound = boundOf(sample);
    if (sample.name === `${name}_bucket` && !Number.isNaN(bound))
      counts.set(bound, (counts.get(bound) ?? 0) + sample.value);
  }
  return {
    count: sum(samples.filter((sample) => sample.name === `${name}_count`)),
    sumMs: sum(samples.filter((sample) => sample.name === `${name}_sum`)) * 1000,
    buckets: [...counts]
      .sort(([a], [b]) => a - b)
      .map(([bound, count]) => ({ upToMs: Number.isFinite(bound) ? bound * 1000 : null, count })),
  };
}

function slowRoutes(load: readonly PageSample[]): Page['slow'] {
  const slow = new Map<string, number>();
  for (const sample of load) {
    const { name, labels, value } = sample;
    const isAll = name === `${REQUEST_DURATION}_count`;
    const isFast = name === `${REQUEST_DURATION}_bucket` && boundOf(sample) * 1000 === SLOW_MS;
    if (!isAll && !isFast) continue;
    const route = `${labels.method ?? ''} ${labels.endpoint ?? ''}`.trim();
    slow.set(route, (slow.get(route) ?? 0) + (isAll ? value : -value));
  }
  return [...slow]
    .map(([route, count]) => ({ route, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}
