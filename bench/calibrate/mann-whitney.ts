import normalCdf from '@stdlib/stats-base-dists-normal-cdf';

export interface MannWhitney {
  /** Pairs in which the candidate's value is the larger, ties half. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Mann and Whitney's test by its exact distribution, as benchstat does it on one value a run.
 *
 * @param baseline, candidate few values without ties.
 */
export function exactMannWhitney(baseline: readonly number[], candidate: readonly number[]): MannWhitney {
  const [n, m] = [baseline.length, candidate.length];
  const u = candidate.reduce((sum, value) => sum + baseline.filter((other) => other < value).length, 0);
  const ways = waysTo(n, m);
  const all = ways.reduce((sum, count) => sum + count, 0);
  const tail = ways.slice(0, Math.min(u, n * m - u) + 1).reduce((sum, count) => sum + count, 0);
  return { u, p: Math.min(1, (2 * tail) / all) };
}

const known = new Map<string, readonly number[]>();

/**
 * How many orders of n and m values give each U from 0 to n·m: either the largest of all is one of the m, which is then
 * larger than all n, or it is one of the n, which then counts nothing.
 */
function waysTo(n: number, m: number): readonly number[] {
  if (n === 0 || m === 0) return [1];
  const key = `${n} ${m}`;
  const made = known.get(key);
  if (made !== undefined) return made;
  const [withoutM, withoutN] = [waysTo(n, m - 1), waysTo(n - 1, m)];
  const ways = Array.from({ length: n * m + 1 }, (_, u) => (withoutM[u - n] ?? 0) + (withoutN[u] ?? 0));
  known.set(key, ways);
  return ways;
}

/**
 * The same by the normal approximation with the corrections for ties and for continuity, as it is done on raw requests.
 *
 * @param baseline, candidate how many values lie in each cell of a common ascending grid; those of one cell are ties.
 */
export function mannWhitney(baseline: ArrayLike<number>, candidate: ArrayLike<number>): MannWhitney {
  let [n, m, u, ties] = [0, 0, 0, 0];
  for (let at = 0; at < baseline.length; at++) {
    const [a, b] = [baseline[at] as number, candidate[at] as number];
    u += b * (n + a / 2);
    n += a;
    m += b;
    ties += (a + b) ** 3 - (a + b);
  }
  const all = n + m;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  const away = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return { u, p: variance === 0 ? 1 : 2 * normalCdf(-away / Math.sqrt(variance), 0, 1) };
}
