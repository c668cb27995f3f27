import { z } from 'zod';
import { instantMs } from './instant';

/** `ab.json`: every pair of a comparison of two servers, so that it can be judged again without asking them again. */
export const AB_VERSION = 1;

const round = z.object({
  startedAtMs: instantMs,
  /** One entry per answered request of the steady phase, in columns of equal length. */
  samples: z.object({
    /** 0: the baseline, 1: the candidate. */
    side: z.array(z.number().int().min(0).max(1)),
    /** Place in `operations`. */
    operation: z.array(z.number().int().nonnegative()),
    /** After the round's start. */
    atMs: z.array(z.number()),
    durationUs: z.array(z.number().int().positive()),
  }),
  /** Requests and failures of all five layers, by side and second after the round's start. */
  failures: z.array(
    z.object({
      side: z.number().int().min(0).max(1),
      second: z.number().int(),
      count: z.number().int(),
      failed: z.number().int(),
    }),
  ),
});

export const abSchema = z.object({
  schema: z.literal('fiml-perf/ab'),
  version: z.literal(AB_VERSION),
  id: z.string(),
  baselineUrl: z.string(),
  candidateUrl: z.string(),
  /** What counts as one independent observation: a stretch of time, or a round after both servers were restarted. */
  replicate: z.enum(['block', 'restart']),
  blockMs: z.number().int().positive(),
  pairsPerSecond: z.number(),
  operations: z.array(z.string()),
  rounds: z.array(round),
});

export type Ab = z.infer<typeof abSchema>;
export type AbRound = z.infer<typeof round>;
