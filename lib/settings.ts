import { type Config, ConfigError, type OverrideName, parseConfig } from '../config';
import { conditionsOf, onlyOf, planProblems, profileNamed, type RunPlan, stressProblems } from '../profiles';
import { cacheClaims, LimitsError, type Target, targetsFor, uptimeSamples } from '../thresholds';

/** What a script was told by its environment, as far as its virtual users need it. */
export interface Settings {
  readonly scenario: string;
  readonly config: Config;
  readonly target: string;
  /** What a P95 may be for the load to count as carried out; null: no target says so. */
  readonly capacityMs: number | null;
}

/** With what only k6's first initialisation needs. */
export interface AllSettings extends Settings {
  /** In force for the scenario under these overrides. */
  readonly targets: readonly Target[];
  /** Fewest probes that the uptime target needs. */
  readonly uptimeSamples: number;
  /** The client certificate and its key, PEM. */
  readonly tlsAuth: { readonly cert: string; readonly key: string } | null;
}

/**
 * Reads and checks the environment of a scenario; k6 init code, since it opens the files that are named there.
 *
 * @throws Error with every problem, which k6 prints before it ends with 107.
 */
export function readSettings(scenario: string): AllSettings {
  const problems: string[] = [];
  const config = noting(problems, () => parseConfig(__ENV));
  if (!__ENV.PERF_TARGET) problems.push('PERF_TARGET must say which server to test');
  // k6 reads its proxy from these alone; without them the requests would go past the proxy, unnoticed.
  if (__ENV.PERF_PROXY && !(__ENV.HTTP_PROXY || __ENV.http_proxy || __ENV.HTTPS_PROXY || __ENV.https_proxy)) {
    problems.push('PERF_PROXY needs HTTP_PROXY and HTTPS_PROXY to be set as well, which is what k6 reads');
  }
  if (config !== null) {
    noting(problems, () => profileNamed(config.PERF_PROFILE));
    problems.push(...stressProblems(scenario, config));
    const cert = openNamed(problems, 'PERF_TLS_CERT', config.PERF_TLS_CERT);
    const key = openNamed(problems, 'PERF_TLS_KEY', config.PERF_TLS_KEY);
    const limits = openNamed(problems, 'PERF_THRESHOLDS', config.PERF_THRESHOLDS);
    const targets = noting(problems, () =>
      targetsFor(scenario, conditionsOf(scenario, config), onlyOf(config), limits),
    );
    if (problems.length === 0 && config.PERF_TARGET !== null && targets !== null) {
      const tlsAuth = cert === null || key === null ? null : { cert, key };
      return {
        scenario,
        config,
        target: config.PERF_TARGET,
        capacityMs: targets.find(({ statistic }) => statistic === 'p95-at-capacity')?.limit ?? null,
        targets,
        uptimeSamples: uptimeSamples(targets),
        tlsAuth,
      };
    }
  }
  throw cannotStart(problems);
}

/**
 * The second server of `ab`.
 *
 * @throws Error when none is named, or it is the first one again.
 */
export function readCandidate({ config, target }: Settings): string {
  const candidate = config.PERF_CANDIDATE;
  if (candidate === null) throw cannotStart(['PERF_CANDIDATE must say which server to compare with PERF_TARGET']);
  if (candidate === target) throw cannotStart(['PERF_CANDIDATE and PERF_TARGET are the same server']);
  return candidate;
}

/** The plan, unless it could not give a fair verdict. */
export function readPlan<P extends RunPlan>(settings: AllSettings, make: () => P): P {
  const problems: string[] = [];
  const plan = noting(problems, make);
  if (plan !== null) {
    problems.push(...planProblems(plan, settings.config, cacheClaims(settings.targets)));
    if (problems.length === 0) return plan;
  }
  throw cannotStart(problems);
}

/** A path as the user meant it: k6 resolves relative ones from the script's folder, people from where they stand. */
export const absolute = (path: string): string =>
  path.startsWith('/') || /^[A-Za-z]:/.test(path) ? path : `${__ENV.PWD ?? '.'}/${path}`;

/** What `read` gives; null, and its problems noted, when something is wrong with what the user said. */
function noting<T>(problems: string[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof LimitsError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}

/** The text of the file that an override names; k6's own error would not say which override that is. */
function openNamed(problems: string[], name: OverrideName, path: string | null): string | null {
  if (path === null) return null;
  try {
    return open(absolute(path));
  } catch (error) {
    problems.push(
      `${name} names a file that cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

const cannotStart = (problems: readonly string[]): Error =>
  new Error(`fiml-perf cannot start:\n- ${problems.join('\n- ')}`);
