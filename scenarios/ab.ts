/** Two servers at once: each iteration asks both the same, one after the other, in a balanced random order. */
import exec from 'k6/execution';
import { fimlClient } from '../lib/client';
import { phaseClock } from '../lib/clock';
import { summaryHandler } from '../lib/handle-summary';
import { trafficMix } from '../lib/mix';
import { arrivals, suiteOptions } from '../lib/options';
import { firstQuestions, firstSide, questionOf } from '../lib/pairs';
import { readCandidate, readPlan, readSettings } from '../lib/settings';
import { prepare } from '../lib/setup';
import { pairsPlanOf } from '../profiles';

const settings = readSettings('ab');
const { config } = settings;
const other = readCandidate(settings);
const plan = readPlan(settings, () => pairsPlanOf(config.PERF_RATE, config.PERF_DURATION));

const sides = [fimlClient(settings, { side: 'baseline' }), fimlClient(other, { side: 'candidate' })] as const;
const now = phaseClock(plan.phases);
const stepOf = trafficMix(config.PERF_SEED);

export const options = suiteOptions(settings, {
  pairs: arrivals(settings, 'pairs', plan.rate, plan.vuCeiling.pairs, { startMs: 0, endMs: plan.durationMs }),
});

/** Asks both for whatever is asked again later, so that no server's first answer is measured. */
export function setup(): void {
  prepare(settings, sides[0], false);
  prepare(other, sides[1], false);
  for (const side of sides) side.sendUncounted(firstQuestions());
}

export const handleSummary = summaryHandler(settings);

export function pairs(): void {
  now();
  const iteration = exec.scenario.iterationInTest;
  const { request, op } = questionOf(stepOf(iteration), config.PERF_COLD_SHARE);
  const first = firstSide(config.PERF_SEED, iteration);
  sides[first].send(request, op);
  sides[first === 0 ? 1 : 0].send(request, op);
}
