import type { Fault } from '../../profiles';
import { missingServices, startServices } from '../services';
import { startEmbedded } from './embedded';

/** What a run is made on when the user names no server. */
export interface StandIn {
  readonly url: string;
  /** The drivers of faults that came with it, for those that the user did not name. */
  readonly drivers: Partial<Record<'PERF_TOXIPROXY' | 'PERF_CONTROL', string>>;
  readonly redisUrl: string | null;
  readonly databaseUrl: string | null;
  stop(): Promise<void>;
}

/**
 * Starts a server to run on: the embedded one, or for a fault one on real stores behind Toxiproxy, where they are installed.
 *
 * @throws UserError when it does not get ready.
 */
export async function startStandIn(
  env: NodeJS.ProcessEnv,
  fault: Fault | null,
  log: (line: string) => void,
): Promise<StandIn> {
  if (fault === null || missingServices(env).length > 0) {
    const server = await startEmbedded(env, fault === null ? [] : ['--control-port', '0']);
    const drivers = server.controlUrl === null ? {} : { PERF_CONTROL: server.controlUrl };
    return { url: server.url, drivers, redisUrl: null, databaseUrl: null, stop: server.stop };
  }
  return startServicesStandIn(env, log);
}

/**
 * Starts a server on real stores, each behind Toxiproxy.
 *
 * @throws UserError when something of it is not installed, or does not get ready.
 */
export async function startServicesStandIn(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<StandIn> {
  const services = await startServices({ env, log });
  return {
    url: services.url,
    drivers: { PERF_TOXIPROXY: services.toxiproxyUrl, PERF_CONTROL: services.controlUrl },
    redisUrl: services.redisUrl,
    databaseUrl: services.databaseUrl,
    stop: services.stop,
  };
}
