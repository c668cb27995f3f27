/**
 * What one virtual user of a whole run does: the build keeps it away from all others, see `build/late.ts`. To be called by
 * {@link lazily}. Functions only; their metrics are made outside, since k6 makes none once the load has begun.
 */
export { breakWatch } from './break-watch';
export { serverMonitor } from './monitor';
