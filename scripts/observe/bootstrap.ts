import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { mean, variance } from '../statistics';

/** Draws: of what decides, as many as it takes to know a standard error to a twentieth, of the rest to a tenth. */
export const DRAWS = { deciding: 200, telling: 50 } as const;
/** Any constant: the same run always gives the same value, whatever else is compared with it. */
const SEED = 20_260_101;
/** Blocks of which there must be this many at least, or their mean would have no spread to speak of. */
const FEWEST_BLOCKS = 6;

/**
 * Variances that statistics of a run have from within it, by the circular block bootstrap over its time buckets.
 *
 * Neighbouring buckets are alike: drawn one by one they would promise a precision that is not there. Blocks twice as long
 * as that likeness lasts keep it (Politis and Romano 1992).
 *
 * @param level one figure per bucket, in order, from which it is told how long the likeness lasts.
 * @param statistics gives the statistics, transformed, of buckets taken as often as their weights say; null where one
 *   cannot be told.
 * @returns one variance per statistic; 0 where there are fewer than two buckets.
 */
export function withinVariances(
  level: readonly number[],
  statistics: (weights: ArrayLike<number>) => readonly (number | null)[],
  draws: number = DRAWS.deciding,
): number[] {
  const buckets = level.length;
  const whole = statistics(new Array<number>(buckets).fill(1));
  if (buckets < 2) return whole.map(() => 0);
  const length = blockLength(level);
  const random = xoroshiro128plus(SEED);
  const drawn: (readonly (number | null)[])[] = [];
  for (let repeat = 0; repeat < draws; repeat++) {
    const weights = new Float64Array(buckets);
    for (let filled = 0; filled < buckets; filled += length) {
      const start = uniformInt(random, 0, buckets - 1);
      // The last block is cut, so that a draw is as long as the run.
      for (let at = 0; at < Math.min(length, buckets - filled); at++) {
        const bucket = (start + at) % buckets;
        weights[bucket] = (weights[bucket] as number) + 1;
      }
    }
    drawn.push(statistics(weights));
  }
  return whole.map((_, which) => {
    const values = drawn.flatMap((draw) => draw[which] ?? []);
    return values.length < 2 ? 0 : variance(values);
  });
}

/** Twice the integrated autocorrelation time 1 + 2 Σ ρ, summed until it turns negative. */
export function blockLength(level: readonly number[]): number {
  const longest = Math.max(1, Math.floor(level.length / FEWEST_BLOCKS));
  const centre = mean(level);
  const deviations = level.map((value) => value - centre);
  const atLag = (lag: number) =>
    deviations.slice(lag).reduce((sum, value, at) => sum + value * (deviations[at] as number), 0);
  const power = atLag(0);
  if (power === 0) return 1;
  let time = 1;
  for (let lag = 1; lag < longest; lag++) {
    const correlation = atLag(lag) / power;
    if (correlation <= 0) break;
    time += 2 * correlation;
  }
  return Math.min(longest, time === 1 ? 1 : Math.ceil(2 * time));
}
