/** Rounds of the same requests while the server's memory is watched: what a round leaves behind, every further one adds. */
import exec from 'k6/execution';
import { fimlClient } from '../lib/client';
import { phaseClock } from '../lib/clock';
import { hitRateWatch } from '../lib/counter-watch';
import { summaryHandler } from '../lib/handle-summary';
import { trafficMix } from '../lib/mix';
import { serverMonitor } from '../lib/monitor';
import { arrivals, monitorScenario, suiteOptions } from '../lib/options';
import { readPlan, readSettings } from '../lib/settings';
import { prepare } from '../lib/setup';
import { analyse, hotPrice, queryDsl } from '../lib/traffic';
import { hotSet, memoryLeakPlan } from '../profiles';

const settings = readSettings('memory-leak');
const { config } = settings;
const plan = readPlan(settings, () => memoryLeakPlan(config));

const client = fimlClient(settings);
const now = phaseClock(plan.phases);
const stepOf = trafficMix(config.PERF_SEED);
const symbols = hotSet(config.PERF_CACHE_TTL);
/** The hot set's symbols change with time; those of its beginning serve every round. */
const ALWAYS_MS = 0;

export const options = suiteOptions(settings, {
  rounds: arrivals(settings, 'rounds', plan.ratePerS, plan.vuCeiling.rounds ?? 1, {
    startMs: 0,
    endMs: plan.arrivalsMs,
  }),
  monitor: monitorScenario('monitor', { startMs: 0, endMs: plan.durationMs }),
});

export const setup = () => prepare(settings, client, false);
export const handleSummary = summaryHandler(settings);
export const monitor = serverMonitor(settings, plan.phases, hitRateWatch(), plan.lookEveryMs);

export function rounds(): void {
  now();
  const { kind, ordinal } = stepOf(exec.scenario.iterationInTest % plan.iterationsPerRound);
  if (kind === 'price') client.send(hotPrice(symbols, ordinal, ALWAYS_MS), 'price');
  else if (kind === 'analysis') analyse(client, symbols, ordinal, ALWAYS_MS);
  else queryDsl(client, ordinal);
}
