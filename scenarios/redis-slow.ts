/** Redis answers late under normal load: are answers still right and in time? */
import { faultScript } from '../lib/fault-scenario';

export const { options, setup, teardown, handleSummary, traffic, probes, refill, monitor, faults, looks, pressure } =
  faultScript('redis-slow');
