import { z } from 'zod';
import { OVER_TIME } from '../../thresholds';

/** A target as `run.json` keeps it: what was in force, after the user's limits file. */
export const targetSchema = z.object({
  id: z.string(),
  title: z.string(),
  metric: z.string(),
  selector: z.record(z.string(), z.union([z.string(), z.array(z.string()).readonly()])),
  statistic: z.enum(['p50', 'p95', 'p99', 'mean', 'rate', 'value', ...OVER_TIME]),
  operator: z.enum(['<', '>']),
  limit: z.number(),
  unit: z.enum(['ms', 's', 'share', 'ratio', 'per-second']),
  severity: z.enum(['fail', 'warn', 'info']),
  source: z.string(),
  why: z.string(),
  guard: z.object({
    metric: z.string(),
    selector: z.record(z.string(), z.union([z.string(), z.array(z.string()).readonly()])),
  }),
  scenarios: z.array(z.string()).readonly(),
  profiles: z.array(z.string()).readonly().optional(),
  faults: z.array(z.string()).readonly().optional(),
  unmeasurable: z.string().nullable(),
  isOptional: z.boolean().optional(),
});
