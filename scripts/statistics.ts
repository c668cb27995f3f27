import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { exactQuantile } from './result/histogram';

/** Mean. @param values at least one; NaN of none. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sum of squared deviations from the mean. */
export function squares(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}

/** Sample variance. @param values at least two. */
export const variance = (values: readonly number[]): number => squares(values) / (values.length - 1);

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** By linear interpolation between order statistics (R's type 7), in any order. @param values at least one. */
export const quantile = (values: ArrayLike<number>, share: number): number =>
  exactQuantile(Float64Array.from(values).sort(), share) as number;

/** The median absolute deviation of a normal distribution is its standard deviation divided by this. */
export const MAD_TO_SD = 1.4826;

/**
 * Wilson's score interval of a share that was counted (E. B. Wilson, JASA 22, 1927).
 *
 * @param share from 0 to 1, of `n` cases, at least one.
 * @param tail chance to lie beyond either end: 0.025 for an interval of 95 %.
 */
export function wilsonInterval(share: number, n: number, tail: number): readonly [low: number, high: number] {
  const z = normalQuantile(1 - tail, 0, 1);
  const centre = share + (z * z) / (2 * n);
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
