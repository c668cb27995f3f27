import {
  type Config,
  OVERRIDES,
  type Override,
  type OverrideName,
  parseConfig,
  withoutCredentials,
} from '../../config';
import type { Run } from '../result/run';

export interface Effective {
  readonly config: Config;
  /** For k6 and whatever else is started: the caller's environment with the command line's overrides on top. */
  readonly env: NodeJS.ProcessEnv;
  /** What `run.json` says of the overrides: a secret's value is only ever `set`. */
  readonly options: Run['options'];
}

/**
 * The overrides in force: the command line's before the environment's before the defaults.
 *
 * @throws ConfigError with everything that is wrong.
 */
export function effectiveOverrides(env: NodeJS.ProcessEnv, flags: Partial<Record<OverrideName, string>>): Effective {
  const merged: NodeJS.ProcessEnv = { ...env, ...flags };
  const config = parseConfig(merged);
  const options: Run['options'] = {};
  for (const override of OVERRIDES as readonly Override[]) {
    const name = override.name as OverrideName;
    const value = merged[name] || override.fallback;
    if (value === undefined) continue;
    options[name] = {
      value: override.secret ? 'set' : override.type === 'url' ? withoutCredentials(value) : value,
      source: flags[name] !== undefined ? 'command line' : env[name] ? 'environment' : 'default',
    };
  }
  return { config, env: merged, options };
}

/** k6's own variables that would silently replace a scenario's load or judgement. */
const HARMFUL = [
  'K6_VUS',
  'K6_DURATION',
  'K6_ITERATIONS',
  'K6_STAGES',
  'K6_EXECUTION_SEGMENT',
  'K6_EXECUTION_SEGMENT_SEQUENCE',
  'K6_NO_THRESHOLDS',
  'K6_NO_SETUP',
  'K6_NO_TEARDOWN',
  'K6_SUMMARY_MODE',
  'K6_SUMMARY_TREND_STATS',
  'K6_NEW_MACHINE_READABLE_SUMMARY',
  'K6_SYSTEM_TAGS',
  'K6_TAGS',
  'K6_RPS',
  'K6_LOG_OUTPUT',
  'K6_LOG_FORMAT',
];

/** Takes those variables out of an environment, and names the ones it found. */
export function withoutHarmful(env: NodeJS.ProcessEnv): { env: NodeJS.ProcessEnv; removed: string[] } {
  const removed = HARMFUL.filter((name) => env[name] !== undefined);
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !HARMFUL.includes(name)));
  return { env: kept, removed };
}

/** Everything that must not appear in a file, longest first so that no part of one is left standing. */
export function secretsOf(config: Config): string[] {
  const inUrl = (url: string | null) => {
    const userinfo = url === null ? undefined : /^https?:\/\/([^/@]*)@/.exec(url)?.[1];
    return userinfo === undefined ? [] : [userinfo, ...userinfo.split(':')].flatMap((word) => [word, unescaped(word)]);
  };
  return [
    ...inUrl(config.PERF_TARGET),
    ...inUrl(config.PERF_CANDIDATE),
    ...inUrl(config.PERF_PROXY),
    ...inUrl(config.PERF_PROMETHEUS),
    ...(config.PERF_PROXY === null ? [] : [config.PERF_PROXY]),
    ...(config.PERF_AUTHORIZATION === null
      ? []
      : [config.PERF_AUTHORIZATION, ...config.PERF_AUTHORIZATION.split(/\s+/).slice(1)]),
    ...Object.values(config.PERF_HEADERS ?? {}),
    ...[config.PERF_FAULT_ON, config.PERF_FAULT_OFF].filter((command) => command !== null),
  ]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}

/** As others than this suite will write it: a password that an address holds is escaped there. */
function unescaped(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** Shorter words would blacken half the log, and are no secrets. */
const SHORTEST_SECRET = 4;

/** A text with every secret in it replaced. */
export const redacted = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.split(secret).join('***'), text);
