import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergeSeries, quantile, selectSeries, sumIn } from '../../scripts/result/query';
import { type Result, resultSchema } from '../../scripts/result/result';
import { type Run, runSchema } from '../../scripts/result/run';
import { cli, type Finished } from './cli';
import { startReferenceProcess } from './reference';
import { runSegments } from './segments';

/** Long against what a busy machine adds to an answer, so that two runs of it differ by little of it. */
const ANSWER_MS = 100;

export interface Measured {
  readonly finished: Finished;
  readonly run: Run;
  readonly result: Result;
}

/**
 * Makes the same load twice on fresh servers that answer alike: by one k6, and by several that share it. Both at once, so that
 * whatever else this machine does is done to both.
 *
 * @param folder gets `whole`, `parts` with what the several left, and `merged`.
 * @param env overrides of the load.
 */
export async function wholeAndParts(
  folder: string,
  env: Readonly<Record<string, string>>,
  segments: number,
  deadlineMs = 120_000,
): Promise<{ whole: Measured; merged: Measured; exits: readonly (number | string)[] }> {
  const onServer = async <Outcome>(use: (url: string) => Promise<Outcome>): Promise<Outcome> => {
    const server = await startReferenceProcess(['--latency-add-ms', String(ANSWER_MS)]);
    try {
      return await use(server.url);
    } finally {
      await server.stop();
    }
  };
  const out = join(folder, 'whole');
  const parts = join(folder, 'parts');
  const [finished, exits] = await Promise.all([
    onServer((url) => cli(['run', 'load', '--out', out], { env: { ...env, PERF_TARGET: url }, deadlineMs })),
    onServer((target) => runSegments({ folder: parts, segments, target, env })),
  ]);
  const merged = join(folder, 'merged');
  return {
    whole: measured(out, finished),
    merged: measured(merged, await cli(['merge', parts, '--out', merged])),
    exits,
  };
}

function measured(folder: string, finished: Finished): Measured {
  const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return { finished, run: runSchema.parse(json('run.json')), result: resultSchema.parse(json('result.json')) };
}

/** Iterations by the k6 scenarios that are planned to the one; set-up, which every k6 makes, has none. */
export const iterationsOf = ({ result }: Measured): Record<string, number> =>
  Object.fromEntries(PLANNED.map((scenario) => [scenario, sumIn(result, 'iterations', { scenario })]));
export const PLANNED = ['traffic', 'probes', 'refill'] as const;

/** How many requests of a kind were sent in the load, of kinds that follow from the iterations alone: how often a task is asked for does not. */
export function mixOf({ result }: Measured): Record<string, number> {
  const mix: Record<string, number> = {};
  for (const { tags, sum } of selectSeries(result, 'http_reqs', { op: ['price', 'analysis', 'dsl', 'probe'] })) {
    const kind = [tags.name, tags.op, tags.cache].join(' ');
    mix[kind] = (mix[kind] ?? 0) + sum;
  }
  return mix;
}

/** Of cached price queries in the steady phase, ms. */
export const percentile = ({ result }: Measured, q: number): number =>
  quantile(mergeSeries(selectSeries(result, 'http_req_duration', { cache: 'hot', phase: 'steady' })), q) ?? 0;

/** The larger of two as a multiple of the smaller. */
export const ratio = (one: number, other: number): number => Math.max(one, other) / Math.min(one, other);
