export { type K6Thresholds, k6Statistic, k6Thresholds, SUMMARY_TREND_STATS, seriesKeys } from './k6';
export { LimitsError, targetsFor, uptimeSamples } from './limits';
export { minimumSamples, type Selector, type Severity, type Statistic, type Target } from './target';
export { TARGETS } from './targets';
