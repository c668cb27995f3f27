export { type Answer, classify, hasNarrative, type Json, type Layer, type Outcome } from './classify';
export { DSL_QUERIES, type DslQuery, dslQueries } from './dsl';
export {
  createSession,
  type Depth,
  type Expectation,
  executeDsl,
  extendSession,
  type FimlRequest,
  health,
  listSessions,
  marketPrices,
  type OperationName,
  searchByCoin,
  searchBySymbol,
  sessionAnalytics,
  sessionInfo,
  subjectOf,
  submitDsl,
  taskStatus,
} from './operations';
export { boundOf, type PageSample, pageSamples, SERVER_SAMPLES } from './prometheus';
export { NO_DATA_SOURCES } from './sources';
export { coldEquities, HOT_COINS, HOT_EQUITIES, hotSymbols } from './symbols';
