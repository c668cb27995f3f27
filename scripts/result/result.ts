import { z } from 'zod';
import { slowRequestsSchema } from './slow';

/**
 * `result.json`: everything the judge and the reports need from a run's samples, in one mergeable file.
 *
 * A series is one metric under one set of tags. Histograms are sparse log-bucket arrays (see `histogram.ts`), flat as
 * `[index, count, index, count, …]` with ascending indices: merging two results is adding counts.
 */
export const RESULT_VERSION = 1;

const sparseHistogram = z.array(z.number().int());

const bucket = z.object({
  /** Start of the bucket, in whole buckets after `startMs`; negative when the clock stepped back. */
  i: z.number().int(),
  count: z.number().int().nonnegative(),
  sum: z.number(),
  /** Samples that are not zero: failures of a Rate. */
  nonZero: z.number().int().nonnegative(),
  histogram: sparseHistogram.optional(),
});

const series = z.object({
  metric: z.string(),
  tags: z.record(z.string(), z.string()),
  count: z.number().int().nonnegative(),
  sum: z.number(),
  min: z.number(),
  max: z.number(),
  /** Value of the newest sample: what a Gauge stands at. */
  last: z.number(),
  nonZero: z.number().int().nonnegative(),
  firstMs: z.number(),
  lastMs: z.number(),
  /** Trends only. */
  histogram: sparseHistogram.optional(),
  /** Time buckets; left out for k6's own sub-timings, which nobody reads over time. */
  buckets: z.array(bucket).optional(),
});

export const resultSchema = z.object({
  schema: z.literal('fiml-perf/result'),
  version: z.literal(RESULT_VERSION),
  source: z.object({
    /** File name without its folder: a result says nothing about the machine's paths. */
    file: z.string(),
    format: z.enum(['k6-json', 'k6-csv']),
    bytes: z.number().int(),
    lines: z.number().int(),
    samples: z.number().int(),
    /**
     * Lines that were not known by their bytes and took a real parser: the first of each kind, and what is spelled unusually
     * or beyond the cap. Left out by versions of the suite that did not count them.
     */
    parsedLines: z.number().int().optional(),
    /** Lines that are not a sample, by reason, with the first line number of each. */
    rejected: z.array(z.object({ reason: z.string(), count: z.number().int(), firstLine: z.number().int() })),
    /** The file ends in the middle of a line or of its compressed stream. */
    truncated: z.boolean(),
    /** Largest step back of the clock between samples, ms; 0 when it only went forward (within the flush order). */
    clockStepBackMs: z.number(),
    /** Metrics of which nothing says what they are (k6's CSV): read as Trends. Left out when there are none. */
    assumedTrends: z.array(z.string()).optional(),
    /** Series beyond the cap: counted here, their samples are in no series. Of their number at most 100,000 are told. */
    overflow: z.object({ tagSets: z.number().int(), samples: z.number().int(), cap: z.number().int() }),
  }),
  startMs: z.number(),
  endMs: z.number(),
  bucketMs: z.number().int().positive(),
  histogram: z.object({ alpha: z.number() }),
  metrics: z.record(
    z.string(),
    z.object({
      type: z.enum(['counter', 'gauge', 'rate', 'trend']),
      contains: z.enum(['default', 'time', 'data']),
    }),
  ),
  series: z.array(series),
  /** Left out of what holds no HTTP request, and by versions of the suite that did not list them. */
  slowest: slowRequestsSchema.optional(),
});

export type Result = z.infer<typeof resultSchema>;
export type Series = z.infer<typeof series>;
export type Bucket = z.infer<typeof bucket>;
export type MetricType = Result['metrics'][string]['type'];
