import { z } from 'zod';
import { problemSchema } from './problem';
import type { VersionedForm } from './versioned';

/** `ci.json`: what a pipeline was to measure. It is written last, so that a folder without it is no finished measurement. */
export const CI_FORM: VersionedForm = { schema: 'fiml-perf/ci', version: 1, migrations: {} };

/** Each has the folder of its name. */
export const CI_PARTS = ['targets', 'ab'] as const;

export const ciSchema = z.object({
  schema: z.literal('fiml-perf/ci'),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  parts: z
    .array(
      z.object({
        name: z.enum(CI_PARTS),
        /** Why there is no verdict on it; null when its folder has one. */
        problem: problemSchema.nullable(),
      }),
    )
    .min(1),
});

export type Ci = z.infer<typeof ciSchema>;
export type CiPart = Ci['parts'][number];
