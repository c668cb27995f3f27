/** The network to the server is slow, narrow, or cuts connections (PERF_FAULT says which): does it come back? */
import { faultScript } from '../lib/fault-scenario';

export const { options, setup, teardown, handleSummary, traffic, probes, refill, monitor, faults, looks, pressure } =
  faultScript('network');
