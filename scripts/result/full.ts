import { z } from 'zod';
import { VERDICTS } from './verdict';
import type { VersionedForm } from './versioned';

/** `full.json`: the parts of a full suite, and the one verdict on all of them. */
export const FULL_FORM: VersionedForm = { schema: 'fiml-perf/full', version: 1, migrations: {} };

const word = z.enum(VERDICTS);

const partSchema = z.object({
  name: z.string(),
  scenario: z.string(),
  profile: z.string().nullable(),
  fault: z.string().nullable(),
  /** `NOT RUN` is no verdict on the server, and above all no pass: `countsAs` says what it is among the others. */
  verdict: z.enum([...VERDICTS, 'NOT RUN']),
  countsAs: word,
  exitCode: z.number().int(),
  headline: z.string(),
  /** Worst first, each a sentence for a person. */
  reasons: z.array(z.string()),
  /** Below the suite's folder; null for a part that was not run. */
  folder: z.string().nullable(),
  /** From its start to its verdict, ms. */
  durationMs: z.number(),
});

export const fullSchema = z.object({
  schema: z.literal('fiml-perf/full'),
  version: z.literal(1),
  id: z.string(),
  createdAt: z.iso.datetime(),
  durationMs: z.number(),
  /** What was planned for. */
  budgetMs: z.number(),
  verdict: word,
  exitCode: z.number().int(),
  headline: z.string(),
  /** In the order in which they were run. */
  parts: z.array(partSchema),
});

export type Full = z.infer<typeof fullSchema>;
export type FullPart = z.infer<typeof partSchema>;
