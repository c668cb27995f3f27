/** Family-wise error rate of the whole comparison, over all looks at it, two-sided. */
export const AB_ALPHA = 0.02;
/**
 * The same for "no change". It is larger: a false alarm stops a merge, while what is wrongly called unchanged lies near the
 * margin, where nobody looks for a regression.
 */
export const AB_EQUALITY_ALPHA = 0.05;
/** δ and Δ of pairs: what disturbs one server disturbs the other, so smaller changes can be told than between runs. */
export const AB_LIMITS = { smallestRelevant: 0.02, margin: 0.05, alpha: AB_ALPHA } as const;

const FIRST_MS = 14_000;
const GROWTH = 1.35;
const FIRST_ROUNDS = 5;

/**
 * When to look whether the answer is known: the first time after 14 s, each later one after 35 % more, and at the end.
 * Between looks that lie closer together hardly anything new is seen, and each look costs a part of the error rate.
 *
 * @param longestMs of measuring, at least the first look's.
 */
export function looksOf(longestMs: number): number[] {
  const looks: number[] = [];
  for (let at = FIRST_MS; at * Math.sqrt(GROWTH) < longestMs; at *= GROWTH) looks.push(Math.round(at));
  return [...looks, longestMs];
}

/** The same where rounds between restarts are counted. */
export function roundLooks(most: number): number[] {
  const looks: number[] = [];
  for (let at = FIRST_ROUNDS; at < most; at = Math.max(at + 1, Math.ceil(at * GROWTH))) looks.push(at);
  return [...looks, most];
}

/**
 * The error rate of one look: an equal part of the whole (Bonferroni). Whatever is seen, and whenever it stops, the chance
 * of a wrong word over all looks together stays below the whole; looks resemble each other, so it is in fact smaller.
 */
export const alphaOfLook = (looks: number): number => AB_ALPHA / looks;
