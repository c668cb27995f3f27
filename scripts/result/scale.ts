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
