/** Rounds of the same requests while the server's memory is watched: what a round leaves behind, every further one adds. */
import { fimlClient } from '../lib/client';
import { phaseClock } from '../lib/clock';
import { iterationInTest } from '../lib/iteration';
import { lazily } from '../lib/lazily';
import { arrivals, endOfTest, memoryLeakPlan, monitorScenario, prepare, suiteOptions } from '../lib/once';
import { planned } from '../lib/planned';
import { serverMonitor } from '../lib/seldom';
import { sharedMix } from '../lib/shared-mix';
import type { SummaryData } from '../lib/summary';
import { analyse, hotPrice, queryDsl } from '../lib/traffic';
import { hotSet } from '../profiles';

const { settings, plan, optionsOf } = planned('memory-leak', (all) => memoryLeakPlan(all.config));
const { config } = settings;

const client = fimlClient(settings);
const now = phaseClock(plan.phases);
const stepOf = sharedMix(config.PERF_SEED);
const symbols = hotSet(config.PERF_CACHE_TTL);
/** The hot set's symbols change with time; those of its beginning serve every round. */
const ALWAYS_MS = 0;

export const options = optionsOf(({ ratePerS, vuCeiling, arrivalsMs, durationMs }) =>
  suiteOptions(settings, {
    rounds: arrivals(settings, 'rounds', ratePerS, vuCeiling.rounds ?? 1, {
      startMs: 0,
      endMs: arrivalsMs,
    }),
    monitor: monitorScenario('monitor', { startMs: 0, endMs: durationMs }),
  }),
);

export const setup = () => prepare(settings, client, []);
export const handleSummary = (data: SummaryData) => endOfTest(settings, data);
export const monitor = lazily(() => serverMonitor(settings, plan.phases, undefined, plan.lookEveryMs));

export function rounds(): void {
  now();
  const { kind, ordinal } = stepOf(iterationInTest() % plan.iterationsPerRound);
  if (kind === 'price') client.send(hotPrice(symbols, ordinal, ALWAYS_MS), 'price');
  else if (kind === 'analysis') analyse(client, symbols, ordinal, ALWAYS_MS);
  else queryDsl(client, ordinal);
}
