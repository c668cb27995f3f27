import { THINK_TIME_S } from '../profiles';

/** Seconds that a user of the closed model thinks, drawn from 32 random bits. */
export const thinkTimeS = (bits: number): number =>
  THINK_TIME_S.min + (bits / 2 ** 32) * (THINK_TIME_S.max - THINK_TIME_S.min);
