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
