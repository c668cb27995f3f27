import { z } from 'zod';

/** A target as `run.json` keeps it: what was in force, after the user's limits file. */
export const targetSchema = z.object({
  id: z.string(),
  title: z.string(),
  metric: z.string(),
  selector: z.record(z.string(), z.union([z.string(), z.array(z.string()).readonly()])),
  statistic: z.enum(['p50', 'p95', 'p99', 'mean', 'rate', 'value']),
  operator: z.enum(['<', '>']),
  limit: z.number(),
  unit: z.enum(['ms', 'share']),
  severity: z.enum(['fail', 'warn', 'info']),
  source: z.string(),
  why: z.string(),
  guard: z.object({
    metric: z.string(),
    selector: z.record(z.string(), z.union([z.string(), z.array(z.string()).readonly()])),
  }),
  scenarios: z.array(z.string()).readonly(),
  unmeasurable: z.string().nullable(),
});
