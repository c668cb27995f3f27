import { sleep } from 'k6';
import type { Plan } from '../profiles';
import type { Client } from './client';
import { phaseClock } from './clock';
import { iterationInTest } from './iteration';
import { coldOrdinal, hash } from './mix';
import type { UserPlan } from './planned';
import { probe, refill as refillHotSet } from './seldom';
import type { Settings } from './settings';
import { sharedMix } from './shared-mix';
import { thinkTimeS } from './think-time';
import { analyse, askCold, hotPrice, queryDsl } from './traffic';

/** What users do on any day: what the k6 scenarios of `userScenarios` execute. */
export interface Users {
  traffic(): void;
  probes(): void;
  refill(): void;
}

/** The guide's traffic as a plan wants it: 80 % price queries, 15 % analyses, 5 % FK-DSL; k6 init code. */
export function users(settings: Settings, plan: UserPlan<Plan>, client: Client): Users {
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
