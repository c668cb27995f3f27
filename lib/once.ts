/**
 * What is decided before any load: the build keeps it away from virtual users, see `build/once.ts`. Functions only, and none
 * that keeps anything between two calls or needs k6's modules.
 */
export { coldEquities, dslQueries, hotSymbols } from '../contract';
export {
  componentsPlan,
  faultPlan,
  loadPlan,
  memoryLeakPlan,
  pairsPlanOf,
  sectionsPlan,
  tricklePlan,
} from '../profiles';
export { k6Stops } from '../thresholds';
export { suiteOptions } from './options';
export { absolute, readCandidate, readPlan, readSettings } from './settings';
export { textSummary } from './summary';
