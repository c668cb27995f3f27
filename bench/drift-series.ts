import type { Random } from './calibrate/random';

/** What a simulated series of a quantile per time bucket looks like. */
export interface SeriesOf {
  /** Correlation of a value with the one before it. */
  readonly phi: number;
  /** Of the values around their level, as a share of it. */
  readonly sd: number;
  /** Growth from the first value to the last, as a share. */
  readonly by: number;
}

const LENGTH = 120;

/**
 * Noise at which the method's own figures were made: it does not state its noise, but a power of 88 % at +10 % and a nominal
 * 2.5 % is what 4.5 % gives here.
 */
export const METHOD_NOISE = 0.045;
/**
 * Noise at which the gate is held to its promise. The gate is stricter than the method's figure (p < 0.01 on both sides is
 * 0.5 % on the side of growth), and an hour has 360 buckets, not 120: three times as many shrink the noise of a batch's
 * median by √3, so that 4.5 % with 360 is at least as quiet as this with 120.
 */
export const USUAL_NOISE = 0.035;

/** A stationary AR(1) series around a level that grows steadily. */
export function driftSeries(random: Random, { phi, sd, by }: SeriesOf): number[] {
  let noise = random.normal();
  return Array.from({ length: LENGTH }, (_, at) => {
    noise = phi * noise + Math.sqrt(1 - phi * phi) * random.normal();
    return (1 + (by * at) / (LENGTH - 1)) * (1 + sd * noise);
  });
}
