import { z } from 'zod';
import type { Depth } from '../../../contract';
import { count, share, text, time } from './shapes';

const cached = z.strictObject({
  price: z.number(),
  change: z.number(),
  change_percent: z.number(),
  as_of: time,
  last_updated: time,
  source: text,
  ttl: count,
  confidence: share,
});

/** The task of a search is registered and then left alone: what runs of a task would fill stays empty. */
const task = (kind: 'equity' | 'crypto', id: RegExp) =>
  z.strictObject({
    id: z.string().regex(id).describe(`a text like ${id.source}`),
    type: z.literal(`${kind}_analysis`),
    status: z.enum(['pending', 'failed']),
    resource_url: z
      .string()
      .regex(/^mcp:\/\/task\//)
      .describe('an address that begins mcp://task/'),
    estimated_completion: time.nullable(),
    progress: share,
    created_at: time,
    updated_at: time,
    query: z.null(),
    completed_steps: z.null(),
    total_steps: z.null(),
    started_at: z.null(),
    completed_at: z.null(),
    result: z.null(),
    error: text.nullable(),
  });

const lineage = z.strictObject({
  providers: z.array(text),
  arbitration_score: z.number(),
  conflict_resolved: z.boolean(),
  source_count: count,
  timestamp: time,
});

export const structuralData = z.strictObject({
  market_cap: z.number().nullable(),
  pe_ratio: z.number().nullable(),
  beta: z.number().nullable(),
  avg_volume: z.number().nullable(),
  week_52_high: z.number().nullable(),
  week_52_low: z.number().nullable(),
  sector: text.nullable(),
  industry: text.nullable(),
});

const narrative = z.strictObject({
  summary: text,
  key_insights: z.array(text),
  risk_factors: z.array(text),
  macro_context: text.nullable(),
  technical_context: text.nullable(),
  language: text,
  sections: z.array(z.strictObject({ title: text, type: text, confidence: share })),
});

/** A narrative is written from standard depth on, where the server has an LLM. */
const narrativeAt = (depth: Depth) => (depth === 'quick' ? z.null() : narrative.nullable());

/** @param hasData false when no provider had any: there is then nothing to fill in. */
export const symbolSearch = (symbol: string, depth: Depth, hasData: boolean) =>
  z.strictObject({
    symbol: z.literal(symbol),
    name: text,
    exchange: text,
    market: z.literal('US'),
    currency: text,
    cached,
    structural_data: depth === 'quick' ? z.null() : hasData ? structuralData : structuralData.nullable(),
    task: task('equity', new RegExp(`^analysis-${symbol.toLowerCase()}-[0-9a-f]{8}$`)),
    disclaimer: text,
    data_lineage: lineage,
    narrative: narrativeAt(depth),
  });

export const coinSearch = (symbol: string, depth: Depth) =>
  z.strictObject({
    symbol: z.literal(symbol),
    name: text,
    exchange: text,
    pair: z.literal(`${symbol}/USDT`),
    cached,
    crypto_metrics: z.strictObject({
      dominance: z.number(),
      ath: z.number(),
      athDate: text,
      volume24h: z.number(),
      high_24h: z.number(),
      low_24h: z.number(),
    }),
    task: task('crypto', new RegExp(`^crypto-${symbol.toLowerCase()}-[0-9a-f]{8}$`)),
    disclaimer: text,
    data_lineage: lineage,
    narrative: narrativeAt(depth),
  });
