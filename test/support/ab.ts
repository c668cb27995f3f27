import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Comparison, comparisonSchema } from '../../scripts/result/comparison';
import { cli, type Finished } from './cli';

/** Enough answers for a verdict within seconds. */
export const FASTER_LOAD = { PERF_RATE: '100' };

/** Compares two servers, with the results in `folder`. */
export const ab = (
  folder: string,
  baselineUrl: string,
  candidateUrl: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = FASTER_LOAD,
): Promise<Finished> =>
  cli(['ab', '--baseline-url', baselineUrl, '--candidate-url', candidateUrl, '--out', folder, ...args], { env });

/** What such a comparison found. */
export const comparisonIn = (folder: string): Comparison =>
  comparisonSchema.parse(JSON.parse(readFileSync(join(folder, 'comparison.json'), 'utf8')));
