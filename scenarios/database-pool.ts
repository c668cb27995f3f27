/** The server's connections to PostgreSQL are all held: are cached queries unaffected, and is nobody kept waiting for ever? */
import { faultScript } from '../lib/fault-scenario';

export const { options, setup, teardown, handleSummary, traffic, probes, refill, monitor, faults, looks, pressure } =
  faultScript('database-pool');
