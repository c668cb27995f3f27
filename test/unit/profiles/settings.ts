import { parseConfig } from '../../../config';
import {
  type ComponentsPlan,
  componentsPlan,
  loadPlan,
  type MemoryLeakPlan,
  memoryLeakPlan,
  type Plan,
  PROFILES,
  type SectionsPlan,
  sectionsPlan,
} from '../../../profiles';
import { TARGETS, uptimeSamples } from '../../../thresholds';

export type Env = Readonly<Record<string, string>>;

export const NAMES = [...PROFILES.keys()];
export const UPTIME_SAMPLES = uptimeSamples(TARGETS);

export const planWith = (env: Env = {}): Plan => loadPlan(parseConfig(env), UPTIME_SAMPLES);
export const sectionsWith = (env: Env = {}): SectionsPlan => sectionsPlan(parseConfig(env), UPTIME_SAMPLES);
export const componentsWith = (env: Env = {}): ComponentsPlan => componentsPlan(parseConfig(env));
export const memoryLeakWith = (env: Env = {}): MemoryLeakPlan => memoryLeakPlan(parseConfig(env));
