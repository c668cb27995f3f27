export {
  COMPONENTS,
  type ComponentName,
  type ComponentsPlan,
  componentsPlanOf,
  L1_SYMBOLS,
  LIST_SESSIONS_EVERY,
  NARRATIVE_EVERY_MS,
  REQUESTS_PER_SESSION,
  SESSION_LOOKS,
} from './components';
export {
  type FaultPlan,
  faultPlanOf,
  LOOK_PERIOD_S,
  pressureUsers,
  type TricklePlan,
  tricklePlanOf,
} from './fault-plan';
export {
  type ChosenFault,
  chooseWay,
  type DriverRequest,
  type Drivers,
  driversWanted,
  FAULTS,
  type Fault,
  type FaultScenario,
  isFaultScenario,
  type Pressure,
  type Sign,
  type StoreAction,
  TOXIC_PREFIX,
} from './faults';
export {
  componentsPlan,
  conditionsOf,
  driversOf,
  faultOf,
  faultPlan,
  isStress,
  loadPlan,
  longestTtlMs,
  memoryLeakPlan,
  onlyOf,
  planFor,
  planProblems,
  profileNamed,
  sectionsPlan,
  stressProblems,
  tricklePlan,
} from './from-config';
export {
  COIN_SLOTS,
  EQUITY_SLOTS,
  FILL_LEAD_MS,
  fillAt,
  HOT_SLOTS,
  type HotSet,
  hotSet,
  hotWindow,
  WINDOWS,
} from './hot-set';
export { type MemoryLeakPlan, memoryLeakPlanOf, ROUNDS } from './memory-leak';
export {
  BLOCK,
  BLOCK_MIX,
  DSL_SYNC_EVERY,
  MARKET_PRICES_SYMBOLS,
  PRICE_CYCLE,
  TASK_DEADLINE_MS,
  type TrafficClass,
} from './mix';
export { type PairsPlan, pairsPlanOf } from './pairs';
export {
  BREAK_STEPS,
  COLD_SYMBOLS,
  fillRate,
  type LoadScenario,
  type LoadSettings,
  MONITOR_PERIOD_S,
  mostVirtualUsers,
  type PhaseWindow,
  type Plan,
  planOf,
  type RateStep,
  type RunPlan,
} from './plan';
export { isJudged, type PhaseName, PROFILES, type Profile, THINK_TIME_S, USER_PERIOD_S } from './profile';
export { type PlannedSection, SECTIONS, type Section, type SectionName, type SectionsPlan } from './sections';
