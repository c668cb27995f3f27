import { z } from 'zod';
import { targetSchema } from './target';

/** `verdict.json`: the judge's word on a run, with every target, every validity check and every reason. */
export const VERDICT_VERSION = 1;

/** Worst first: a run's verdict is the worst of its rows'. */
export const VERDICTS = ['FAIL', 'REGRESSED', 'INVALID', 'INCONCLUSIVE', 'WARN', 'NO BASELINE', 'PASS'] as const;
export const verdictWord = z.enum(VERDICTS);
export type VerdictWord = z.infer<typeof verdictWord>;

const targetRow = targetSchema
  .omit({
    why: true,
    guard: true,
    scenarios: true,
    profiles: true,
    faults: true,
    unmeasurable: true,
    isOptional: true,
  })
  .extend({
    /** Null when nothing was measured. */
    value: z.number().nullable(),
    samples: z.number().int(),
    minimumSamples: z.number().int(),
    /** The 95 % bound on the side that could still break the limit; null when it cannot be given. */
    bound: z.number().nullable(),
    /** Distance to the limit as a share of it, positive = inside the limit. */
    margin: z.number().nullable(),
    verdict: z.enum(['FAIL', 'INVALID', 'WARN', 'PASS', 'INFO']),
    measurable: z.boolean(),
    /** Why the verdict is not simply the comparison; null when it is. */
    reason: z.string().nullable(),
  });

const check = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['blinding', 'flattering', 'note']),
  ok: z.boolean(),
  /** There was nothing to look at: it is known neither to hold nor to fail. */
  unchecked: z.literal(true).optional(),
  /** The figures that were looked at, in words; for a check that could not be made, why. */
  detail: z.string(),
});

export const verdictSchema = z.object({
  schema: z.literal('fiml-perf/verdict'),
  version: z.literal(VERDICT_VERSION),
  runId: z.string().nullable(),
  verdict: verdictWord,
  exitCode: z.number().int(),
  /** Worst first, each a sentence for a person. */
  reasons: z.array(z.string()),
  targets: z.array(targetRow),
  checks: z.array(check),
});

export type Verdict = z.infer<typeof verdictSchema>;
export type TargetRow = z.infer<typeof targetRow>;
export type Check = z.infer<typeof check>;
