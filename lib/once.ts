/**
 * What k6 does before and after any load, as user number 0: for all others the build leaves it undefined, see `build/late.ts`.
 * Functions only, and none that keeps anything between two calls.
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
export { ordersOf } from './mix';
export { arrivals, gracefulStop, monitorScenario, sectionArrivals, suiteOptions } from './options';
export { firstFill } from './refill';
export { readCandidate, readPlan, readSettings } from './settings';
export { prepare, prepareSegment } from './setup';
export { userScenarios } from './user-scenarios';
