/** The guide's traffic under a load profile: 80 % price queries, 15 % analyses, 5 % FK-DSL, judged by every target. */
import { breakWatch } from '../lib/break-watch';
import { fimlClient } from '../lib/client';
import { summaryHandler } from '../lib/handle-summary';
import { serverMonitor } from '../lib/monitor';
import { k6Stops, loadPlan, suiteOptions } from '../lib/once';
import { monitorScenario } from '../lib/options';
import { optionsOnce, planned } from '../lib/planned';
import { prepare, prepareSegment } from '../lib/setup';
import { userScenarios, users } from '../lib/users';
import { fillRate } from '../profiles';

const { settings, plan } = planned('load', ({ config, uptimeSamples }) => loadPlan(config, uptimeSamples));
const { durationMs, hotSet, probeRate, steps } = plan;
const client = fimlClient(settings);

export const options = optionsOnce(() => {
  const scenarios = userScenarios(settings, plan);
  if (steps === undefined) return suiteOptions(settings, scenarios);
  const watch = monitorScenario('watch', { startMs: 0, endMs: durationMs });
  return suiteOptions(settings, { ...scenarios, watch }, k6Stops(steps[1]?.endMs ?? durationMs));
});
export const { traffic, probes, refill } = users(settings, plan, client);
export const monitor = serverMonitor(settings, plan.phases);
export const watch = breakWatch(steps ?? [], settings.capacityMs, probeRate + fillRate(hotSet), durationMs);
// The watch of a rising load must see all of it.
export const setup = () =>
  steps === undefined ? prepareSegment(settings, client, hotSet) : prepare(settings, client, true);
export const handleSummary = summaryHandler(settings);
