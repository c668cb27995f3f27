import type { Pressure } from './faults';
import { type LoadSettings, MONITOR_PERIOD_S, type PhaseWindow, type Plan, planOf, type RunPlan, scaled } from './plan';
import type { Profile, Stage } from './profile';

/** Lengths of a fault scenario's phases, ms; the load is the profile's normal one throughout. */
const BEFORE_MS = 30_000;
const FAULT_MS = 60_000;
const RECOVERY_MS = 60_000;
/** Between two looks for the fault's sign. */
export const LOOK_PERIOD_S = 0.5;
const PROBES_PER_S = 5;

/** The plan of a fault scenario whose users do what they do on a normal day. */
export interface FaultPlan extends Plan {
  readonly faultWindow: PhaseWindow;
  readonly pressure: Pressure | null;
}

const STAGES: readonly Stage[] = [
  { phase: 'warmup', duration: 'ramp', to: 1 },
  { phase: 'before', duration: BEFORE_MS, to: 1 },
  { phase: 'fault', duration: FAULT_MS, to: 1 },
  { phase: 'recovery', duration: RECOVERY_MS, to: 1 },
  { phase: 'rampdown', duration: 2000, to: 0 },
];

/** @param pressure of the fault. */
export function faultPlanOf(pressure: Pressure | null, profile: Profile, settings: LoadSettings): FaultPlan {
  const plan = planOf({ ...profile, stages: STAGES, probesPerS: PROBES_PER_S }, settings, 0);
  const faultWindow = windowOf(plan, 'fault');
  return {
    ...plan,
    faultWindow,
    pressure,
    vuCeiling: { ...plan.vuCeiling, ...LOOKERS, ...(pressure === null ? {} : { pressure: pressureUsers(pressure) }) },
    // What a fault does to the cache is shown, and no flaw of the measurement.
    bestHitRate: null,
  };
}

/** How many users it takes. */
export const pressureUsers = (pressure: Pressure): number =>
  pressure.kind === 'price-lists' ? pressure.users : pressure.sessionUsers + pressure.healthUsers;

/** The plan of `redis-down`: FIML holds up its whole process for 4 s in each search, so that few must be asked. */
export interface TricklePlan extends RunPlan {
  readonly faultWindow: PhaseWindow;
  /** Searches per second before and after the fault, and while it is there. */
  readonly searchesPerS: number;
  readonly faultSearchesPerS: number;
  readonly healthPerS: number;
}

const TRICKLE_WARMUP_MS = 3000;
/** Long enough for the searches that are asked for to be enough to judge by. */
const TRICKLE_FAULT_MS = 100_000;
const TRICKLE = { searchesPerS: 10, faultSearchesPerS: 0.15, healthPerS: 5 } as const;
/** A search takes 10 to 13 s and the ones before it hold it up. */
const TRICKLE_VUS = 20;

export function tricklePlanOf(settings: LoadSettings): TricklePlan {
  const lengths: readonly [PhaseWindow['phase'], number][] = [
    ['warmup', TRICKLE_WARMUP_MS],
    ['before', BEFORE_MS],
    ['fault', settings.steadyMs ?? TRICKLE_FAULT_MS],
    ['recovery', RECOVERY_MS],
  ];
  let atMs = 0;
  const phases = lengths.map(([phase, ms]): PhaseWindow => {
    const startMs = atMs;
    atMs += scaled(ms, settings);
    return { phase, startMs, endMs: atMs };
  });
  // PERF_RATE is for a server that does more than the contract's while Redis is down.
  const faultSearchesPerS = settings.rate ?? TRICKLE.faultSearchesPerS;
  const healthPerS = settings.probeRate ?? TRICKLE.healthPerS;
  const faultWindow = windowOf({ phases }, 'fault');
  const secondsOf = ({ startMs, endMs }: { startMs: number; endMs: number }) => (endMs - startMs) / 1000;
  const recovery = windowOf({ phases }, 'recovery');
  const iterations = {
    searchesBefore: Math.round((TRICKLE.searchesPerS * faultWindow.startMs) / 1000),
    searchesDuring: Math.floor(faultSearchesPerS * secondsOf(faultWindow)),
    searchesAfter: Math.round(TRICKLE.searchesPerS * secondsOf(recovery)),
    probes: Math.round((healthPerS * atMs) / 1000),
  };
  return {
    phases,
    durationMs: atMs,
    faultWindow,
    searchesPerS: TRICKLE.searchesPerS,
    faultSearchesPerS,
    healthPerS,
    expectedIterations: { ...iterations, monitor: Math.ceil(atMs / 1000 / MONITOR_PERIOD_S) },
    vuCeiling: {
      searchesBefore: TRICKLE_VUS,
      searchesDuring: TRICKLE_VUS,
      searchesAfter: TRICKLE_VUS,
      probes: healthPerS * 10,
      monitor: 1,
      ...LOOKERS,
    },
    expectedRequests: Object.values(iterations).reduce((sum, count) => sum + count, 0),
    bestHitRate: null,
    coldReturnMs: null,
    diskBytes: 50e6,
  };
}

/** The one who makes the fault, and the one who looks for its sign. */
const LOOKERS = { faults: 1, looks: 1 } as const;

function windowOf({ phases }: { readonly phases: readonly PhaseWindow[] }, name: string): PhaseWindow {
  const window = phases.find(({ phase }) => phase === name);
  if (window === undefined) throw new Error(`a fault plan has a phase ${name}`);
  return window;
}
