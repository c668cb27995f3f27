/**
 * What a moment of a run is for. `warmup` and `rampdown` are never judged. `steady` is what most runs are for; a spike or a
 * fault stands between the phase `before` it and its `recovery`; `rise` is how a breakpoint is looked for.
 */
export type PhaseName = 'warmup' | 'steady' | 'before' | 'spike' | 'fault' | 'recovery' | 'rise' | 'rampdown';

export const isJudged = (phase: string): boolean => phase !== 'warmup' && phase !== 'rampdown';

/** The phases that a run is for, whose length `PERF_DURATION` sets. */
const MAIN: readonly PhaseName[] = ['steady', 'spike', 'fault', 'rise'];
export const isMain = (phase: PhaseName): boolean => MAIN.includes(phase);

export interface Stage {
  readonly phase: PhaseName;
  /** Milliseconds, or how long the profile's spawn rate takes to reach its users. */
  readonly duration: number | 'ramp';
  /** Load at the stage's end, as a multiple of the profile's normal load; the load moves there linearly. */
  readonly to: number;
}

/** A load shape: how much and when, whatever the scenario does. */
export interface Profile {
  readonly name: string;
  readonly about: string;
  /** The guide's users: in the open model one iteration every {@link USER_PERIOD_S} seconds each. */
  readonly users: number;
  /** Users per second while ramping up. */
  readonly spawnRate: number;
  readonly stages: readonly Stage[];
  /**
   * Longest iteration the generator must still be able to keep up with. Little's law makes the VU ceiling of it: a
   * server slower than this shows up as dropped iterations, not as a slower generator.
   */
  readonly worstIterationMs: number;
  /** Availability probes per second; left out: as many as the uptime target needs. */
  readonly probesPerS?: number;
}

/** Mean of the think time of 1 to 3 s between a user's iterations. */
export const USER_PERIOD_S = 2;
export const THINK_TIME_S = { min: 1, max: 3 } as const;

const shape = (steadyMs: number): Stage[] => [
  { phase: 'warmup', duration: 'ramp', to: 1 },
  { phase: 'steady', duration: steadyMs, to: 1 },
  { phase: 'rampdown', duration: 2000, to: 0 },
];

/** Rates of the staircase, as multiples of the normal load. */
const LOWEST = 0.5;
const HIGHEST = 10;
/** Between two steps: the widest that still finds a capacity within 10 % when one step too few or too many holds. */
const STEP_RATIO = 1.05;
/** In which the rate moves to the next step and queues settle; no part of a step. */
const SETTLE_MS = 1000;
const STEP_MS = 5000;

/** The rate rises in steps of equal ratio: a capacity is found equally well wherever it lies. */
function staircase(): Stage[] {
  const count = Math.ceil(Math.log(HIGHEST / LOWEST) / Math.log(STEP_RATIO));
  return Array.from({ length: count + 1 }, (_, at) => Math.min(HIGHEST, LOWEST * STEP_RATIO ** at)).flatMap(
    (to, at): Stage[] => [
      at === 0 ? { phase: 'warmup', duration: 'ramp', to } : { phase: 'rise', duration: SETTLE_MS, to },
      { phase: 'rise', duration: STEP_MS, to },
    ],
  );
}

const records = (): readonly Profile[] => [
  {
    name: 'smoke',
    about: 'a minute at 50 iterations/s: what `make test-performance` runs',
    users: 100,
    spawnRate: 10,
    stages: shape(60_000),
    worstIterationMs: 2000,
  },
  {
    name: 'load',
    about: "the guide's 100 users, 10 more each second, for 5 minutes",
    users: 100,
    spawnRate: 10,
    stages: shape(300_000),
    worstIterationMs: 2000,
  },
  {
    name: 'high',
    about: "the guide's 500 users, 50 more each second, for 10 minutes",
    users: 500,
    spawnRate: 50,
    stages: shape(600_000),
    worstIterationMs: 2000,
  },
  {
    name: 'endurance',
    about: 'an hour of the normal load: does anything get worse with time?',
    users: 100,
    spawnRate: 10,
    stages: shape(3_600_000),
    worstIterationMs: 2000,
  },
  {
    name: 'peak',
    about: 'twice the normal load for 5 minutes: is it slower, or does it break?',
    users: 100,
    spawnRate: 20,
    stages: [
      { phase: 'warmup', duration: 'ramp', to: 1 },
      { phase: 'warmup', duration: 'ramp', to: 2 },
      { phase: 'steady', duration: 300_000, to: 2 },
      { phase: 'rampdown', duration: 2000, to: 0 },
    ],
    worstIterationMs: 2000,
  },
  {
    name: 'spike',
    about: 'normal load, ten times as much within seconds, and normal load again: does it come back?',
    users: 100,
    spawnRate: 20,
    stages: [
      { phase: 'warmup', duration: 'ramp', to: 1 },
      { phase: 'before', duration: 30_000, to: 1 },
      { phase: 'spike', duration: 3000, to: 10 },
      { phase: 'spike', duration: 30_000, to: 10 },
      { phase: 'spike', duration: 1000, to: 1 },
      { phase: 'recovery', duration: 60_000, to: 1 },
      { phase: 'rampdown', duration: 2000, to: 0 },
    ],
    worstIterationMs: 1000,
    probesPerS: 5,
  },
  {
    name: 'breakpoint',
    about: 'from half the normal load up in steps of 5 %, to ten times of it at most, until the targets break',
    users: 100,
    spawnRate: 20,
    stages: [...staircase(), { phase: 'rampdown', duration: 2000, to: 0 }],
    // Of the highest rate: at a fifth of it iterations may take five times as long before one is dropped.
    worstIterationMs: 250,
    probesPerS: 2,
  },
];

// The mark lets the build leave it out of what every virtual user holds, which knows the bounds of phases and not profiles.
export const PROFILES: ReadonlyMap<string, Profile> = /* @__PURE__ */ byName();

function byName(): ReadonlyMap<string, Profile> {
  return new Map(records().map((profile) => [profile.name, profile]));
}
