import { z } from 'zod';
import { runSchema } from './run';

/**
 * `segments.json`: what a load is that several k6 processes share, each with its own execution segment. Whoever starts them
 * writes it before the load: plain k6 leaves samples and its end-of-test data, and neither says what was to be run.
 *
 * It lies in one folder with a folder for each segment, of any name (the pod's, or `segment-1`), which is what the segment
 * is called in verdicts. That holds what k6 left: `samples.json.gz`, `samples.json`, `samples.csv.gz` or `samples.csv`
 * (`--out`), `summary.json` (`PERF_SUMMARY`), and `k6.log` (`--log-output file=…`), without which nobody knows of
 * iterations that threw.
 */
export const SEGMENTS_VERSION = 1;
export const SEGMENTS_FILE = 'segments.json';

const { id, createdAt, scenario, profile, options, plan, targets, target, identity } = runSchema.shape;

export const segmentsSchema = z.object({
  schema: z.literal('fiml-perf/segments'),
  version: z.literal(SEGMENTS_VERSION),
  /** The run's, and the name of its folder: no way to another one. */
  id: id.regex(/^\w[\w.-]*$/),
  createdAt,
  /** How many k6 processes share the load; the n-th of them has the segment (n − 1)/segments:n/segments. */
  segments: z.number().int().min(2),
  scenario,
  profile,
  options,
  /** By which a part that was stopped early, and one that sent less than its share, are known. */
  plan: plan.unwrap(),
  targets,
  /** What the server said of itself before the load; null where whoever starts the load does not reach it. */
  target: target.pick({ url: true, before: true }),
  /** Of the suite that started the load, but for k6 and the host, which are those of one segment. */
  identity,
});

export type Segments = z.infer<typeof segmentsSchema>;
