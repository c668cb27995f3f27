import { MEAN, P95 } from './pool';
import { simulateRun } from './simulate';

const RUNS = 20;
const EFFECT = 0.1;

/**
 * How wrong it is to put a run's effect on what was measured, and not on its requests before they were: the largest
 * relative difference of twenty runs. Only the bounds of the histogram's buckets, 1 % wide, can make one.
 */
export function shiftError(): number {
  let largest = 0;
  for (let at = 0; at < RUNS; at++) {
    const [without, within] = [simulateRun(`shift ${at}`, 'as ever', 0), simulateRun(`shift ${at}`, 'as ever', EFFECT)];
    for (const id of [P95, MEAN]) {
      const value = ({ measures }: typeof within) => measures.find((measure) => measure.id === id)?.value ?? Number.NaN;
      largest = Math.max(largest, Math.abs(Math.log(value(within) / value(without)) - EFFECT));
    }
  }
  return largest;
}
