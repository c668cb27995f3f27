import padjust from '@stdlib/stats-padjust';
import type { MetricVerdict } from '../result/comparison';
import { type Estimate, interval, pAbove, pBelow } from './estimate';

/** What a difference must amount to before anyone acts on it. Sizes are relative: 0.05 is 5 %. */
export interface Limits {
  /** δ: the smallest change worth failing for. */
  readonly smallestRelevant: number;
  /** Δ: the margin within which two sides count as equal; never below δ. */
  readonly margin: number;
  /** Family-wise error rate, two-sided. */
  readonly alpha: number;
}

/** Δ stays at 10 % where δ is smaller: with fewer than ten runs a side nothing could be called unchanged within 5 %. */
export const DEFAULT_LIMITS: Limits = { smallestRelevant: 0.05, margin: 0.1, alpha: 0.05 };

/**
 * Of the corrected p-values of runs. A whole comparison may raise a false alarm in 5 %, and where histories of several runs a
 * session are merged the t distribution is a little too narrow: at 5 % it would be 5.1.
 */
export const FAMILY_ALPHA = 0.045;

/**
 * Of shares of failures, in absolute terms. Half of what the guide's load test allows in all counts as equal; a rise means
 * nothing before it is a tenth of a percentage point, and so many cases.
 */
export const SHARE_LIMITS = { margin: 0.005, floor: 0.001, casesFloor: 5 } as const;

export interface Oriented {
  /** Turned so that a positive difference is worse. */
  readonly estimate: Estimate;
  /** Whether the difference is large enough in the measure's own unit, where a floor is set. */
  readonly aboveFloor: boolean;
  /** δ and Δ on the transformed scale. */
  readonly smallestRelevant: number;
  readonly margin: number;
}

export interface Decision {
  readonly verdict: Exclude<MetricVerdict, 'INVALID'>;
  /** One-sided, before and after the correction for the family. */
  readonly pWorse: number;
  readonly pBetter: number;
  readonly adjustedWorse: number;
  readonly adjustedBetter: number;
  /** The change is surely there, and too small to matter. */
  readonly belowRelevance: boolean;
}

export interface ErrorRates {
  /** Two-sided α: a measure's own p must be below half of it. */
  readonly alpha: number;
  /** What a corrected p must be below, where that is not α as well. */
  readonly familyAlpha?: number;
  /** α of "no change", where that may be wrong more or less often than a change. */
  readonly equalityAlpha?: number;
}

/**
 * Verdicts of a family of measures: significance by Holm over the family, and practical size, both at once.
 *
 * Besides the family's rate a measure's own p must be below α/2, so that a family of one keeps the 2.5 % that a two-sided
 * test of 5 % has on either side. "No change" is a claim of its own (two one-sided tests): the 1 − 2α interval inside the
 * margin. Anything else is inconclusive: not to have found a change is not to have found that there is none.
 *
 * @param method `holm` for what gates; `bh` (Benjamini and Hochberg) for what is only told.
 */
export function decide(
  family: readonly Oriented[],
  { alpha, familyAlpha = alpha, equalityAlpha = alpha }: ErrorRates,
  method: 'holm' | 'bh',
): Decision[] {
  const pWorse = family.map(({ estimate }) => pAbove(estimate));
  const pBetter = family.map(({ estimate }) => pBelow(estimate));
  const adjustedWorse = adjusted(pWorse, method);
  const adjustedBetter = adjusted(pBetter, method);
  return family.map(({ estimate, aboveFloor, smallestRelevant, margin }, at) => {
    const { difference } = estimate;
    const found = (p: readonly number[], corrected: readonly number[]) =>
      (corrected[at] as number) < familyAlpha && (p[at] as number) < alpha / 2;
    const [low, high] = interval(estimate, 1 - 2 * equalityAlpha);
    const equal = low > -margin && high < margin;
    const verdict =
      found(pWorse, adjustedWorse) && difference >= smallestRelevant && aboveFloor
        ? 'REGRESSED'
        : found(pBetter, adjustedBetter) && -difference >= smallestRelevant && aboveFloor
          ? 'IMPROVED'
          : equal
            ? 'NO CHANGE'
            : 'INCONCLUSIVE';
    return {
      verdict,
      pWorse: pWorse[at] as number,
      pBetter: pBetter[at] as number,
      adjustedWorse: adjustedWorse[at] as number,
      adjustedBetter: adjustedBetter[at] as number,
      belowRelevance: verdict === 'NO CHANGE' && (low > 0 || high < 0),
    };
  });
}

/** p-values corrected for how many were looked at (Holm 1979; Benjamini and Hochberg 1995). */
export const adjusted = (p: readonly number[], method: 'holm' | 'bh'): number[] =>
  p.length === 0 ? [] : padjust([...p], method);
