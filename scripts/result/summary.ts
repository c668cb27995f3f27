import { z } from 'zod';

/** k6's own end-of-test data (`handleSummary`'s argument) as `summary.json` keeps it: without `setup_data`. */
export const summarySchema = z.object({
  metrics: z.record(
    z.string(),
    z.object({
      type: z.enum(['counter', 'gauge', 'rate', 'trend']),
      contains: z.string(),
      values: z.record(z.string(), z.number().nullable()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
    }),
  ),
  state: z.object({ testRunDurationMs: z.number() }).loose(),
});

export type Summary = z.infer<typeof summarySchema>;
