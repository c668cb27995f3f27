import type { Config } from '../../config';
import { type ChosenFault, chooseWay, type Drivers, driversOf, driversWanted, type Fault } from '../../profiles';
import { UserError } from '../errors';
import { commandsOf, type Hook, type Switch, serveHook } from './hook';
import { openLease, processOf, type Undo } from './lease';
import { postgresWithoutConnections, redisAtMaxClients } from './stores';
import { requireNoFault, undoAll } from './undo';

export { type FoundLease, leases } from './lease';
export { type Leftover, leftoverInWords, undoLeftovers } from './undo';

/** Why a fault could not be made: a scenario that was not run for it has not passed. */
export class NoDriverError extends UserError {}

/** A fault that k6 is about to make, and that is undone whatever becomes of k6. */
export interface ArmedFault {
  /** For k6's environment. */
  readonly env: NodeJS.ProcessEnv;
  k6Started(pid: number): void;
  /** @returns what went wrong, a sentence each: above all what could not be undone. */
  disarm(): Promise<string[]>;
}

/** Where stores can be reached past every proxy, by which alone some faults can be made. */
export interface StoreAddresses {
  readonly redisUrl: string | null;
  readonly databaseUrl: string | null;
}

/**
 * Prepares a fault: chooses how it is made, and notes how it is undone.
 *
 * @param id of the run. @param target that is put under it.
 * @throws NoDriverError when there is no driver for it; UserError when another run is making one.
 */
export async function armFault(
  fault: Fault,
  {
    config,
    env,
    stores,
    id,
    target,
  }: {
    readonly config: Config;
    readonly env: NodeJS.ProcessEnv;
    readonly stores: StoreAddresses;
    readonly id: string;
    readonly target: string;
  },
): Promise<ArmedFault> {
  requireNoFault(env, target);
  const own = await ownSwitch(fault, config, stores);
  const hook = own === null ? null : await serveHook(own);
  const drivers: Drivers = hook === null ? driversOf(config) : { toxiproxy: null, control: null, hook: hook.url };
  const chosen = chooseWay(fault, drivers);
  if (chosen === null) {
    throw new NoDriverError(`not run: ${fault.about} cannot be made here; it takes ${driversWanted(fault)}`);
  }
  const lease = openLease(env, id, { fault: fault.name, target, undo: undoOf(chosen, own) });
  return {
    env: hook === null ? {} : { PERF_FAULT_HOOK: hook.url },
    k6Started: (pid) => lease.update({ k6: processOf(pid) }),
    async disarm() {
      const problems = await undone(chosen, own, hook);
      if (problems.length === 0) lease.close();
      await hook?.close();
      return [
        ...(hook?.problems ?? []),
        ...problems.map((problem) => `the fault ${fault.name} is not undone: ${problem}`),
      ];
    },
  };
}

/** Undoes it once more: k6 has done so unless it was killed, and nothing here is harmed by a second time. */
async function undone(chosen: ChosenFault, own: Switch | null, hook: Hook | null): Promise<string[]> {
  if (own === null || hook === null) return undoAll(undoOf(chosen, own));
  try {
    await own.off();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

const undoOf = (chosen: ChosenFault, own: Switch | null): Undo[] =>
  own === null ? chosen.off.map((request): Undo => ({ kind: 'request', ...request })) : [...own.undo];

/** What this process does itself; null when the drivers do it over HTTP. */
async function ownSwitch(
  fault: Fault,
  config: Config,
  { redisUrl, databaseUrl }: StoreAddresses,
): Promise<Switch | null> {
  const { PERF_FAULT_ON: on, PERF_FAULT_OFF: off } = config;
  if (on !== null && off !== null) return commandsOf(on, off);
  if (config.PERF_FAULT_HOOK !== null) return null;
  for (const way of fault.ways) {
    if (way.driver !== 'store') continue;
    if (way.action === 'redis-maxclients' && redisUrl !== null) return reached('Redis', redisAtMaxClients(redisUrl));
    if (way.action === 'postgres-connections' && databaseUrl !== null) return postgresWithoutConnections(databaseUrl);
  }
  return null;
}

async function reached<T>(what: string, attempt: Promise<T>): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    throw new UserError(`${what} cannot be reached to make the fault: ${(error as Error).message}`);
  }
}
