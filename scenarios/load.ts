/** The guide's traffic under a load profile: 80 % price queries, 15 % analyses, 5 % FK-DSL, judged by every target. */
import { Counter } from 'k6/metrics';
import { fimlClient } from '../lib/client';
import { lazily } from '../lib/lazily';
import {
  endOfTest,
  firstFill,
  k6Stops,
  loadPlan,
  monitorScenario,
  prepare,
  prepareSegment,
  suiteOptions,
  userScenarios,
} from '../lib/once';
import { planned } from '../lib/planned';
import { breakWatch, serverMonitor } from '../lib/seldom';
import type { SummaryData } from '../lib/summary';
import { users } from '../lib/users';
import { fillRate } from '../profiles';
import { BROKEN } from '../thresholds';

const { settings, plan, optionsOf } = planned('load', ({ config, uptimeSamples }) => loadPlan(config, uptimeSamples));
const { durationMs, hotSet, probeRate, steps } = plan;
const client = fimlClient(settings);

export const options = optionsOf((whole) => {
  const scenarios = userScenarios(settings, whole);
  if (steps === undefined) return suiteOptions(settings, scenarios);
  const watch = monitorScenario('watch', { startMs: 0, endMs: durationMs });
  return suiteOptions(settings, { ...scenarios, watch }, k6Stops(steps[1]?.endMs ?? durationMs));
});
export const { traffic, probes, refill } = users(settings, plan, client);
export const monitor = lazily(() => serverMonitor(settings, plan.phases));
// Made before the load, and of no load that cannot break.
const broken = steps === undefined ? null : new Counter(BROKEN);
export const watch = lazily(() =>
  steps === undefined || broken === null
    ? () => undefined
    : breakWatch(broken, steps, settings.capacityMs, probeRate + fillRate(hotSet), durationMs),
);
// The watch of a rising load must see all of it.
export const setup = () =>
  steps === undefined ? prepareSegment(settings, client, firstFill()) : prepare(settings, client, firstFill());
export const handleSummary = (data: SummaryData) => endOfTest(settings, data);
