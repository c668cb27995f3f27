import { z } from 'zod';

/** The part of `result.json` that lists a run's slowest requests. */
export const SLOW_VERSION = 1;
/** Slowest requests that are kept one by one; of further ones only their number. */
export const MOST_KEPT = 1000;

const slowRequest = z.object({
  /** Operation, purpose and what was known of the cache, as the tags `name`, `op` and `cache` say; empty where they do not. */
  name: z.string(),
  op: z.string(),
  cache: z.string(),
  phase: z.string(),
  /** When its answer had come, epoch ms. */
  atMs: z.number(),
  durationMs: z.number(),
  /** Symbol, symbols or query. Null where the script said nothing: of requests that are not slow, and of foreign scripts. */
  subject: z.string().nullable(),
  /** The layer that it failed in; null of one that did not, or of which the script said nothing. */
  layer: z.string().nullable(),
});

export const slowRequestsSchema = z.object({
  version: z.literal(SLOW_VERSION),
  /** All that were recorded, but for the suite's own looks at the server. */
  requests: z.number().int().nonnegative(),
  /** From where on the guide calls a request slow, ms. */
  slowMs: z.number(),
  /** How many took longer than that, kept or not. */
  slow: z.number().int().nonnegative(),
  /** The slowest first. */
  kept: z.array(slowRequest).max(MOST_KEPT),
});

export type SlowRequests = z.infer<typeof slowRequestsSchema>;
export type SlowRequest = z.infer<typeof slowRequest>;
