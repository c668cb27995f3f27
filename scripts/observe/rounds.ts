import { quantile } from '../statistics';
import { blockLength, withinVariances } from './bootstrap';

/** Statistics of a benchmark's rounds, or what belongs to each of them. */
export interface PerStatistic {
  readonly median: number;
  readonly mean: number;
  readonly p95: number;
}

/** Rounds are joined to so many batches at most: a fast function has 200,000, and a draw needs no finer blocks. */
const MOST_BATCHES = 300;
const P95 = 0.95;

/**
 * Variances that the logarithms of median, mean and P95 have from within a run, by the block bootstrap over its rounds.
 *
 * Rounds follow each other in one process: caches fill, the clock of the CPU changes, a neighbour takes a core for a while.
 * So they resemble their neighbours, and drawn one by one they would promise a precision that is not there. How long the
 * likeness lasts is told from their ranks: a single pause of the machine would hide it in the values themselves.
 *
 * @param rounds seconds, in the order in which they were measured, at least 5.
 */
export function variancesOfRounds(rounds: readonly number[]): PerStatistic {
  const size = Math.ceil(rounds.length / MOST_BATCHES);
  const order = [...rounds.keys()].sort((a, b) => (rounds[a] as number) - (rounds[b] as number));
  const sorted = Float64Array.from(order, (at) => rounds[at] as number);
  const batchOf = Uint16Array.from(order, (at) => Math.floor(at / size));
  const batches = Math.ceil(rounds.length / size);
  const counts = new Array<number>(batches).fill(0);
  const sums = new Array<number>(batches).fill(0);
  const ranks = new Array<number>(batches).fill(0);
  let rank = 0;
  sorted.forEach((value, at) => {
    const batch = batchOf[at] as number;
    if (value !== sorted[at - 1]) rank = at;
    counts[batch] = (counts[batch] as number) + 1;
    sums[batch] = (sums[batch] as number) + value;
    ranks[batch] = (ranks[batch] as number) + rank;
  });
  const level = ranks.map((sum, batch) => sum / (counts[batch] as number));
  const [median = 0, mean = 0, p95 = 0] = withinVariances(level, (weights) => {
    const count = weightedSum(counts, weights);
    return [
      logarithm(weightedQuantile(sorted, batchOf, weights, 0.5 * count)),
      logarithm(weightedSum(sums, weights) / count),
      logarithm(weightedQuantile(sorted, batchOf, weights, P95 * count)),
    ];
  });
  const factor = uncertainty(batches / blockLength(level));
  return { median: median * factor, mean: mean * factor, p95: p95 * factor };
}

/**
 * How much larger a variance must be taken that was itself estimated from few independent parts: that of Student's t with
 * n − 1 degrees of freedom, (n − 1) / (n − 3), times n / (n − 1), by which a bootstrap is too small. 2.5 at 5 rounds, 1.03 at
 * 100. Without it five rounds that happen to agree would make a benchmark look quieter than all others.
 *
 * @param parts more than 3.
 */
const uncertainty = (parts: number): number => parts / (parts - 3);

/** What pytest-benchmark says of rounds that it did not keep. */
export interface RoundSummary {
  /** Seconds. */
  readonly median: number;
  readonly mean: number;
  readonly stddev: number;
  readonly iqr: number;
  /** At least 5. */
  readonly rounds: number;
}

/** A normal distribution's interquartile range in standard deviations, and √(π/2), its median's error against its mean's. */
const IQR_TO_SD = 1.349;
const MEDIAN_TO_MEAN = 1.2533;
/** Rounds that count as independent of each other at most. */
const MOST_INDEPENDENT = 30;

/**
 * The same from a summary, by the delta method: var(ln x̂) ≈ var(x̂) / x̂². The mean's variance is stddev² / rounds. The
 * median's is 1.2533² (iqr / 1.349)² / rounds: the spread is taken from the quartiles because rounds have a long tail, which
 * moves the standard deviation and hardly the median (McGill, Tukey and Larsen 1978).
 *
 * Nothing in a summary says how far rounds resemble their neighbours. On 256 real benchmarks with their rounds (53 to 60,000
 * each, machine busy with other work) the bootstrap's error of the median was 4.8 times what these formulas promise in the
 * middle case and 27 times in one of ten, that of the mean 0.95 times. So for the median no more than 30 rounds count: with
 * all of them, 8.8 % of 181 pairs of real files without a change had a benchmark REGRESSED, so 3.9 %; with the rounds 2.2 %.
 */
export function variancesOfSummary({ median, mean, stddev, iqr, rounds }: RoundSummary): Omit<PerStatistic, 'p95'> {
  const perRound = (count: number) => (count - 1) / (count - 3) / count;
  return {
    median: ((MEDIAN_TO_MEAN * iqr) / IQR_TO_SD / median) ** 2 * perRound(Math.min(rounds, MOST_INDEPENDENT)),
    mean: (stddev / mean) ** 2 * perRound(rounds),
  };
}

/** P95 of rounds. @param rounds at least one. */
export const p95OfRounds = (rounds: readonly number[]): number => quantile(rounds, P95);

const logarithm = (value: number): number | null => (value > 0 ? Math.log(value) : null);

const weightedSum = (values: readonly number[], weights: ArrayLike<number>): number =>
  values.reduce((sum, value, at) => sum + value * (weights[at] as number), 0);

function weightedQuantile(
  sorted: Float64Array,
  batchOf: Uint16Array,
  weights: ArrayLike<number>,
  rank: number,
): number {
  let seen = 0;
  for (let at = 0; at < sorted.length; at++) {
    seen += weights[batchOf[at] as number] as number;
    if (seen >= rank) return sorted[at] as number;
  }
  return sorted.at(-1) as number;
}
