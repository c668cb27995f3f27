import { sleep } from 'k6';
import type { Scenario } from 'k6/options';
import { fillRate, type Plan } from '../profiles';
import type { Client } from './client';
import { phaseClock } from './clock';
import { iterationInTest } from './iteration';
import { coldOrdinal, hash } from './mix';
import { arrivals, gracefulStop, monitorScenario, thinkTimeS } from './options';
import { probe } from './probes';
import { refill as refillHotSet } from './refill';
import type { Settings } from './settings';
import { sharedMix } from './shared-mix';
import { analyse, askCold, hotPrice, queryDsl } from './traffic';

/** What users do on any day: what the k6 scenarios of {@link userScenarios} execute. */
export interface Users {
  traffic(): void;
  probes(): void;
  refill(): void;
}

/** Who uses the server as a plan wants it, and who watches it. */
export function userScenarios(
  settings: Settings,
  plan: Plan,
): Record<'traffic' | 'probes' | 'refill' | 'monitor', Scenario> {
  const { hotSet, durationMs, vuCeiling } = plan;
  const stages = plan.stages.map((stage) => ({ duration: `${stage.durationMs}ms`, target: stage.target }));
  const window = { startMs: 0, endMs: durationMs };
  return {
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
  };
}

/** The guide's traffic as a plan wants it: 80 % price queries, 15 % analyses, 5 % FK-DSL; k6 init code. */
export function users(settings: Settings, plan: Plan, client: Client): Users {
  const { config } = settings;
  const { hotSet } = plan;
  const now = phaseClock(plan.phases);
  const stepOf = sharedMix(config.PERF_SEED);
  return {
    traffic() {
      const elapsedMs = now();
      const iteration = iterationInTest();
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
    },
    probes() {
      const elapsedMs = now();
      probe(client, hotSet, iterationInTest(), elapsedMs);
    },
    refill() {
      refillHotSet(client, hotSet, now());
    },
  };
}
