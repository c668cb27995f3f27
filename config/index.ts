export { withoutCredentials } from './address';
export { formatDuration, parseDurationMs } from './duration';
export { nearest } from './nearest';
export { OVERRIDES, type Override, type OverrideName } from './overrides';
export { type Config, ConfigError, parseConfig } from './parse';
export { loadTags, ONE_LOAD, SHAPING } from './shaping';
export { hostOf, isPrivateHost, stressRefusal } from './stress';
