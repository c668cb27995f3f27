import { fileIn, type Total } from './totals';

/** How a function's, or a package's, share of the time changed. */
export interface Change {
  readonly name: string;
  readonly where: string;
  readonly before: number;
  readonly after: number;
  /** `after − before`. */
  readonly change: number;
  /** Changes up to this may come of the few looks that a profile is made of. */
  readonly chance: number;
}

/**
 * Three standard errors: of the hundreds of functions of a profile, a few lie beyond two in any other profile of the same
 * program.
 */
const STANDARD_ERRORS = 3;

/**
 * Compares shares of two profiles, by name and file: a function that an edit has moved is the same function.
 *
 * @param share which of the two is compared.
 * @returns the largest change first.
 */
export function changes(
  earlier: { readonly totals: readonly Total[]; readonly samples: number },
  later: { readonly totals: readonly Total[]; readonly samples: number },
  share: 'self' | 'total',
): Change[] {
  const pairs = new Map<string, { readonly name: string; readonly where: string; before: number; after: number }>();
  for (const [side, { totals }] of [
    ['before', earlier],
    ['after', later],
  ] as const) {
    for (const { name, where, ...shares } of totals) {
      const file = fileIn({ where });
      const key = JSON.stringify([name, file]);
      const pair = pairs.get(key) ?? { name, where: file, before: 0, after: 0 };
      pairs.set(key, pair);
      pair[side] += shares[share];
    }
  }
  return [...pairs.values()]
    .map((pair) => ({
      ...pair,
      change: pair.after - pair.before,
      chance: chanceOf(pair.before, earlier.samples, pair.after, later.samples),
    }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

/** By the binomial distribution, of the share that both have together. */
function chanceOf(before: number, beforeSamples: number, after: number, afterSamples: number): number {
  if (beforeSamples === 0 || afterSamples === 0) return 1;
  const together = (before * beforeSamples + after * afterSamples) / (beforeSamples + afterSamples);
  const share = Math.min(1, Math.max(0, together));
  return STANDARD_ERRORS * Math.sqrt(share * (1 - share) * (1 / beforeSamples + 1 / afterSamples));
}
