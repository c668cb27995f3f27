import type { Scenario } from 'k6/options';
import { fillRate, type Plan } from '../profiles';
import { arrivals, gracefulStop, monitorScenario } from './options';
import type { Settings } from './settings';

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
