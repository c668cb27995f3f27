import { withoutCredentials } from './address';
import type { OverrideName } from './overrides';
import type { Config } from './parse';

/** Overrides that shape the load: runs that differ in one of them have not measured the same. */
export const SHAPING = [
  'PERF_MODEL',
  'PERF_USERS',
  'PERF_SPAWN_RATE',
  'PERF_RATE',
  'PERF_DURATION',
  'PERF_TIME_SCALE',
  'PERF_SEED',
  'PERF_COLD_SHARE',
  'PERF_CACHE_TTL',
  'PERF_PROBE_RATE',
  'PERF_ONLY',
  'PERF_TIMEOUT',
] as const satisfies readonly OverrideName[];

/** What must be the same for all k6 that share a load. */
export const ONE_LOAD = ['PERF_TARGET', 'PERF_PROFILE', ...SHAPING] as const;

/** What a load is, by the names of `ONE_LOAD` that have a value, for tags: as text, durations in ms, without credentials. */
export const loadTags = (config: Config): Record<string, string> =>
  Object.fromEntries(
    ONE_LOAD.flatMap((name) => (config[name] === null ? [] : [[name, withoutCredentials(String(config[name]))]])),
  );
