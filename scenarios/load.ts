/** The guide's traffic under a load profile: 80 % price queries, 15 % analyses, 5 % FK-DSL, judged by every target. */
import { breakWatch } from '../lib/break-watch';
import { fimlClient } from '../lib/client';
import { summaryHandler } from '../lib/handle-summary';
import { serverMonitor } from '../lib/monitor';
import { monitorScenario, suiteOptions } from '../lib/options';
import { readPlan, readSettings } from '../lib/settings';
import { prepare, prepareSegment } from '../lib/setup';
import { users } from '../lib/users';
import { fillRate, loadPlan } from '../profiles';
import { k6Stops } from '../thresholds';

const settings = readSettings('load');
const plan = readPlan(settings, () => loadPlan(settings.config, settings.uptimeSamples));
const { durationMs, hotSet, probeRate, steps } = plan;
const client = fimlClient(settings);

const { scenarios, ...does } = users(settings, plan, client);
const whole = { startMs: 0, endMs: durationMs };
export const options =
  steps === undefined
    ? suiteOptions(settings, scenarios)
    : suiteOptions(
        settings,
        { ...scenarios, watch: monitorScenario('watch', whole) },
        k6Stops(steps[1]?.endMs ?? durationMs),
      );
export const { traffic, probes, refill } = does;
export const monitor = serverMonitor(settings, plan.phases);
export const watch = breakWatch(steps ?? [], settings.targets, probeRate + fillRate(hotSet), durationMs);
// The watch of a rising load must see all of it.
export const setup = () =>
  steps === undefined ? prepareSegment(settings, client, hotSet) : prepare(settings, client, true);
export const handleSummary = summaryHandler(settings);
