/** The guide's traffic under a load profile: 80 % price queries, 15 % analyses, 5 % FK-DSL, judged by every target. */
import { fimlClient } from '../lib/client';
import { summaryHandler } from '../lib/handle-summary';
import { serverMonitor } from '../lib/monitor';
import { suiteOptions } from '../lib/options';
import { readPlan, readSettings } from '../lib/settings';
import { prepare } from '../lib/setup';
import { users } from '../lib/users';
import { loadPlan } from '../profiles';

const settings = readSettings('load');
const plan = readPlan(settings, () => loadPlan(settings.config, settings.uptimeSamples));
const client = fimlClient(settings);

const { scenarios, ...does } = users(settings, plan, client);
export const options = suiteOptions(settings, scenarios);
export const { traffic, probes, refill } = does;
export const monitor = serverMonitor(settings, plan.phases);
export const setup = () => prepare(settings, client, true);
export const handleSummary = summaryHandler(settings);
