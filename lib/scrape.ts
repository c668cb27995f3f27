import { boundOf, pageSamples, SERVER_SAMPLES } from '../contract';

/** What one look at the server's own counters says; null for what it does not say. */
export interface Scrape {
  readonly atMs: number;
  readonly hits: number | null;
  readonly misses: number | null;
  readonly rssBytes: number | null;
  readonly cpuS: number | null;
  readonly startTimeS: number | null;
  /** Reads of the L1 cache by how long they took, ascending; null where the page has no such histogram. */
  readonly l1Reads: readonly LatencyBucket[] | null;
}

/** A bucket of a Prometheus histogram. */
export interface LatencyBucket {
  /** Its upper bound, s; Infinity for the last. */
  readonly leS: number;
  /** Reads that took no longer than that: those of the buckets below are among them. */
  readonly count: number;
}

const { hits: HITS, misses: MISSES, rss: RSS, cpu: CPU, start: START } = SERVER_SAMPLES;
const LATENCY = `${SERVER_SAMPLES.cacheLatency}_bucket`;

/** The metrics to ask for: the whole page grows by every path that was ever asked for. */
export const SCRAPED: readonly string[] = [HITS, MISSES, RSS, CPU, START, LATENCY];

/**
 * Reads `/metrics/` (Prometheus text) or `/api/metrics/cache` (JSON).
 *
 * Labelled counters appear in the text with their first count, so on a page that is one at all a missing counter is 0.
 */
export function parseScrape(body: string, atMs: number): Scrape | null {
  if (body.startsWith('{')) return parseCacheMetrics(body, atMs);
  const totals = new Map<string, number>();
  const l1Reads = new Map<number, number>();
  for (const sample of pageSamples(body)) {
    const { name, labels, value } = sample;
    totals.set(name, (totals.get(name) ?? 0) + value);
    if (name === LATENCY && labels.cache_level === 'l1' && labels.operation === 'get') {
      const leS = boundOf(sample);
      if (!Number.isNaN(leS)) l1Reads.set(leS, (l1Reads.get(leS) ?? 0) + value);
    }
  }
  const start = totals.get(START) ?? null;
  const isFiml = totals.has(HITS) || totals.has(MISSES) || start !== null;
  return {
    atMs,
    hits: totals.get(HITS) ?? (isFiml ? 0 : null),
    misses: totals.get(MISSES) ?? (isFiml ? 0 : null),
    rssBytes: totals.get(RSS) ?? null,
    cpuS: totals.get(CPU) ?? null,
    startTimeS: start,
    l1Reads: l1Reads.size === 0 ? null : [...l1Reads].sort(([a], [b]) => a - b).map(([leS, count]) => ({ leS, count })),
  };
}

function parseCacheMetrics(body: string, atMs: number): Scrape | null {
  try {
    const l1 = (JSON.parse(body) as { l1_cache?: { hits?: unknown; misses?: unknown } }).l1_cache;
    const count = (value: unknown) => (typeof value === 'number' ? value : null);
    const counts = { hits: count(l1?.hits), misses: count(l1?.misses) };
    return { atMs, ...counts, rssBytes: null, cpuS: null, startTimeS: null, l1Reads: null };
  } catch {
    return null;
  }
}
