/**
 * What is done before and after any load: the build keeps it away from virtual users, see `build/late.ts`. Functions only, and
 * none that keeps anything between two calls.
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
export { endOfTest } from './handle-summary';
export { arrivals, gracefulStop, monitorScenario, suiteOptions } from './options';
export { readCandidate, readPlan, readSettings } from './settings';
export { prepare, prepareSegment } from './setup';
export { userScenarios } from './user-scenarios';
