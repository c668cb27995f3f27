import type { Options, Scenario } from 'k6/options';
import { type PlannedSection, type RunPlan, TASK_DEADLINE_MS } from '../profiles';
import { type K6Stop, type K6Thresholds, k6Thresholds, SUMMARY_TREND_STATS } from '../thresholds';
import { readSettings, type Settings } from './settings';

/**
 * Options that every scenario of the suite shares: how to reach the target, what to record, what to gate.
 *
 * @param stops thresholds that end the test before its time.
 */
export function suiteOptions(
  settings: Settings,
  scenarios: Record<string, Scenario>,
  stops: Record<string, K6Stop[]> = {},
): Options {
  const { config, targets, tlsAuth } = readSettings(settings.scenario);
  return {
    scenarios,
    // k6 that is told to judge nothing would keep the values of each series that a threshold names all the same.
    thresholds: __ENV.K6_NO_THRESHOLDS === 'true' ? {} : withStops(k6Thresholds(targets), stops),
    // Each tag is paid for in every sample and multiplies the series: these four are what the reports use.
    systemTags: ['name', 'scenario', 'status', 'error_code'],
    summaryTrendStats: SUMMARY_TREND_STATS,
    insecureSkipTLSVerify: config.PERF_TLS_INSECURE,
    // Setup fills the hot set in one go; k6's own limits would make six rounds of it.
    batch: 20,
    batchPerHost: 20,
    setupTimeout: `${config.PERF_TIMEOUT * 2 + 10_000}ms`,
    userAgent: 'fiml-perf',
    ...(tlsAuth === null ? {} : { tlsAuth: [tlsAuth] }),
  };
}

const withStops = (thresholds: K6Thresholds, stops: Record<string, K6Stop[]>): NonNullable<Options['thresholds']> => ({
  ...thresholds,
  ...Object.fromEntries(Object.entries(stops).map(([key, stop]) => [key, [...(thresholds[key] ?? []), ...stop]])),
});

/**
 * Iterations that start at a constant rate, whatever the server does.
 *
 * @param window ms after the run's start.
 */
export function arrivals(
  settings: Settings,
  exec: string,
  ratePerS: number,
  vus: number,
  window: { readonly startMs: number; readonly endMs: number },
): Scenario {
  return {
    exec,
    executor: 'constant-arrival-rate',
    // k6 takes whole numbers only: a rate such as 2.86/s is written per 100 s.
    rate: Math.round(ratePerS * 100),
    timeUnit: '100s',
    startTime: `${window.startMs}ms`,
    duration: `${window.endMs - window.startMs}ms`,
    preAllocatedVUs: vus,
    gracefulStop: gracefulStop(settings),
  };
}

/** The iterations of each section of a plan, which executes what has its name. */
export function sectionArrivals(
  settings: Settings,
  { sections, vuCeiling }: Pick<RunPlan, 'vuCeiling'> & { readonly sections: readonly PlannedSection<string>[] },
): Record<string, Scenario> {
  const scenarios: Record<string, Scenario> = {};
  for (const section of sections) {
    const { name, ratePerS } = section;
    scenarios[name] = arrivals(settings, name, ratePerS, vuCeiling[name] ?? 1, section);
  }
  return scenarios;
}

/** The one VU of the server monitor, or of whoever else looks on. */
export const monitorScenario = (
  exec: string,
  window: { readonly startMs: number; readonly endMs: number },
): Scenario => ({
  exec,
  executor: 'constant-vus',
  vus: 1,
  startTime: `${window.startMs}ms`,
  duration: `${window.endMs - window.startMs}ms`,
  gracefulStop: '5s',
});

/**
 * How long iterations may go on after the last one has started: until the slowest answer has come or timed out, so that
 * what was asked is also counted.
 */
export const gracefulStop = (settings: Settings): string => `${settings.config.PERF_TIMEOUT + TASK_DEADLINE_MS}ms`;
