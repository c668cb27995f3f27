import { type Config, ConfigError, formatDuration, nearest, stressRefusal } from '../config';
import { COMPONENTS, type ComponentsPlan, componentsPlanOf } from './components';
import { type FaultPlan, faultPlanOf, type TricklePlan, tricklePlanOf } from './fault-plan';
import { type Drivers, FAULTS, type Fault, type FaultScenario, isFaultScenario } from './faults';
import { type MemoryLeakPlan, memoryLeakPlanOf } from './memory-leak';
import { type LoadSettings, type Plan, planOf, type RunPlan, SHORTEST_STEADY_MS } from './plan';
import { isJudged, PROFILES, type Profile } from './profile';
import { type SectionsPlan, sectionsPlanOf } from './sections';

/** The off-hours price TTL is this many times the configured one. */
const LONGEST_TTL_FACTOR = 4;

/** @throws ConfigError when there is no such profile, with the nearest name. */
export function profileNamed(name: string): Profile {
  const profile = PROFILES.get(name);
  if (profile !== undefined) return profile;
  const names = [...PROFILES.keys()];
  const near = nearest(name, names);
  throw new ConfigError([
    `there is no profile ${JSON.stringify(name)}${near === null ? '.' : `; did you mean ${near}?`} Known are ${names.join(', ')}`,
  ]);
}

/** @throws ConfigError for an unknown profile. */
export const loadPlan = (config: Config, uptimeSamples: number): Plan =>
  planOf(profileNamed(config.PERF_PROFILE), settingsOf(config), uptimeSamples);

/** @throws ConfigError for an unknown profile, and for the closed model, which sections do not have. */
export function sectionsPlan(config: Config, uptimeSamples: number): SectionsPlan {
  if (config.PERF_MODEL === 'closed') {
    throw new ConfigError(['the scenario targets measures at fixed arrival rates: leave out PERF_MODEL=closed']);
  }
  return sectionsPlanOf(profileNamed(config.PERF_PROFILE), settingsOf(config), onlyOf(config), uptimeSamples);
}

/**
 * @throws ConfigError for an unknown profile, for the closed model, and when PERF_ONLY leaves nothing to be sent: only the
 *   components' own targets have a section.
 */
export function componentsPlan(config: Config): ComponentsPlan {
  if (config.PERF_MODEL === 'closed') {
    throw new ConfigError(['the scenario components measures at fixed arrival rates: leave out PERF_MODEL=closed']);
  }
  const plan = componentsPlanOf(profileNamed(config.PERF_PROFILE), settingsOf(config), onlyOf(config));
  if (plan !== null) return plan;
  throw new ConfigError([
    `PERF_ONLY names nothing that the scenario components can measure over HTTP; there are ${COMPONENTS.map(({ target }) => target).join(', ')}`,
  ]);
}

/** @throws ConfigError for an unknown profile. */
export const faultPlan = (scenario: FaultScenario, config: Config): FaultPlan =>
  faultPlanOf(faultOf(scenario, config)?.pressure ?? null, profileNamed(config.PERF_PROFILE), settingsOf(config));

/** @throws ConfigError for the closed model, which it does not have. */
export function tricklePlan(config: Config): TricklePlan {
  if (config.PERF_MODEL === 'closed') {
    throw new ConfigError(['the scenario redis-down asks at fixed arrival rates: leave out PERF_MODEL=closed']);
  }
  return tricklePlanOf(settingsOf(config));
}

/**
 * The fault that a scenario is going to make.
 *
 * @returns null for a scenario that makes none.
 * @throws ConfigError when it has no fault of the name in `PERF_FAULT`.
 */
export function faultOf(scenario: string, config: Config): Fault | null {
  const name = config.PERF_FAULT;
  if (!isFaultScenario(scenario)) {
    if (name === null) return null;
    throw new ConfigError([`the scenario ${scenario} makes no fault: leave out PERF_FAULT`]);
  }
  const faults: readonly [Fault, ...Fault[]] = FAULTS[scenario];
  if (name === null) return faults[0];
  const fault = faults.find((one) => one.name === name);
  if (fault !== undefined) return fault;
  throw new ConfigError([
    `the scenario ${scenario} has no fault ${JSON.stringify(name)}; it has ${faults.map((one) => one.name).join(', ')}`,
  ]);
}

/** The drivers of faults that the overrides name. */
export const driversOf = (config: Config): Drivers => ({
  toxiproxy: config.PERF_TOXIPROXY,
  control: config.PERF_CONTROL,
  hook: config.PERF_FAULT_HOOK,
});

/** Profiles that bring a server to its limits. */
const STRESS_PROFILES: readonly string[] = ['peak', 'spike', 'breakpoint'];

/** Whether a run is more than a server's owner would see on a normal day. */
export const isStress = (scenario: string, config: Config): boolean =>
  isFaultScenario(scenario) || STRESS_PROFILES.includes(config.PERF_PROFILE);

/** Why a run must not be made on its target; empty when it may, or has no target yet. */
export function stressProblems(scenario: string, config: Config): string[] {
  if (config.PERF_TARGET === null || !isStress(scenario, config)) return [];
  const refusal = stressRefusal(config.PERF_TARGET, config.PERF_ALLOW_STRESS);
  return refusal === null ? [] : [refusal];
}

/**
 * Under what a run's targets are in force.
 *
 * @throws ConfigError as `faultOf`.
 */
export const conditionsOf = (
  scenario: string,
  config: Config,
): { readonly profile: string; readonly fault: string | null } => ({
  profile: config.PERF_PROFILE,
  fault: faultOf(scenario, config)?.name ?? null,
});

/** @throws ConfigError for an unknown profile, and for the closed model: users who wait would make rounds of other lengths. */
export function memoryLeakPlan(config: Config): MemoryLeakPlan {
  if (config.PERF_MODEL === 'closed') {
    throw new ConfigError([
      'the scenario memory-leak repeats rounds at a fixed arrival rate: leave out PERF_MODEL=closed',
    ]);
  }
  return memoryLeakPlanOf(profileNamed(config.PERF_PROFILE), settingsOf(config));
}

/**
 * The plan of any scenario.
 *
 * @returns null for a scenario that makes its own; such a run is judged, but not held against a plan.
 * @throws ConfigError as above.
 */
export function planFor(scenario: string, config: Config, uptimeSamples: number): RunPlan | null {
  if (scenario === 'load') return loadPlan(config, uptimeSamples);
  if (scenario === 'targets') return sectionsPlan(config, uptimeSamples);
  if (scenario === 'redis-down') return tricklePlan(config);
  if (isFaultScenario(scenario)) return faultPlan(scenario, config);
  if (scenario === 'components') return componentsPlan(config);
  return scenario === 'memory-leak' ? memoryLeakPlan(config) : null;
}

/** The ids in `PERF_ONLY`; null for all. */
export const onlyOf = (config: Config): string[] | null =>
  config.PERF_ONLY === null
    ? null
    : config.PERF_ONLY.split(',')
        .map((id) => id.trim())
        .filter((id) => id !== '');

/**
 * Why a plan cannot give a fair verdict; better said before any load than judged after it.
 *
 * @param claims what the targets in force claim of the cache.
 */
export function planProblems(
  plan: RunPlan,
  config: Config,
  { hitRateLimit, needsCold }: { readonly hitRateLimit: number | null; readonly needsCold: boolean },
): string[] {
  const problems: string[] = [];
  if (config.PERF_MODEL === 'closed' && plan.phases.some(({ phase }) => phase === 'rise')) {
    problems.push(
      'a breakpoint is looked for at arrival rates, which users who wait for their answers do not keep: leave out PERF_MODEL=closed',
    );
  }
  const judged = plan.phases.filter(({ phase }) => isJudged(phase));
  for (const { phase, startMs, endMs } of judged.filter(
    (window) => window.endMs - window.startMs < SHORTEST_STEADY_MS,
  )) {
    problems.push(
      `the phase ${phase} would last ${formatDuration(endMs - startMs)}, which is too short to measure anything in; it ` +
        `takes ${formatDuration(SHORTEST_STEADY_MS)} at least: raise PERF_TIME_SCALE`,
    );
  }
  if (plan.bestHitRate !== null && hitRateLimit !== null && plan.bestHitRate <= hitRateLimit) {
    problems.push(
      `this traffic cannot reach a cache hit rate above ${percent(hitRateLimit)}: at best ${percent(plan.bestHitRate)} of ` +
        'its reads are hits; lower PERF_COLD_SHARE or raise the rate, so that refills weigh less',
    );
  }
  const longestMs = longestTtlMs(config);
  if (needsCold && plan.coldReturnMs !== null && plan.coldReturnMs < longestMs) {
    problems.push(
      `cold symbols would be asked for again after ${formatDuration(plan.coldReturnMs)}, while a price may stay cached for ` +
        `${formatDuration(longestMs)}: what is called cold would be cached; lower PERF_COLD_SHARE or the rate`,
    );
  }
  return problems;
}

/** Longest time for which the target may keep a price. */
export const longestTtlMs = (config: Config): number => config.PERF_CACHE_TTL * LONGEST_TTL_FACTOR;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const settingsOf = (config: Config): LoadSettings => ({
  model: config.PERF_MODEL,
  users: config.PERF_USERS,
  spawnRate: config.PERF_SPAWN_RATE,
  rate: config.PERF_RATE,
  steadyMs: config.PERF_DURATION,
  timeScale: config.PERF_TIME_SCALE,
  coldShare: config.PERF_COLD_SHARE,
  cacheTtlMs: config.PERF_CACHE_TTL,
  probeRate: config.PERF_PROBE_RATE,
});
