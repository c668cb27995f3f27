import { type Config, ConfigError, formatDuration, nearest } from '../config';
import { COMPONENTS, type ComponentsPlan, componentsPlanOf } from './components';
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
    `there is no profile ${JSON.stringify(name)}${near === null ? '' : `; did you mean ${near}?`} Known are ${names.join(', ')}`,
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

/**
 * The plan of any scenario.
 *
 * @returns null for a scenario that makes its own; such a run is judged, but not held against a plan.
 * @throws ConfigError as above.
 */
export function planFor(scenario: string, config: Config, uptimeSamples: number): RunPlan | null {
  if (scenario === 'load') return loadPlan(config, uptimeSamples);
  if (scenario === 'targets') return sectionsPlan(config, uptimeSamples);
  return scenario === 'components' ? componentsPlan(config) : null;
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
  const longestTtlMs = config.PERF_CACHE_TTL * LONGEST_TTL_FACTOR;
  if (needsCold && plan.coldReturnMs !== null && plan.coldReturnMs < longestTtlMs) {
    problems.push(
      `cold symbols would be asked for again after ${formatDuration(plan.coldReturnMs)}, while a price may stay cached for ` +
        `${formatDuration(longestTtlMs)}: what is called cold would be cached; lower PERF_COLD_SHARE or the rate`,
    );
  }
  return problems;
}

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
