import { z } from 'zod';
import { instantMs } from './instant';

/** `comparison.json`: whether a server got slower, measure by measure, and how sure that is. */
export const COMPARISON_VERSION = 1;

/** Worst first, as a comparison takes them: its own is the worst of its gating rows. */
export const METRIC_VERDICTS = ['REGRESSED', 'INVALID', 'INCONCLUSIVE', 'IMPROVED', 'NO CHANGE'] as const;
export const metricVerdict = z.enum(METRIC_VERDICTS);
export type MetricVerdict = z.infer<typeof metricVerdict>;

const row = z.object({
  id: z.string(),
  title: z.string(),
  operation: z.string(),
  statistic: z.string(),
  unit: z.enum(['ms', 's', 'share', 'per second', 'bytes']),
  worse: z.enum(['higher', 'lower']),
  /** Whether it decides; the other rows can only warn. */
  gating: z.boolean(),
  verdict: metricVerdict,
  /** In the measure's unit: means of the runs on the scale on which they are compared. Null when not measured. */
  baseline: z.number().nullable(),
  candidate: z.number().nullable(),
  /** Relative (0.1 = 10 % more), or for shares the difference of the two; positive = the figure went up. */
  change: z.number().nullable(),
  /** 95 % interval of the change. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** One-sided p for "worse", corrected for the family. */
  pWorse: z.number().nullable(),
  pBetter: z.number().nullable(),
  /** The smallest change that this much data finds four times out of five, same unit as `change`. */
  smallestDetectable: z.number().nullable(),
  /** Runs a side with which a change of the smallest relevant size would be found as often; null: more than 200. */
  runsNeeded: z.number().int().nullable(),
  baselineRuns: z.number().int(),
  candidateRuns: z.number().int(),
  /** What a reader must know about this row; null when nothing. */
  note: z.string().nullable(),
});

const side = z.object({
  runs: z.array(z.object({ runId: z.string(), startedAtMs: instantMs, commit: z.string().nullable() })),
  target: z.string(),
  targetVersion: z.string().nullable(),
});

export const comparisonSchema = z.object({
  schema: z.literal('fiml-perf/comparison'),
  version: z.literal(COMPARISON_VERSION),
  scenario: z.string(),
  profile: z.string().nullable(),
  verdict: z.enum([...METRIC_VERDICTS, 'NO BASELINE']),
  exitCode: z.number().int(),
  /** Worst first, each a sentence for a person. */
  reasons: z.array(z.string()),
  /** How the runs lay in time, which decides what their spread can tell. */
  design: z.enum(['interleaved', 'blocked', 'history', 'single', 'pairs']),
  limits: z.object({ smallestRelevant: z.number(), margin: z.number(), alpha: z.number() }),
  baseline: side,
  candidate: side,
  /** Earlier runs of the baseline that were counted with it. */
  historyRuns: z.number().int(),
  /** Differences of the fingerprints that `--allow` accepted. */
  accepted: z.array(z.object({ name: z.string(), baseline: z.string(), candidate: z.string() })),
  onlyInBaseline: z.array(z.string()),
  onlyInCandidate: z.array(z.string()),
  warnings: z.array(z.string()),
  rows: z.array(row),
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type ComparisonRow = z.infer<typeof row>;
