/** What a moment of a run is for. Only `steady` is judged; stress profiles add phases of their own. */
export type PhaseName = 'warmup' | 'steady' | 'rampdown';

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
}

/** Mean of the think time of 1 to 3 s between a user's iterations. */
export const USER_PERIOD_S = 2;
export const THINK_TIME_S = { min: 1, max: 3 } as const;

const shape = (steadyMs: number): Stage[] => [
  { phase: 'warmup', duration: 'ramp', to: 1 },
  { phase: 'steady', duration: steadyMs, to: 1 },
  { phase: 'rampdown', duration: 2000, to: 0 },
];

const records: readonly Profile[] = [
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
];

export const PROFILES: ReadonlyMap<string, Profile> = new Map(records.map((profile) => [profile.name, profile]));
