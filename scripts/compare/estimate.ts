import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import studentQuantile from '@stdlib/stats-base-dists-t-quantile';
import { mean, squares } from '../statistics';

const known = new Map<string, number>();
/** The same few are asked for again and again, by every measure of a comparison, and each takes long to compute. */
function tQuantile(p: number, df: number): number {
  const key = `${p} ${df}`;
  const value = known.get(key) ?? studentQuantile(p, df);
  known.set(key, value);
  return value;
}

/** A run's value of one measure, transformed (see `scale.ts`). */
export interface RunValue {
  readonly y: number;
  /** Variance of `y` from within the run; 0 where it is not known. */
  readonly withinVariance: number;
}

/** What is known of a difference: estimate, its standard error, and the degrees of freedom of that. */
export interface Estimate {
  /** Candidate minus baseline, on the transformed scale. */
  readonly difference: number;
  readonly standardError: number;
  readonly df: number;
  /** Standard deviation of a single run, on the transformed scale, as it went into the standard error. */
  readonly runSd: number;
  readonly baselineRuns: number;
  readonly candidateRuns: number;
}

/**
 * Spread between runs of unchanged code that is assumed while the data cannot tell: 5.5 %, with the weight of four runs.
 * Smaller, and two runs that happen to agree would be believed; larger, and small comparisons on quiet machines would find
 * nothing. Its calibration is `bench/calibrate`.
 */
export const PRIOR = { sd: 0.055, df: 4 } as const;
/**
 * Where the runs alone have at least so many degrees of freedom, no assumption is mixed in: three runs a side then keep
 * their error rate on any machine, where the prior let twice as many false alarms through on one noisier than itself.
 */
const ENOUGH_DF = 4;
/** Up to so many of their own a spread from elsewhere is worth having: of a history, or of the prior in a design that needs it. */
const FEW_DF = 8;

/** From here on Student's t is the normal distribution to three digits. */
const MOST_DF = 1000;

export interface EstimateOptions {
  /** Earlier runs of the baseline; they widen what is known of both its mean and the spread. */
  readonly history?: readonly RunValue[];
  /** Earlier runs of other sessions, whose level may have been another: only how far they lie apart counts. */
  readonly spread?: readonly RunValue[];
  readonly prior?: { readonly sd: number; readonly df: number };
  /** Variance to be added for what cannot be told apart from the change, such as the hour in which each side ran. */
  readonly extraVariance?: number;
}

/**
 * Difference of two groups of runs by the pooled t method, the variance moderated by a prior where runs are few and never
 * below what the runs' own insides say.
 *
 * Pooled and not Welch: both sides share code path and machine, and at five runs a side Welch's test costs 5 to 12 points of
 * power for nothing. A single run a side has no spread of its own: the prior and the history stand in.
 */
export function pooledEstimate(
  baseline: readonly RunValue[],
  candidate: readonly RunValue[],
  { history = [], spread = [], prior = PRIOR, extraVariance = 0 }: EstimateOptions = {},
): Estimate {
  const before = [...baseline, ...history].map(({ y }) => y);
  const after = candidate.map(({ y }) => y);
  const withinVariance = mean([...baseline, ...candidate].map((run) => run.withinVariance));
  let df = before.length - 1 + after.length - 1;
  let sum = squares(before) + squares(after);
  if (df < FEW_DF && spread.length > 1) {
    sum += squares(spread.map(({ y }) => y));
    df += spread.length - 1;
  }
  // Where an assumption stands in for the hours between the sides anyway, it may as well stand in for the runs.
  if (df < (extraVariance > 0 ? FEW_DF : ENOUGH_DF)) {
    sum += prior.df * (withinVariance + prior.sd ** 2);
    df += prior.df;
  }
  const variance = Math.max(df === 0 ? 0 : sum / df, withinVariance);
  const ofRuns = variance * (1 / before.length + 1 / after.length);
  return {
    difference: mean(after) - mean(before),
    standardError: Math.sqrt(ofRuns + extraVariance),
    // Satterthwaite's, of a part that the runs tell and one that is laid down: the more of it is laid down, the less can the
    // error have come out too small by luck.
    df: extraVariance > 0 ? Math.min(MOST_DF, Math.floor(df * ((ofRuns + extraVariance) / ofRuns) ** 2)) : df,
    runSd: Math.sqrt(variance),
    baselineRuns: before.length,
    candidateRuns: after.length,
  };
}

/**
 * The same from pairs of runs that lie beside each other in time: what the machine does meanwhile cancels.
 *
 * @param differences candidate minus baseline of each pair, at least 2.
 */
export function pairedEstimate(differences: readonly number[], withinVariance = 0): Estimate {
  const pairs = differences.length;
  const df = pairs - 1;
  // A pair's difference has the insides of two runs in it.
  const variance = Math.max(squares(differences) / df, 2 * withinVariance);
  return {
    difference: mean(differences),
    standardError: Math.sqrt(variance / pairs),
    df,
    runSd: Math.sqrt(variance / 2),
    baselineRuns: pairs,
    candidateRuns: pairs,
  };
}

const TRIMMED_SHARE = 0.1;

/**
 * Pairs again, with a tenth of them left out at either end: single pairs that something else disturbed neither move the
 * mean nor widen its error (Tukey and McLaughlin 1963; the error is that of the winsorised values).
 *
 * @param differences candidate minus baseline of each pair, at least 3.
 */
export function trimmedEstimate(differences: readonly number[]): Estimate {
  const sorted = [...differences].sort((a, b) => a - b);
  const pairs = sorted.length;
  const cut = Math.floor(TRIMMED_SHARE * pairs);
  const kept = sorted.slice(cut, pairs - cut);
  const winsorised = sorted.map((value) => Math.min(Math.max(value, kept[0] as number), kept.at(-1) as number));
  const variance = squares(winsorised) / (pairs - 1);
  return {
    difference: mean(kept),
    standardError: Math.sqrt(variance / pairs) / (kept.length / pairs),
    df: kept.length - 1,
    runSd: Math.sqrt(variance / 2),
    baselineRuns: pairs,
    candidateRuns: pairs,
  };
}

/** Two groups of unequal spread (Welch and Satterthwaite). @param a, b at least two values each. */
export function welchEstimate(a: readonly number[], b: readonly number[]): Estimate {
  const varianceOf = (values: readonly number[]) => squares(values) / (values.length - 1) / values.length;
  const [ofA, ofB] = [varianceOf(a), varianceOf(b)];
  // By its share, since the square of a variance may be too small for a double to hold, and 0 / 0 no degrees of freedom.
  const share = ofA + ofB === 0 ? 0.5 : ofA / (ofA + ofB);
  const df = 1 / (share ** 2 / (a.length - 1) + (1 - share) ** 2 / (b.length - 1));
  return {
    difference: mean(b) - mean(a),
    standardError: Math.sqrt(ofA + ofB),
    df,
    runSd: Math.sqrt(Math.max(ofA * a.length, ofB * b.length)),
    baselineRuns: a.length,
    candidateRuns: b.length,
  };
}

/** P(T ≥ difference / standard error): small when the difference is larger than chance would make it. */
export function pAbove({ difference, standardError, df }: Estimate): number {
  if (standardError === 0) return difference > 0 ? 0 : difference < 0 ? 1 : 0.5;
  // By the lower tail: 1 − cdf loses all digits of a small p.
  return tCdf(-difference / standardError, df);
}

export const pBelow = (estimate: Estimate): number => pAbove({ ...estimate, difference: -estimate.difference });

/** Two-sided interval. @param confidence such as 0.95. */
export function interval(estimate: Estimate, confidence: number): readonly [number, number] {
  const { difference, standardError, df } = estimate;
  if (standardError === 0) return [difference, difference];
  const reach = tQuantile(1 - (1 - confidence) / 2, df) * standardError;
  return [difference - reach, difference + reach];
}

const POWER = 0.8;

/** The smallest difference that so much data finds four times out of five: (t of the test + t of the power) × SE. */
export function smallestDetectable({ standardError, df }: Estimate, alpha: number): number {
  return (tQuantile(1 - alpha / 2, df) + tQuantile(POWER, df)) * standardError;
}

const MOST_RUNS = 200;

/**
 * Runs a side with which a difference of `size` would be found four times out of five.
 *
 * @returns null when not even 200 would do.
 */
export function runsNeeded(runSd: number, size: number, alpha: number): number | null {
  // With known spread it would take so many; the search begins there, as a quantile takes long to compute.
  const atLeast = 2 * (((normalQuantile(1 - alpha / 2, 0, 1) + normalQuantile(POWER, 0, 1)) * runSd) / size) ** 2;
  for (let k = Math.max(2, Math.ceil(atLeast)); k <= MOST_RUNS; k++) {
    const df = 2 * k - 2;
    if ((tQuantile(1 - alpha / 2, df) + tQuantile(POWER, df)) * runSd * Math.sqrt(2 / k) <= size) return k;
  }
  return null;
}
