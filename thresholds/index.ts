export { CPU_CEILING, MISSING_ALLOWED } from './flaws';
export {
  BROKEN,
  isStop,
  type K6Stop,
  type K6Thresholds,
  k6Statistic,
  k6Stops,
  k6Thresholds,
  SUMMARY_TREND_STATS,
  seriesKeys,
} from './k6';
export { cacheClaims, LimitsError, targetsFor, uptimeSamples } from './limits';
export { BASE_UNITS, type BaseUnit, SERIES } from './prometheus';
export { SLOW_METRIC, SLOW_MS, SLOW_SUBJECT } from './slow';
export {
  DRIFT_BATCHES,
  isOverTime,
  minimumSamples,
  OVER_TIME,
  type OverTime,
  type Selector,
  type Severity,
  type Statistic,
  type Target,
} from './target';
export { TARGETS } from './targets';
