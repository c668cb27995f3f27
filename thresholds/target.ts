/** Tag values that a series must carry; a list means any of them. */
export type Selector = Readonly<Record<string, string | readonly string[]>>;

export type Severity = 'fail' | 'warn' | 'info';
export type Statistic = 'p50' | 'p95' | 'p99' | 'mean' | 'rate' | 'value' | OverTime;
/**
 * What only the judge can work out, since k6's thresholds know neither time nor a second phase:
 * - `recovery`: seconds from the end of a spike or fault until the level before is back for good;
 * - `delivered`: share of the iterations that the plan offers in the phase that were carried out;
 * - `p95-to-before`: P95 as a multiple of the same P95 in the phase `before`;
 * - `p50-drift`, `p95-drift`: growth of a latency over the phase, as a share of its beginning;
 * - `rate-drift`: growth of a share over the phase, as a difference of shares;
 * - `leak`: growth of memory over the phase, as a share of its beginning;
 * - `capacity`: the highest rate of a rising load at which the three targets of a step hold, arrivals per second;
 * - `p95-at-capacity`, `failed-at-capacity`, `delivered-at-capacity`: what decides whether a step holds, and the value at
 *   the step that is the capacity.
 *
 * Drifts and leaks take more than their limit to miss: growth that chance alone would make is none.
 */
export type OverTime = (typeof OVER_TIME)[number];
export const OVER_TIME = [
  'recovery',
  'delivered',
  'p95-to-before',
  'p50-drift',
  'p95-drift',
  'rate-drift',
  'leak',
  'capacity',
  'p95-at-capacity',
  'failed-at-capacity',
  'delivered-at-capacity',
] as const;

/** Parts of equal length into which a phase is cut to see whether something grows in it. */
export const DRIFT_BATCHES = 12;

export const isOverTime = (statistic: Statistic): statistic is OverTime =>
  (OVER_TIME as readonly string[]).includes(statistic);

/**
 * One promise about the server, as data: k6's thresholds are rendered from it and the judge reads it, so a plain `k6 run`
 * and the suite's verdict hold the server to the same limits.
 */
export interface Target {
  /** Kebab-case and stable: reports, `PERF_ONLY` and users' limit files name it. */
  readonly id: string;
  readonly title: string;
  /** k6 metric. */
  readonly metric: string;
  readonly selector: Selector;
  readonly statistic: Statistic;
  /** `<`: the statistic must stay below the limit; `>`: above it. */
  readonly operator: '<' | '>';
  readonly limit: number;
  /** Milliseconds, seconds, a share from 0 to 1, a multiple, or arrivals a second. */
  readonly unit: 'ms' | 's' | 'share' | 'ratio' | 'per-second';
  /** `fail` gates; `warn` is reported and never fails a build; `info` is shown only. */
  readonly severity: Severity;
  /** Where the limit comes from. */
  readonly source: string;
  /** Why it is measured this way. */
  readonly why: string;
  /**
   * The counter that counts exactly this series' samples. k6 has no count threshold on Rates and Trends, and passes a
   * threshold on an empty series; this counter's own threshold is what makes an empty series fail.
   * A gauge (`value`) stands for many observations behind it: its guard's sum is their number.
   */
  readonly guard: { readonly metric: string; readonly selector: Selector };
  /** Scenarios that measure it. */
  readonly scenarios: readonly string[];
  /** Profiles under which it is in force; left out: under each. */
  readonly profiles?: readonly string[] | undefined;
  /** Faults (`PERF_FAULT`) of its scenarios under which it is in force; left out: under each. */
  readonly faults?: readonly string[] | undefined;
  /** What would make it measurable when the target server gives no sample of it; null when every server must. */
  readonly unmeasurable: string | null;
  /** Where it is not measurable that is a warning, though a miss fails: the rest of the run has its own worth. */
  readonly isOptional?: boolean | undefined;
  /** In force only where `PERF_ONLY` names it: nobody is held to what no document promises, or sent what it takes, unasked. */
  readonly isOnRequest?: boolean | undefined;
}

/**
 * Fewest samples from which the claim could be proven at 95 % confidence, none of them exceeding the limit:
 * q^n ≤ 0.05, so n = ⌈ln 0.05 / ln q⌉ with q the share of samples the claim lets lie within the limit.
 *
 * @returns p95 → 59, p99 → 299, a share above 99.5 % → 598, above 80 % → 14. A mean has no such
 *   distribution-free count; it takes p95's. 1 where no count could prove the claim (a limit of 0 or 1).
 *   Growth takes as many in each part that is compared: a quantile's in each of the twelve, a share's in each quarter, and
 *   of memory one look in each of twelve parts of either half.
 */
export function minimumSamples(target: Pick<Target, 'statistic' | 'operator' | 'limit'>): number {
  const within = shareWithin(target);
  const once = within === null ? 1 : Math.ceil(Math.log(0.05) / Math.log(within));
  return once * partsOf(target.statistic);
}

function partsOf(statistic: Statistic): number {
  switch (statistic) {
    case 'p50-drift':
    case 'p95-drift':
      return DRIFT_BATCHES;
    case 'rate-drift':
      return 4;
    case 'leak':
      return 2 * DRIFT_BATCHES;
    default:
      return 1;
  }
}

function shareWithin(target: Pick<Target, 'statistic' | 'operator' | 'limit'>): number | null {
  switch (target.statistic) {
    case 'leak':
      return null;
    case 'p50':
    case 'p50-drift':
      return 0.5;
    case 'p95':
    case 'mean':
    case 'recovery':
    case 'p95-to-before':
    case 'p95-drift':
    case 'p95-at-capacity':
      return 0.95;
    case 'p99':
      return 0.99;
    case 'capacity':
      // Each of the targets that make it brings its own.
      return null;
    case 'delivered':
    case 'delivered-at-capacity':
    case 'failed-at-capacity':
    case 'rate':
    case 'rate-drift':
    case 'value': {
      const good = target.operator === '>' ? target.limit : 1 - target.limit;
      // A limit of 0 or 1 is no claim that samples can prove or one that no number of them can.
      return good > 0 && good < 1 ? good : null;
    }
  }
}
