import { z } from 'zod';
import type { VersionedForm } from './versioned';

/** What stands for a verdict where none was reached: a server that did not start, a target that is no FIML. */
export const PROBLEM_FORM: VersionedForm = { schema: 'fiml-perf/problem', version: 1, migrations: {} };

export const problemSchema = z.object({
  schema: z.literal('fiml-perf/problem'),
  version: z.literal(1),
  /** Nobody knows. */
  verdict: z.literal('INVALID'),
  /** Of a command that ended with it. */
  exitCode: z.number().int().positive(),
  /** Each a sentence for a person. */
  reasons: z.array(z.string()).min(1),
});

export type Problem = z.infer<typeof problemSchema>;
