export {
  COIN_SLOTS,
  EQUITY_SLOTS,
  fillAt,
  HOT_SLOTS,
  type HotSet,
  hotSet,
  hotWindow,
  WINDOWS,
} from './hot-set';
export {
  BLOCK,
  BLOCK_MIX,
  DSL_SYNC_EVERY,
  MARKET_PRICES_SYMBOLS,
  PRICE_CYCLE,
  type TrafficClass,
} from './mix';
export { type LoadSettings, MONITOR_PERIOD_S, type PhaseWindow, type Plan, planOf } from './plan';
export { type PhaseName, PROFILES, type Profile, THINK_TIME_S, USER_PERIOD_S } from './profile';
