/** Two servers at once: each iteration asks both the same, one after the other, in a balanced random order. */
import { fimlClient } from '../lib/client';
import { phaseClock } from '../lib/clock';
import { iterationInTest } from '../lib/iteration';
import { arrivals, endOfTest, pairsPlanOf, prepare, readCandidate, suiteOptions } from '../lib/once';
import { firstQuestions, firstSide, questionOf } from '../lib/pairs';
import { planned } from '../lib/planned';
import { sharedMix } from '../lib/shared-mix';
import type { SummaryData } from '../lib/summary';

const { settings, plan, optionsOf } = planned('ab', (all) => ({
  ...pairsPlanOf(all.config.PERF_RATE, all.config.PERF_DURATION),
  candidate: readCandidate(all),
}));
const { config } = settings;
const other = { ...settings, target: plan.candidate };

const sides = [fimlClient(settings, { side: 'baseline' }), fimlClient(other, { side: 'candidate' })] as const;
const now = phaseClock(plan.phases);
const stepOf = sharedMix(config.PERF_SEED);

export const options = optionsOf(({ rate, vuCeiling, durationMs }) =>
  suiteOptions(settings, {
    pairs: arrivals(settings, 'pairs', rate, vuCeiling.pairs, { startMs: 0, endMs: durationMs }),
  }),
);

/** Asks both for whatever is asked again later, so that no server's first answer is measured. */
export function setup(): void {
  prepare(settings, sides[0], []);
  prepare(other, sides[1], []);
  for (const side of sides) side.sendUncounted(firstQuestions());
}

export const handleSummary = (data: SummaryData) => endOfTest(settings, data);

export function pairs(): void {
  now();
  const iteration = iterationInTest();
  const { request, op } = questionOf(stepOf(iteration), config.PERF_COLD_SHARE);
  const first = firstSide(config.PERF_SEED, iteration);
  sides[first].send(request, op);
  sides[first === 0 ? 1 : 0].send(request, op);
}
