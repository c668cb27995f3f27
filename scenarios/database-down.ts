/** PostgreSQL refuses connections under normal load: are searches unaffected? */
import { faultScript } from '../lib/fault-scenario';

export const { options, setup, teardown, handleSummary, traffic, probes, refill, monitor, faults, looks, pressure } =
  faultScript('database-down');
