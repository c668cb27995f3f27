import { type Config, ConfigError, parseConfig } from '../config';
import { onlyOf, planProblems, type RunPlan } from '../profiles';
import { LimitsError, type Target, targetsFor, uptimeSamples } from '../thresholds';

/** What a script was told by its environment: its overrides, and the targets that are in force for it. */
export interface Settings {
  readonly config: Config;
  readonly target: string;
  readonly targets: readonly Target[];
  /** Fewest probes that the uptime target needs. */
  readonly uptimeSamples: number;
}

/**
 * Reads and checks the environment of a scenario; k6 init code, since it may open the limits file.
 *
 * @throws Error with every problem, which k6 prints before it ends with 107.
 */
export function readSettings(scenario: string): Settings {
  return readable(() => {
    const config = parseConfig(__ENV);
    if (config.PERF_TARGET === null) throw new ConfigError(['PERF_TARGET must say which server to test']);
    // k6 reads its proxy from these alone; without them the requests would go past the proxy, unnoticed.
    if (
      config.PERF_PROXY !== null &&
      !(__ENV.HTTP_PROXY || __ENV.http_proxy || __ENV.HTTPS_PROXY || __ENV.https_proxy)
    ) {
      throw new ConfigError(['PERF_PROXY needs HTTP_PROXY and HTTPS_PROXY to be set as well, which is what k6 reads']);
    }
    const limits = config.PERF_THRESHOLDS === null ? null : open(absolute(config.PERF_THRESHOLDS));
    const targets = targetsFor(scenario, onlyOf(config), limits);
    return { config, target: config.PERF_TARGET, targets, uptimeSamples: uptimeSamples(targets) };
  });
}

/** The plan, unless it could not give a fair verdict. */
export function readPlan<P extends RunPlan>(settings: Settings, make: (settings: Settings) => P): P {
  return readable(() => {
    const plan = make(settings);
    const hitRate = settings.targets.find((target) => target.id === 'cache-hit-rate' && target.severity === 'fail');
    const problems = planProblems(plan, settings.config, hitRate?.limit ?? null);
    if (problems.length > 0) throw new ConfigError(problems);
    return plan;
  });
}

/** A path as the user meant it: k6 resolves relative ones from the script's folder, people from where they stand. */
export const absolute = (path: string): string =>
  path.startsWith('/') || /^[A-Za-z]:/.test(path) ? path : `${__ENV.PWD ?? '.'}/${path}`;

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError || error instanceof LimitsError) {
      throw new Error(`fiml-perf cannot start:\n- ${error.problems.join('\n- ')}`);
    }
    throw error;
  }
}
