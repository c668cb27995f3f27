import { z } from 'zod';
import { EXIT_FAIL, EXIT_INVALID, EXIT_OK } from '../../scripts/exit-codes';
import { runSchema } from '../../scripts/result/run';
import { figureOf, meetsTarget, type Row, type Size, type Unmeasured } from './row';

/** What `make bench` leaves in `bench/results/<date>.json`. */
export const RECORD_VERSION = 1;

const line = z.object({ group: z.string(), what: z.string() });

export const recordSchema = z.object({
  schema: z.literal('fiml-perf/speed'),
  version: z.literal(RECORD_VERSION),
  createdAt: z.iso.datetime(),
  /** Of a short one the figures mean nothing. */
  size: z.enum(['full', 'short']),
  /** Commit, versions and machine. */
  identity: runSchema.shape.identity,
  /** Of the last minute, before the first bench and after the last: what else the machine had to do is in it. */
  loadAverage: z.object({ before: z.number(), after: z.number() }),
  rows: z.array(
    z.union([
      line.extend({
        unit: z.string(),
        measured: z.number(),
        /** Null where the target is a figure of its own and no ratio. */
        baseline: z.object({ name: z.string(), measured: z.number() }).nullable(),
        /** `measured / baseline`, or `measured` where there is no baseline. */
        figure: z.number(),
        target: z.union([z.strictObject({ atMost: z.number() }), z.strictObject({ atLeast: z.number() })]),
        /** Null in a short one. */
        holds: z.boolean().nullable(),
      }),
      line.extend({ notMeasured: z.string() }),
    ]),
  ),
});

export type SpeedRecord = z.infer<typeof recordSchema>;
export type RecordedRow = SpeedRecord['rows'][number];

/** A row as it is recorded: with its ratio and, unless its inputs were tiny, whether its target holds. A ratio that is no number tells nothing. */
export function recorded(group: string, row: Row | Unmeasured, size: Size): RecordedRow {
  if ('notMeasured' in row) return { group, ...row };
  const figure = figureOf(row);
  if (!Number.isFinite(figure)) return { group, what: row.what, notMeasured: `it came out as ${figure}` };
  return { group, ...row, figure, holds: size === 'short' ? null : meetsTarget(row) };
}

/** As the suite's own: what cannot be told weighs more than what falls short. */
export function exitCodeOf(rows: readonly RecordedRow[]): number {
  if (rows.some((row) => 'notMeasured' in row)) return EXIT_INVALID;
  return rows.some((row) => 'holds' in row && row.holds === false) ? EXIT_FAIL : EXIT_OK;
}
