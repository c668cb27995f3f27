import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { Observation } from '../result/observation';
import { transformed } from '../result/scale';
import type { Prior } from './design';

/** Fewer differences tell nothing of how far unchanged measures lie apart. */
const FEWEST = 3;
/** As many of the measures may have changed without being taken for noise: the largest quarter. */
const UNCHANGED = 0.75;
/** Three measures that happen to agree to the digit do not make a machine without noise. */
const SMALLEST_SD = 0.01;
/** Heavy tails: see below. */
const DF = 4;

/**
 * Learns the spread between runs from the runs that are compared, where they hold many measures of which most are unchanged.
 *
 * A single run a side has no spread, and the general assumption of 5 % would find hardly anything among fifteen benchmarks.
 * But each benchmark that did not change shows by its difference how far two runs lie apart. With |d| the sizes of all n
 * differences of the sides' means on the logarithmic scale, and r the rank that leaves a quarter of them above it:
 *
 *     sd = max(1 %, |d|₍ᵣ₎ / z / √(1/k_A + 1/k_B)),   z = Φ⁻¹((1 + r/(n+1)) / 2),   df = 4
 *
 * z is where that rank lies when the differences are normal (of fifteen, the eleventh). Four things are on purpose:
 *
 * - The differences are not centred. What shifts most of them alike is a slower machine as likely as slower code, and then
 *   nothing can be said: it must widen the prior.
 * - A rank above the middle, and four degrees of freedom though there are n differences: benchmarks are not equally noisy,
 *   and what is twice as noisy as most would be called changed. The price: when more than a quarter changed, all is undecided.
 * - The spread within runs is in the differences already, and is added once more where a benchmark knows its own: one that is
 *   known badly must not be judged by the others' precision.
 * - Each statistic has its own: a mean moves with every pause of the machine, a median hardly.
 *
 * Measured by `compare()`, 15 benchmarks a file: 1,000 simulated pairs a row (`learned-prior.test.ts` repeats it with fewer),
 * and 181 pairs of real files, written on a machine that was busy with other work:
 *
 * | spread between runs                   | nothing changed: some REGRESSED | one 30 % slower: found |
 * |---------------------------------------|---------------------------------|------------------------|
 * | 1.5 %                                 | 0.0 %                           | 100 %                  |
 * | 3 %                                   | 0.1 %                           | 57 %                   |
 * | 7 %                                   | 0.2 %                           | –                      |
 * | 3 %, of two in three within ×÷ 1.6    | 3.6 %                           | –                      |
 * | 3 %, of two in three within ×÷ 2.7    | 24 %                            | –                      |
 * | 2 to 24 %, real files                 | 2.2 %                           | 3 %                    |
 *
 * The median of |d| with df = n − 1 gives 3.5, 6.1, 5.8, 24 and 57 % in the second column, and on 39 of the real pairs 33 %;
 * the assumption of 5 % for anything gives 38 % on those, and finds nothing at 1.5 %.
 *
 * @returns null when fewer than three measures of that statistic are on both sides.
 */
export function learnedPrior(
  baseline: readonly Observation[],
  candidate: readonly Observation[],
  statistic: string,
): Prior | null {
  const [before, after] = [meansOf(baseline, statistic), meansOf(candidate, statistic)];
  const sizes = [...before]
    .flatMap(([id, mean]) => {
      const other = after.get(id);
      return other === undefined ? [] : [Math.abs(other - mean)];
    })
    .sort((a, b) => a - b);
  const n = sizes.length;
  if (n < FEWEST) return null;
  const rank = Math.floor(UNCHANGED * (n - 1)) + 1;
  const z = normalQuantile((1 + rank / (n + 1)) / 2, 0, 1);
  const perRun = Math.sqrt(1 / baseline.length + 1 / candidate.length);
  return { sd: Math.max(SMALLEST_SD, (sizes[rank - 1] as number) / z / perRun), df: DF };
}

/** Mean over the runs, on the logarithmic scale, of each measure that every run has a usable value of. */
function meansOf(runs: readonly Observation[], statistic: string): Map<string, number> {
  const values = new Map<string, number[]>();
  for (const { measures } of runs) {
    for (const { id, statistic: own, scale, value, insufficient } of measures) {
      if (own !== statistic || scale !== 'ratio' || insufficient !== null || value === null || value <= 0) continue;
      values.set(id, [...(values.get(id) ?? []), transformed(value, scale)]);
    }
  }
  const complete = [...values].filter(([, ofRuns]) => ofRuns.length === runs.length);
  return new Map(complete.map(([id, ofRuns]) => [id, ofRuns.reduce((sum, y) => sum + y, 0) / ofRuns.length]));
}
