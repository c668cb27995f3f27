import { MAD_TO_SD, median } from '../statistics';

/** Estimates that a few odd runs cannot move. */

/** The mean absolute deviation of a normal distribution is its standard deviation divided by this. */
const MEAN_DEVIATION_TO_SD = 1.2533;

/**
 * Standard deviation by the median absolute deviation. Where more than half of the values are equal, as with a figure that
 * is rounded, that is 0 although the others do vary: then by the mean absolute deviation (Iglewicz and Hoaglin 1993).
 *
 * @returns 0 only when all values are equal, or there are none.
 */
export function robustSd(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const centre = median(values);
  const deviations = values.map((value) => Math.abs(value - centre));
  return (
    MAD_TO_SD * median(deviations) ||
    (MEAN_DEVIATION_TO_SD * deviations.reduce((sum, one) => sum + one, 0)) / values.length
  );
}

/**
 * Brings values that lie far from their neighbours nearer: to the rolling median ± `deviations` standard deviations of what
 * the rolling median leaves.
 *
 * The window shrinks towards both ends and stays centred. Cut off on one side only, it would see a step in the newest runs
 * as a few outliers and remove the very thing that is looked for.
 */
export function winsorised(values: readonly number[], halfWindow: number, deviations: number): number[] {
  const rolling = values.map((_, at) => {
    const half = Math.min(halfWindow, at, values.length - 1 - at);
    return median(values.slice(at - half, at + half + 1));
  });
  const reach = deviations * robustSd(values.map((value, at) => value - (rolling[at] as number)));
  return values.map((value, at) => {
    const centre = rolling[at] as number;
    return Math.min(centre + reach, Math.max(centre - reach, value));
  });
}
