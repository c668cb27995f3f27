/**
 * Cuts a series into pieces of constant level: the cut for which the squared deviations from the pieces' means plus a
 * penalty for each piece are least (optimal partitioning, Jackson et al. 2005). n²/2 steps.
 *
 * @param shortest fewest values of a piece; `shortestLast` of the last one.
 * @returns where pieces begin, the first (0) left out.
 */
export function partition(
  values: readonly number[],
  penalty: number,
  shortest: number,
  shortestLast: number,
): number[] {
  const n = values.length;
  // From the first value on, so that a level far from 0 does not cost the squares their digits.
  const origin = values[0] ?? 0;
  const sums = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  values.forEach((value, at) => {
    sums[at + 1] = (sums[at] as number) + (value - origin);
    squares[at + 1] = (squares[at] as number) + (value - origin) ** 2;
  });
  const least = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  const beginning = new Int32Array(n + 1);
  least[0] = -penalty;
  for (let end = shortest; end <= n; end++) {
    const last = end - (end === n ? shortestLast : shortest);
    for (let begin = 0; begin <= last; begin++) {
      const sum = (sums[end] as number) - (sums[begin] as number);
      const deviations = (squares[end] as number) - (squares[begin] as number) - (sum * sum) / (end - begin);
      const total = (least[begin] as number) + Math.max(0, deviations) + penalty;
      // Strictly less: of equally good cuts the one with the longest last piece, so that a constant series has no cut.
      if (total < (least[end] as number)) {
        least[end] = total;
        beginning[end] = begin;
      }
    }
  }
  const starts: number[] = [];
  for (let start = beginning[n] ?? 0; start > 0; start = beginning[start] as number) starts.unshift(start);
  return starts;
}
