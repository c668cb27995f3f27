import { isoTime } from './clock';
import type { Fiml } from './fiml';
import { float } from './json';
import type { Metrics } from './metrics';

const DATA_TYPES = 'price ohlcv fundamentals technical news sentiment macro quote narrative other'.split(' ');
const NO_LEVEL = { hits: 0, misses: 0, total: 0, hit_rate: float(0) };
const NO_LATENCY = { mean: float(0), p50: float(0), p95: float(0), p99: float(0), min: float(0), max: float(0) };

/** Always zeros: nothing feeds it. */
export const PERFORMANCE = {
  cache: { L1: NO_LEVEL, L2: NO_LEVEL },
  slow_queries: 0,
  operations: {},
  tasks: { completed: 0, failed: 0, completion_rate: float(0) },
};

export function cacheMetrics(metrics: Metrics, atMs: number): Record<string, unknown> {
  metrics.refreshHitRate();
  const { hits, misses, providerErrors } = metrics;
  const percent = float(metrics.hitRatePercent());
  const rate = float(metrics.hitRatePercent() / 100);
  return {
    timestamp: isoTime(atMs),
    overall: {
      total_requests: hits + misses,
      total_hits: hits,
      total_misses: misses,
      total_errors: providerErrors,
      hit_rate_percent: percent,
    },
    l1_cache: { hits, misses, hit_rate: rate, avg_latency_ms: float(0) },
    l2_cache: { hits: 0, misses: 0, hit_rate: float(0), avg_latency_ms: float(0) },
    by_data_type: Object.fromEntries(
      DATA_TYPES.map((type) => [
        type,
        type === 'price'
          ? { hits, misses, errors: providerErrors, hit_rate_percent: percent, latency_ms: latencies(metrics) }
          : { hits: 0, misses: 0, errors: 0, hit_rate_percent: float(0), latency_ms: NO_LATENCY },
      ]),
    ),
    pollution: { score: float(0), unused_keys: 0 },
    hourly_trends: Array.from({ length: 24 }, (_, hour) => ({ hour, hits: 0, misses: 0, hit_rate: float(0) })),
    recommendations: [],
    prometheus_enabled: true,
  };
}

function latencies({ hitLatenciesMs }: Metrics): Record<string, unknown> {
  if (hitLatenciesMs.length === 0) return NO_LATENCY;
  const sorted = [...hitLatenciesMs].sort((a, b) => a - b);
  const at = (share: number) => float(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  const mean = float(sorted.reduce((sum, value) => sum + value, 0) / sorted.length);
  return { mean, p50: at(0.5), p95: at(0.95), p99: at(0.99), min: at(0), max: at(1) };
}

/** Reads every task there is; the real one blocks meanwhile, which is why nobody polls it under load. */
export async function taskMetrics(fiml: Fiml): Promise<Record<string, unknown>> {
  const byType: Record<string, number> = {};
  const byStatus: Record<string, number> = {};
  const keys = await fiml.redis.blocking.keys('fiml:task:');
  for (const key of keys) {
    const text = await fiml.redis.blocking.get(key);
    if (text === null) continue;
    const { type, status } = JSON.parse(text) as { type: string; status: string };
    byType[type] = (byType[type] ?? 0) + 1;
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }
  return { total_tasks: keys.length, tasks_by_type: byType, tasks_by_status: byStatus };
}

/** The server never starts a watchdog. */
export const watchdogMetrics = (atMs: number): Record<string, unknown> => ({
  total_watchdogs: 0,
  healthy_watchdogs: 0,
  total_checks: 0,
  total_events: 0,
  overall_success_rate: float(1),
  events_by_severity: {},
  detection_rate: float(0),
  timestamp: isoTime(atMs),
});
