import { mean, squares } from '../statistics';

const BATCH = 5;
/** A run that has not settled after so much of it has no steady state to be measured in. */
const LONGEST_WARM_UP = 0.25;
/** A cut must gain a fifth, or it only follows chance: two in five runs that were steady from the start would be cut. */
const LEAST_GAIN = 0.2;

export interface WarmUp {
  /** Buckets at the start that are to be left out. */
  readonly buckets: number;
  /** False when the run was still settling after a quarter of it. */
  readonly settled: boolean;
}

/**
 * Where a run has settled, by MSER-5: of the means of five buckets each, those are left out at the start without which the
 * mean of the rest is known best (White, Cobb and Spratt 2000): d* = argmin Σ(y − ȳ)² / (n − d)², d ≤ n/2.
 *
 * The profile's own warm-up is cut before; this finds what a server needs beyond it.
 *
 * @param level one figure per bucket of the steady phase, in order.
 */
export function warmUp(level: readonly number[]): WarmUp {
  const batches: number[] = [];
  for (let at = 0; at + BATCH <= level.length; at += BATCH) {
    batches.push(mean(level.slice(at, at + BATCH)));
  }
  let best = 0;
  let bestScore = Number.POSITIVE_INFINITY;
  let uncutScore = 0;
  for (let cut = 0; cut <= batches.length / 2; cut++) {
    const rest = batches.slice(cut);
    const score = squares(rest) / rest.length ** 2;
    if (cut === 0) uncutScore = score;
    if (score < bestScore) {
      best = cut;
      bestScore = score;
    }
  }
  if (bestScore > (1 - LEAST_GAIN) * uncutScore) best = 0;
  const longest = LONGEST_WARM_UP * batches.length;
  return best <= longest
    ? { buckets: best * BATCH, settled: true }
    : { buckets: Math.floor(longest) * BATCH, settled: false };
}
