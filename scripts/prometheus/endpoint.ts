import type { Config } from '../../config';

/** Where samples are written to, and as whom. */
export interface PrometheusEndpoint {
  /** The write address itself, without user name and password. */
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
}

/** Write addresses by which others than Prometheus itself (Mimir, Cortex, Thanos) take the same protocol. */
const WRITE_PATH = /\/api\/v1\/(write|push|receive)$/;

/** The endpoint that `PERF_PROMETHEUS` names, by Prometheus' address or by the write address itself; null: none. */
export function endpointOf({ PERF_PROMETHEUS: given }: Pick<Config, 'PERF_PROMETHEUS'>): PrometheusEndpoint | null {
  if (given === null) return null;
  const { username, password, origin, pathname } = new URL(given);
  const path = pathname.replace(/\/$/, '');
  return {
    url: `${origin}${WRITE_PATH.test(path) ? path : `${path}/api/v1/write`}`,
    username: username === '' ? null : decodeURIComponent(username),
    password: password === '' ? null : decodeURIComponent(password),
  };
}

const FEATURE = 'native-histograms';

/**
 * What k6's output reads: user name and password travel in the environment, since a command line can be read by others.
 * Histograms are native, so that quantiles of several series and of any stretch of time can be had; stale markers end the
 * series with the test instead of five minutes later.
 *
 * @param features k6's `K6_FEATURES` as the user set it, which stays in force.
 */
export const k6OutputEnv = (
  { url, username, password }: PrometheusEndpoint,
  features: string | undefined,
): NodeJS.ProcessEnv => ({
  K6_PROMETHEUS_RW_SERVER_URL: url,
  ...(username === null ? {} : { K6_PROMETHEUS_RW_USERNAME: username }),
  ...(password === null ? {} : { K6_PROMETHEUS_RW_PASSWORD: password }),
  K6_PROMETHEUS_RW_STALE_MARKERS: 'true',
  K6_FEATURES: features ? `${features},${FEATURE}` : FEATURE,
});
