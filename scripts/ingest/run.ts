import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';
import { type Evidence, readSummary } from '../result/evidence';
import type { Run } from '../result/run';
import type { Summary } from '../result/summary';
import { type IngestOptions, ingest } from './index';

/**
 * Ingests the samples of a run.
 *
 * @returns no result, and why, when there is no sample to be read: that is for the judge to say, not an error.
 */
export async function ingestRun(folder: string, run: Run, onProgress?: IngestOptions['onProgress']): Promise<Evidence> {
  const read = readSummary(folder);
  try {
    const result = await ingest(...samplesOf(folder, run, read.summary, onProgress));
    return { run, result, resultProblem: null, ...read };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { run, result: null, resultProblem: error.message, ...read };
  }
}

/**
 * A run's samples, and how they are to be read.
 *
 * @throws UserError when there are none.
 */
export function samplesOf(
  folder: string,
  run: Run,
  summary: Summary | null,
  onProgress?: IngestOptions['onProgress'],
): [string, IngestOptions] {
  const samples = join(folder, run.samplesFile);
  if (!existsSync(samples)) {
    throw new UserError(
      run.segments === undefined
        ? `k6 wrote no ${run.samplesFile}`
        : 'its samples are those of its segments: fiml-perf merge reads them',
    );
  }
  const options: IngestOptions = {
    metricTypes: summary === null ? {} : withoutSubMetrics(summary.metrics),
    // A step of a rising load may be shorter than the buckets of a long run.
    keepsSeconds: run.plan?.steps !== undefined,
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  return [samples, options];
}

/** k6's end-of-test data have an entry for each set of tags that a threshold names, beside that of the metric. */
export function withoutSubMetrics<Metric extends { type: string }>(
  metrics: Record<string, Metric>,
): Record<string, Metric> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.includes('{')));
}
