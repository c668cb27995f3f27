import { type Step, trafficMix } from './mix';
import { ordersOf } from './once';
import { shared } from './shared';

/** The traffic mix of a seed, whose orders all virtual users share; k6 init code. */
export const sharedMix = (seed: number): ((iteration: number) => Step) =>
  trafficMix(shared(`orders of seed ${seed}`, () => ordersOf(seed)));
