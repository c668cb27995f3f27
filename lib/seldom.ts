/**
 * What one virtual user of a whole run does, or a few: the build keeps it away from all others, see `build/late.ts`. Functions
 * only; their metrics are made outside, since k6 makes none once the load has begun.
 */
export { breakWatch } from './break-watch';
export { serverMonitor } from './monitor';
export { probe } from './probes';
export { refill } from './refill';
