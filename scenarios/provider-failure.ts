/** Every data provider fails under normal load: are answers honest about it, and does the server come back? */
import { faultScript } from '../lib/fault-scenario';

export const { options, setup, teardown, handleSummary, traffic, probes, refill, monitor, faults, looks, pressure } =
  faultScript('provider-failure');
