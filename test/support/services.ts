import {
  missingServices,
  readState,
  ServicesHome,
  startPostgres as startPostgresIn,
  startRedis as startRedisIn,
  startToxiproxy as startToxiproxyIn,
} from '../../scripts/services';
import { ensureToxiproxy } from '../../scripts/setup';
import { describeUnless } from './where';

export interface Service {
  readonly url: string;
  /** Of its process, for tests that do something to it. */
  readonly pid: number;
  stop(): Promise<void>;
}

const PROGRAMS = { redis: 'redis-server', postgres: 'postgresql', toxiproxy: 'toxiproxy-server' } as const;
export type ServiceName = keyof typeof PROGRAMS;

/** A `describe` for tests that need real services. */
export function describeWith(services: readonly ServiceName[], name: string, fn: () => void): void {
  const notInstalled = missingServices(process.env);
  describeUnless(
    services.filter((service) => notInstalled.includes(PROGRAMS[service])),
    name,
    fn,
  );
}

/** A Redis of its own that keeps nothing on disk. */
export const startRedis = (port?: number): Promise<Service> => alone((home) => startRedisIn(home, process.env, port));

/** An empty PostgreSQL of its own in a temporary folder. */
export const startPostgres = (port?: number): Promise<Service> =>
  alone((home) => startPostgresIn(home, process.env, port));

/** A Toxiproxy of its own, without proxies. */
export const startToxiproxy = (): Promise<Service> =>
  alone(async (home) => startToxiproxyIn(home, await ensureToxiproxy()));

async function alone(start: (home: ServicesHome) => Promise<string>): Promise<Service> {
  const home = ServicesHome.open();
  const stop = () => home.stop();
  try {
    const url = await start(home);
    return { url, pid: readState(home.stateFile)?.processes[0]?.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
