import { BLOCK, BLOCK_MIX, DSL_SYNC_EVERY } from './mix';
import {
  diskBytes,
  type LoadSettings,
  MONITOR_PERIOD_S,
  normalRate,
  type PhaseWindow,
  POLLS_PER_TASK,
  type RunPlan,
  scaled,
  vuCeiling,
} from './plan';
import type { Profile } from './profile';

/** Rounds that are judged: the leak test cuts either half into twelve parts. */
export const ROUNDS = 24;
/**
 * Caches fill before, and the server's heap finds its size. FIML keeps the task that every search registers for 5 minutes,
 * and a server that keeps them in its own memory, as the embedded one does, grows for as long and half as long again.
 */
const WARMUP_MS = 600_000;
const ROUND_MS = 15_000;
/** Of the normal rate, as at peak: what a request leaves behind shows by the number of requests. */
const LOAD = 2;
const RAMPDOWN_MS = 2000;

export interface MemoryLeakPlan extends RunPlan {
  /** Iterations per second. */
  readonly ratePerS: number;
  readonly iterationsPerRound: number;
  /** Time in which iterations start, ms. */
  readonly arrivalsMs: number;
  /** Time between two looks at the server's memory, ms. */
  readonly lookEveryMs: number;
}

/** The plan of the scenario `memory-leak`: the profile says how much at once, the rounds how long. */
export function memoryLeakPlanOf(profile: Profile, settings: LoadSettings): MemoryLeakPlan {
  const roundMs =
    settings.steadyMs === null ? scaled(ROUND_MS, settings) : scaled(settings.steadyMs / ROUNDS, settings);
  const wantedPerS = settings.rate ?? normalRate(profile, settings) * LOAD;
  const iterationsPerRound = Math.max(1, Math.round((wantedPerS * roundMs) / 1000));
  const ratePerS = (iterationsPerRound * 1000) / roundMs;
  const warmupMs = scaled(WARMUP_MS, settings);
  const arrivalsMs = warmupMs + ROUNDS * roundMs;
  const durationMs = arrivalsMs + RAMPDOWN_MS;
  const phases: PhaseWindow[] = [
    { phase: 'warmup', startMs: 0, endMs: warmupMs },
    { phase: 'steady', startMs: warmupMs, endMs: arrivalsMs },
    { phase: 'rampdown', startMs: arrivalsMs, endMs: durationMs },
  ];
  // Twice a round at least, so that no part of the test is without a look.
  const lookEveryMs = Math.min(MONITOR_PERIOD_S * 1000, roundMs / 2);
  const expectedIterations = {
    rounds: Math.round((ratePerS * arrivalsMs) / 1000),
    monitor: Math.ceil(durationMs / lookEveryMs),
  };
  const tasks = (BLOCK_MIX.dsl / BLOCK) * (1 - 1 / DSL_SYNC_EVERY);
  const expectedRequests =
    Math.round(expectedIterations.rounds * (1 + tasks * POLLS_PER_TASK)) + expectedIterations.monitor;
  return {
    ratePerS,
    iterationsPerRound,
    arrivalsMs,
    lookEveryMs,
    phases,
    durationMs,
    expectedIterations,
    vuCeiling: { rounds: vuCeiling(ratePerS, profile.worstIterationMs), monitor: 1 },
    expectedRequests,
    bestHitRate: null,
    coldReturnMs: null,
    diskBytes: diskBytes(expectedRequests),
  };
}
