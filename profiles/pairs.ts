import { diskBytes, type PhaseWindow, type RunPlan, vuCeiling } from './plan';

/** Before pairs count: connections are made, and both servers have compiled what they will run. */
const WARMUP_MS = 3000;
/** Mean time of a pair up to which the generator keeps up at any rate … */
const WORST_PAIR_MS = 1000;
/** … and the virtual users that there are at least: at 5 pairs a second a pair may take ten seconds. */
const FEWEST_USERS = 50;
/** Of one that says neither rate nor length. */
const DEFAULT_RATE = 60;
const DEFAULT_STEADY_MS = 180_000;

/** The plan of the scenario `ab`. */
export interface PairsPlan extends RunPlan {
  /** Pairs per second. */
  readonly rate: number;
  readonly vuCeiling: Readonly<Record<'pairs', number>>;
}

/**
 * @param rate pairs per second; 60 when not given.
 * @param steadyMs how long pairs count; 3 minutes when not given.
 */
export function pairsPlanOf(rate: number | null, steadyMs: number | null): PairsPlan {
  const perSecond = rate ?? DEFAULT_RATE;
  const durationMs = WARMUP_MS + (steadyMs ?? DEFAULT_STEADY_MS);
  const phases: PhaseWindow[] = [
    { phase: 'warmup', startMs: 0, endMs: WARMUP_MS },
    { phase: 'steady', startMs: WARMUP_MS, endMs: durationMs },
  ];
  const pairs = Math.round((perSecond * durationMs) / 1000);
  return {
    rate: perSecond,
    phases,
    durationMs,
    expectedIterations: { pairs },
    vuCeiling: { pairs: Math.max(FEWEST_USERS, vuCeiling(perSecond, WORST_PAIR_MS)) },
    expectedRequests: 2 * pairs,
    bestHitRate: null,
    coldReturnMs: null,
    diskBytes: diskBytes(0),
  };
}
