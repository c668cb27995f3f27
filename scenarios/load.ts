/** The guide's traffic under a load profile: 80 % price queries, 15 % analyses, 5 % FK-DSL, judged by every target. */
import { sleep } from 'k6';
import exec from 'k6/execution';
import { fimlClient } from '../lib/client';
import { phaseClock } from '../lib/clock';
import { summaryHandler } from '../lib/handle-summary';
import { coldOrdinal, hash, trafficMix } from '../lib/mix';
import { serverMonitor } from '../lib/monitor';
import { arrivals, gracefulStop, monitorScenario, suiteOptions, thinkTimeS } from '../lib/options';
import { probe } from '../lib/probes';
import { refill as refillHotSet } from '../lib/refill';
import { readPlan, readSettings } from '../lib/settings';
import { prepare } from '../lib/setup';
import { analyse, askCold, hotPrice, queryDsl } from '../lib/traffic';
import { fillRate, loadPlan } from '../profiles';

const settings = readSettings('load');
const { config } = settings;
const plan = readPlan(settings, () => loadPlan(config, settings.uptimeSamples));
const { hotSet, durationMs, vuCeiling } = plan;

const client = fimlClient(settings);
const now = phaseClock(plan.phases);
const stepOf = trafficMix(config.PERF_SEED);

const stages = plan.stages.map((stage) => ({ duration: `${stage.durationMs}ms`, target: stage.target }));
const window = { startMs: 0, endMs: durationMs };

export const options = suiteOptions(settings, {
  traffic:
    plan.model === 'open'
      ? {
          exec: 'traffic',
          executor: 'ramping-arrival-rate',
          startRate: 0,
          timeUnit: '1s',
          stages,
          preAllocatedVUs: vuCeiling.traffic,
          gracefulStop: gracefulStop(settings),
        }
      : {
          exec: 'traffic',
          executor: 'ramping-vus',
          startVUs: 0,
          stages,
          gracefulRampDown: gracefulStop(settings),
          gracefulStop: gracefulStop(settings),
        },
  probes: arrivals(settings, 'probes', plan.probeRate, vuCeiling.probes, window),
  refill: arrivals(settings, 'refill', fillRate(hotSet), vuCeiling.refill, window),
  monitor: monitorScenario('monitor', window),
});

export const setup = () => prepare(settings, client, true);
export const handleSummary = summaryHandler(settings);
export const monitor = serverMonitor(settings, plan.phases);

export function traffic(): void {
  const elapsedMs = now();
  const iteration = exec.scenario.iterationInTest;
  const { kind, ordinal } = stepOf(iteration);
  if (kind === 'price') {
    const cold = coldOrdinal(config.PERF_COLD_SHARE, ordinal);
    if (cold === null) client.send(hotPrice(hotSet, ordinal, elapsedMs), 'price', 'hot');
    else askCold(client, cold);
  } else if (kind === 'analysis') {
    analyse(client, hotSet, ordinal, elapsedMs);
  } else {
    queryDsl(client, ordinal);
  }
  if (plan.model === 'closed') sleep(thinkTimeS(hash(config.PERF_SEED, iteration)));
}

export function probes(): void {
  const elapsedMs = now();
  probe(client, hotSet, exec.scenario.iterationInTest, elapsedMs);
}

export function refill(): void {
  refillHotSet(client, hotSet, now());
}
