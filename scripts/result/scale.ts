import type { Scale } from './observation';

/**
 * Takes a measure's value to where differences add up and spreads are alike: the logarithm of a ratio-scaled value, and
 * asin √p of a share.
 */
export function transformed(value: number, scale: Scale): number {
  return scale === 'ratio' ? Math.log(value) : Math.asin(Math.sqrt(Math.min(1, Math.max(0, value))));
}

/** The inverse. */
export function untransformed(y: number, scale: Scale): number {
  return scale === 'ratio' ? Math.exp(y) : Math.sin(Math.min(Math.PI / 2, Math.max(0, y))) ** 2;
}

/** Whether a value has a place on its scale: a ratio scale has no zero. */
export const isOnScale = (value: number | null, scale: Scale): value is number =>
  value !== null && Number.isFinite(value) && (scale === 'share' || value > 0);

/**
 * A difference of transformed values as people say it: relative (0.1 = 10 % more), or for a share in points.
 *
 * @param from where it begins, transformed.
 */
export const changeFrom = (from: number, difference: number, scale: Scale): number =>
  scale === 'ratio' ? Math.expm1(difference) : untransformed(from + difference, scale) - untransformed(from, scale);
