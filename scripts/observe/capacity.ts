import { type Breakpoint, breakpointInWords } from '../judge/breakpoint';
import type { Measure } from '../result/observation';

/**
 * The capacity that a rising load has found, for histories and comparisons.
 *
 * It is known to the width of a step: wherever it lies between the last that holds and the first that does not, each place is
 * as likely, which has a variance of w²/12 on the logarithm's scale.
 */
export function capacityMeasure({ steps, last, first }: Breakpoint): Measure {
  const [held, broken] = [last, first].map((at) => (at === null ? undefined : steps[at]?.ratePerS));
  const width = held === undefined || broken === undefined ? 0 : Math.log(broken / held);
  return {
    id: 'capacity',
    title: 'Capacity',
    operation: 'all',
    statistic: 'capacity',
    unit: 'per second',
    scale: 'ratio',
    worse: 'lower',
    gating: true,
    value: held ?? null,
    withinVariance: width ** 2 / 12,
    samples: steps.length,
    // A lower bound is no value: two of them may stand for servers of any difference.
    insufficient: held === undefined || broken === undefined ? breakpointInWords({ steps, last, first }) : null,
  };
}
