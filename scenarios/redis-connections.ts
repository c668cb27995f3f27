/** More reads than the server has connections to Redis, or than Redis takes ('maxclients'): what is lost, and does it come back? */
import { faultScript } from '../lib/fault-scenario';

export const { options, setup, teardown, handleSummary, traffic, probes, refill, monitor, faults, looks, pressure } =
  faultScript('redis-connections');
