import { z } from 'zod';
import { anything, count, object, percent, share, text, time, uuid } from './shapes';

export const root = z.strictObject({
  service: text,
  version: text,
  docs: text,
  health: text,
  health_endpoints: object,
  metrics: text,
  metrics_endpoints: object,
});

export const health = z.strictObject({ status: z.literal('healthy'), version: text, environment: text });

export const databaseHealth = z.strictObject({
  status: z.literal('healthy'),
  service: z.literal('postgresql'),
  host: text,
  port: count,
  database: text,
});

export const cacheHealth = z.strictObject({
  status: z.literal('healthy'),
  service: z.literal('redis'),
  host: text,
  port: count,
});

const provider = {
  is_healthy: z.boolean(),
  uptime_percent: share,
  avg_latency_ms: z.number(),
  success_rate: share,
  last_check: time,
  error_count_24h: count,
};

export const providersHealth = z.strictObject({
  status: z.enum(['healthy', 'degraded']),
  service: z.literal('data_providers'),
  total_providers: count,
  healthy_providers: count,
  providers: z.record(z.string(), z.strictObject(provider)),
});

export const providerHealth = (name: string) =>
  z.strictObject({ status: z.enum(['healthy', 'unhealthy']), provider: z.literal(name), ...provider });

const price = (symbol: string, type: 'stock' | 'crypto') =>
  z.strictObject({
    symbol: z.literal(symbol),
    name: text,
    price: z.number(),
    change: z.number(),
    change_percent: z.number(),
    source: text,
    timestamp: time,
    asset_type: z.literal(type),
    error: text.nullable(),
  });

/** The answer for AAPL and BTC. */
export const prices = z.strictObject({
  prices: z.strictObject({ AAPL: price('AAPL', 'stock'), BTC: price('BTC', 'crypto') }),
  count: z.literal(2),
});

export const candles = (symbol: string, timeframe: string, hasData: boolean) => {
  const list = z.array(
    z.strictObject({
      timestamp: z.number(),
      open: z.number(),
      high: z.number(),
      low: z.number(),
      close: z.number(),
      volume: z.number(),
    }),
  );
  return z.strictObject({
    symbol: z.literal(symbol),
    timeframe: z.literal(timeframe),
    candles: hasData ? list.length(100).describe('a list of 100') : list,
  });
};

export const asset = (symbol: string) =>
  z.strictObject({
    symbol: z.literal(symbol),
    name: text,
    asset_type: z.enum(['stock', 'crypto']),
    price: z.strictObject({
      current: z.number(),
      change: z.number(),
      change_percent: z.number(),
      explanation: text.nullable(),
    }),
    volume: object,
    fundamentals: object,
    narrative: anything,
    key_insights: z.array(text),
    risk_factors: z.array(text),
    disclaimer: text,
    data_source: text,
    timestamp: time,
    is_fallback: z.boolean(),
  });

export const searchResults = z
  .array(
    z.strictObject({
      symbol: text,
      name: text,
      type: text,
      exchange: text.nullable().optional(),
      source: text.nullable().optional(),
    }),
  )
  .min(1)
  .max(10)
  .describe('a list of 1 to 10');

export const dslResult = (query: string, status: 'completed' | 'running' | 'failed') =>
  z.strictObject({
    query: z.literal(query),
    status: z.literal(status),
    result: status === 'completed' ? object : z.null(),
    task_id: status === 'running' ? uuid : uuid.nullable(),
    error: status === 'failed' ? text : z.null(),
  });

export const dslTemplates = z.strictObject({
  templates: z.array(
    z.strictObject({ id: text, name: text, description: text, query: text, example: text, category: text }),
  ),
});

const level = z.strictObject({ hits: count, misses: count, total: count, hit_rate: z.number() });

/** Always zeros: its shape is all that can be compared. */
export const performance = z.strictObject({
  cache: z.strictObject({ L1: level, L2: level }),
  slow_queries: count,
  operations: object,
  tasks: z.strictObject({ completed: count, failed: count, completion_rate: z.number() }),
});

const cacheLevel = z.strictObject({ hits: count, misses: count, hit_rate: share, avg_latency_ms: z.number() });
const milliseconds = z.number();
const dataType = z.strictObject({
  hits: count,
  misses: count,
  errors: count,
  hit_rate_percent: percent,
  latency_ms: z.strictObject({
    mean: milliseconds,
    p50: milliseconds,
    p95: milliseconds,
    p99: milliseconds,
    min: milliseconds,
    max: milliseconds,
  }),
});

export const cacheMetrics = z.strictObject({
  timestamp: time,
  overall: z.strictObject({
    total_requests: count,
    total_hits: count,
    total_misses: count,
    total_errors: count,
    hit_rate_percent: percent,
  }),
  l1_cache: cacheLevel,
  l2_cache: cacheLevel,
  by_data_type: z.object({ price: dataType }).catchall(dataType),
  pollution: object,
  hourly_trends: z.array(z.unknown()).length(24).describe('a list of 24'),
  recommendations: z.array(z.unknown()),
  prometheus_enabled: z.boolean(),
});
