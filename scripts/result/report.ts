import { z } from 'zod';
import { comparisonSchema } from './comparison';
import { fullSchema } from './full';
import { problemSchema } from './problem';
import { verdictSchema, verdictWord } from './verdict';

/** Several verdicts in one document, as `report --format json` and `run --repeat --json` write it. */
export const REPORT_VERSION = 1;

export const reportSchema = z.object({
  schema: z.literal('fiml-perf/report'),
  version: z.literal(REPORT_VERSION),
  /** The worst of all parts. */
  verdict: verdictWord,
  exitCode: z.number().int(),
  headline: z.string(),
  /** Worst first. */
  parts: z.array(
    z.object({
      /** What was judged, in a line. */
      what: z.string(),
      document: z.discriminatedUnion('schema', [verdictSchema, comparisonSchema, fullSchema, problemSchema]),
    }),
  ),
});

export type ReportDocument = z.infer<typeof reportSchema>;
