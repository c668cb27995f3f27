import type { Config } from '../../config';
import type { Target } from '../../thresholds';
import { UserError } from '../errors';
import { endpointOf, k6OutputEnv, type PrometheusEndpoint } from './endpoint';
import { push } from './push';
import { duringRun, type RunLabels } from './samples';

/** k6's own period; a series that is written less often than every five minutes would seem to have ended. */
const PERIOD_MS = 5000;

/** What a run tells Prometheus while its load runs. */
export interface Stream {
  /** Arguments of `k6 run`. */
  readonly k6Args: readonly string[];
  readonly k6Env: NodeJS.ProcessEnv;
  /** Host and port, to which no proxy of the target leads. */
  readonly host: string;
  /** Called about every second. @param cpuShare of k6, null while unknown. */
  tick(cpuShare: number | null): void;
  /** Ends it. @returns what could not be told, as sentences for `run.json`. */
  end(): Promise<string[]>;
}

/**
 * Tells Prometheus the limits of a run, as a test of whether it takes anything, and then goes on to do so.
 *
 * @returns null when `PERF_PROMETHEUS` names none.
 * @throws UserError, before any load, when the samples are not taken: whoever asks for them wants to see them, and would
 *   notice only when the run is over.
 */
export async function openStream(
  config: Config,
  env: NodeJS.ProcessEnv,
  run: RunLabels,
  targets: readonly Target[],
): Promise<Stream | null> {
  const endpoint = endpointOf(config);
  if (endpoint === null) return null;
  await push(endpoint, duringRun(run, targets, 0)).catch((error: Error) => {
    throw refusal(endpoint, error);
  });
  let lastMs = Date.now();
  let lost = 0;
  let firstLost = '';
  let underWay: Promise<void> | null = null;
  return {
    k6Args: ['--out', 'experimental-prometheus-rw', '--tag', `testid=${run.testid}`],
    k6Env: k6OutputEnv(endpoint, env.K6_FEATURES),
    host: new URL(endpoint.url).host,
    tick(cpuShare) {
      if (underWay !== null || Date.now() - lastMs < PERIOD_MS) return;
      lastMs = Date.now();
      underWay = push(endpoint, duringRun(run, targets, cpuShare))
        .catch((error: Error) => {
          if (lost === 0) firstLost = error.message;
          lost += 1;
        })
        .finally(() => {
          underWay = null;
        });
    },
    async end() {
      await underWay;
      return lost === 0 ? [] : [`Prometheus did not take ${lost} of the suite's own writes (${firstLost})`];
    },
  };
}

const refusal = ({ url }: PrometheusEndpoint, { message }: Error): UserError =>
  new UserError(
    [
      `PERF_PROMETHEUS: nothing can be written to ${url}: ${message}`,
      '  is it running? (make prometheus starts one with all that is needed)',
      '  does it take remote writes? (prometheus --web.enable-remote-write-receiver --enable-feature=native-histograms)',
      '  or run without it: leave out PERF_PROMETHEUS',
    ].join('\n'),
  );
