import { type HotSet, hotSet } from './hot-set';
import { BLOCK, BLOCK_MIX, DSL_SYNC_EVERY, MARKET_PRICES_SYMBOLS, PRICE_CYCLE } from './mix';
import { isMain, type PhaseName, type Profile, type Stage, USER_PERIOD_S } from './profile';

/** Overrides that shape the load, in the units of `config/`. */
export interface LoadSettings {
  readonly model: 'open' | 'closed';
  readonly users: number | null;
  readonly spawnRate: number | null;
  /** Iterations per second. */
  readonly rate: number | null;
  readonly steadyMs: number | null;
  readonly timeScale: number;
  readonly coldShare: number;
  readonly cacheTtlMs: number;
  /** Probes per second. */
  readonly probeRate: number | null;
}

export interface PhaseWindow {
  readonly phase: PhaseName;
  /** Milliseconds after the start of the load. */
  readonly startMs: number;
  readonly endMs: number;
  /** Iterations of the traffic that are offered in it; left out where they are not the plan's to say. */
  readonly offered?: number;
}

/** A stretch of constant rate in the phase `rise`, which is judged by itself. */
export interface RateStep {
  /** Iterations of the traffic per second. */
  readonly ratePerS: number;
  /** Milliseconds after the start of the load. */
  readonly startMs: number;
  readonly endMs: number;
}

/** What a run is going to be, computed before any load: shown by `list` and `--dry-run`, checked by the judge. */
export interface RunPlan {
  readonly phases: readonly PhaseWindow[];
  readonly durationMs: number;
  /** Iterations by k6 scenario over the whole run; of the closed model an upper estimate. */
  readonly expectedIterations: Readonly<Record<string, number>>;
  /** Most VUs that each k6 scenario can occupy at once. */
  readonly vuCeiling: Readonly<Record<string, number>>;
  readonly expectedRequests: number;
  /** Share of cache reads that can be hits at best: cold queries and refills must miss. Null: it is not measured. */
  readonly bestHitRate: number | null;
  /** Milliseconds until the cold symbols are used up and the first is asked for again; null when that never happens. */
  readonly coldReturnMs: number | null;
  /** Requests that go on to the server's providers, about; left out by scenarios that do not keep them few on purpose. */
  readonly providerRequests?: number;
  /** Of a profile that looks for a breakpoint, which may be stopped when it is found. */
  readonly steps?: readonly RateStep[];
  /** Room that the recorded samples need, generously. */
  readonly diskBytes: number;
}

/** The plan of the scenario `load` under a profile. */
export interface Plan extends RunPlan {
  readonly model: 'open' | 'closed';
  readonly users: number;
  /** Iterations per second in the steady phase; of the closed model, with answers that take no time. */
  readonly rate: number;
  /** Ramps as k6 takes them: iterations per second in the open model, VUs in the closed one. */
  readonly stages: readonly { readonly durationMs: number; readonly target: number }[];
  readonly probeRate: number;
  readonly hotSet: HotSet;
  readonly expectedIterations: Readonly<Record<LoadScenario, number>>;
  readonly vuCeiling: Readonly<Record<LoadScenario, number>>;
}

/** The k6 scenarios that run side by side in `load`. */
export type LoadScenario = 'traffic' | 'probes' | 'refill' | 'monitor';

/** Symbols of the cold tail in the contract; a test compares. */
export const COLD_SYMBOLS = 971;
/** k6 refuses scenarios that are shorter, and a second is little enough for all the probes that a target needs. */
export const SHORTEST_STEADY_MS = 1000;
/** Seconds between two looks at the server's own counters. */
export const MONITOR_PERIOD_S = 2;
/** Polls until a DSL task's end at 100 ms each, from the mean sleep of the queries in the contract. */
export const POLLS_PER_TASK = 5;
/**
 * Steps in a row that must fall behind before the load is said to have broken the server. A pause of the machine leaves a
 * queue, which near the capacity takes longer than a step to drain.
 */
export const BREAK_STEPS = 3;
/** Iterations that the claims about a step take (1 % of errors: 299); a test compares. */
const STEP_SAMPLES = 300;
/** What a step loses at its ends, since whole seconds of the samples' own count are judged. */
const STEP_ENDS_MS = 1000;
/** Probes beyond the fewest that can prove the uptime target, for phases that end a little early. */
const PROBE_RESERVE = 1.1;
/** Gzipped k6 JSON is about 110 bytes a request with few tags; failures carry more. */
const DISK_BYTES_PER_REQUEST = 400;
const LOG_BYTES = 20e6;

/**
 * @param uptimeSamples fewest probes that the uptime target needs in the steady phase.
 */
export function planOf(profile: Profile, settings: LoadSettings, uptimeSamples: number): Plan {
  const rate = normalRate(profile, settings);
  const users = settings.users ?? (settings.rate === null ? profile.users : settings.rate * USER_PERIOD_S);
  const peak = settings.model === 'open' ? rate : users;
  const rampMs = (users / (settings.spawnRate ?? (profile.spawnRate * users) / profile.users)) * 1000;

  const stages: { durationMs: number; target: number }[] = [];
  const windows: PhaseWindow[] = [];
  const hold = holdOf(profile);
  const steps: RateStep[] = [];
  let atMs = 0;
  let mainMs = 0;
  let load = 0;
  let level = 0;
  for (const stage of profile.stages) {
    const target = Math.round(peak * stage.to);
    // On its way from one step of the load to the next no phase is as long as PERF_DURATION says.
    const isStep = stage.phase === 'rise' && stage.to === level;
    const isSet = (stage === hold || isStep) && settings.steadyMs !== null;
    const ownMs = isSet ? settings.steadyMs : stage.duration === 'ramp' ? rampMs : stage.duration;
    // A step proves the same claims whatever the scale: it lasts until its samples are there.
    const shortestMs = isStep ? Math.ceil(STEP_SAMPLES / target) * 1000 + STEP_ENDS_MS : 0;
    const durationMs = Math.max(shortestMs, scaled(ownMs, settings));
    if (isMain(stage.phase)) mainMs += durationMs;
    if (isStep && settings.model === 'open') steps.push({ ratePerS: target, startMs: atMs, endMs: atMs + durationMs });
    level = stage.to;
    stages.push({ durationMs, target });
    // k6's arrival executors follow a ramp linearly.
    const offered = ((load + target) / 2) * (durationMs / 1000);
    const window = { phase: stage.phase, startMs: atMs, endMs: atMs + durationMs };
    windows.push(settings.model === 'open' ? { ...window, offered } : window);
    atMs += durationMs;
    load = target;
  }

  // Probes prove the same claim whatever the scale: a shorter phase takes more of them in each second.
  const probes = settings.probeRate ?? profile.probesPerS ?? probeRate(uptimeSamples, mainMs);
  const set = hotSet(settings.cacheTtlMs);
  const seconds = atMs / 1000;
  const iterations = rampedIterations(stages) / (settings.model === 'open' ? 1 : USER_PERIOD_S);
  const expectedIterations = {
    traffic: Math.round(iterations),
    probes: Math.round(probes * seconds),
    refill: Math.round(fillRate(set) * seconds),
    monitor: Math.ceil(seconds / MONITOR_PERIOD_S),
  };
  const tasksPerIteration = (BLOCK_MIX.dsl / BLOCK) * (1 - 1 / DSL_SYNC_EVERY);
  const expectedRequests = Math.round(
    expectedIterations.traffic * (1 + tasksPerIteration * POLLS_PER_TASK) +
      expectedIterations.probes * 2 +
      expectedIterations.refill +
      expectedIterations.monitor,
  );
  const highestRate = Math.max(...stages.map(({ target }) => target));
  const ceiling = (ratePerS: number) => vuCeiling(ratePerS, profile.worstIterationMs);
  const reads = readsPerSecond(rate, probes, settings.coldShare);
  return {
    model: settings.model,
    users,
    rate,
    stages,
    phases: mergePhases(windows),
    durationMs: atMs,
    probeRate: probes,
    vuCeiling: {
      traffic: settings.model === 'closed' ? highestRate : ceiling(highestRate),
      probes: ceiling(probes),
      refill: ceiling(fillRate(set)),
      monitor: 1,
      ...(steps.length === 0 ? {} : { watch: 1 }),
    },
    hotSet: set,
    expectedIterations,
    expectedRequests,
    bestHitRate: bestHitRate(reads.hot, reads.cold, set),
    coldReturnMs: coldReturnMs(reads.cold, iterations * PRICE_SHARE * settings.coldShare),
    ...(steps.length === 0 ? {} : { steps }),
    diskBytes: diskBytes(expectedRequests),
  };
}

/** The stage that `PERF_DURATION` sets: the longest of the phase that the profile is for, not the ramps that lead there. */
function holdOf({ stages }: Profile): Stage | undefined {
  const lengthOf = ({ duration }: Stage) => (duration === 'ramp' ? 0 : duration);
  return stages.filter(({ phase }) => isMain(phase) && phase !== 'rise').sort((a, b) => lengthOf(b) - lengthOf(a))[0];
}

/** Iterations per second that a profile and its overrides stand for. */
export function normalRate(profile: Profile, settings: LoadSettings): number {
  return settings.rate ?? Math.max(1, Math.round((settings.users ?? profile.users) / USER_PERIOD_S));
}

/** A phase's length under the time scale, ms; at least 1, since k6 refuses stages of no length. */
export const scaled = (durationMs: number, settings: LoadSettings): number =>
  Math.max(1, Math.round(durationMs * settings.timeScale));

/** Probes per second with which the uptime target gets its samples in a phase of this length. */
export const probeRate = (uptimeSamples: number, steadyMs: number): number =>
  Math.ceil((uptimeSamples * PROBE_RESERVE) / (steadyMs / 1000));

/** Refills per second. */
export const fillRate = (set: HotSet): number => 1000 / set.spacingMs;

/** Little's law: at most arrival rate × time in the system are under way at once. */
export const vuCeiling = (ratePerS: number, worstIterationMs: number): number =>
  Math.max(2, Math.ceil((ratePerS * worstIterationMs) / 1000));

/** Virtual users that a k6 can need at once, those of all its scenarios together. */
export const mostVirtualUsers = ({ vuCeiling: ceilings }: Pick<RunPlan, 'vuCeiling'>): number =>
  Object.values(ceilings).reduce((sum, ceiling) => sum + ceiling, 0);

export const diskBytes = (requests: number): number => LOG_BYTES + requests * DISK_BYTES_PER_REQUEST;

/** Share of cache reads that can be hits: a cold query and a refill are misses by intention. */
export const bestHitRate = (hotPerS: number, coldPerS: number, set: HotSet): number =>
  hotPerS / (hotPerS + coldPerS + fillRate(set));

/**
 * When the first cold symbol is asked for again.
 *
 * @param coldPerS cold queries per second.
 * @param coldQueries cold queries of the whole run.
 */
export const coldReturnMs = (coldPerS: number, coldQueries: number): number | null =>
  coldQueries <= COLD_SYMBOLS ? null : (COLD_SYMBOLS / coldPerS) * 1000;

/** Joins windows of the same phase that follow each other. */
export function mergePhases(windows: readonly PhaseWindow[]): PhaseWindow[] {
  const merged: PhaseWindow[] = [];
  for (const window of windows) {
    const last = merged[merged.length - 1];
    if (last?.phase !== window.phase) merged.push(window);
    else {
      const offered =
        last.offered === undefined || window.offered === undefined ? {} : { offered: last.offered + window.offered };
      merged[merged.length - 1] = { ...last, endMs: window.endMs, ...offered };
    }
  }
  return merged;
}

/** Area under the ramps, which k6's arrival executors follow linearly. */
function rampedIterations(stages: readonly { durationMs: number; target: number }[]): number {
  let total = 0;
  let from = 0;
  for (const { durationMs, target } of stages) {
    total += ((from + target) / 2) * (durationMs / 1000);
    from = target;
  }
  return total;
}

const PRICE_SHARE = BLOCK_MIX.price / BLOCK;

/** Cache reads per second of the mix and the probes. */
function readsPerSecond(rate: number, probesPerS: number, coldShare: number): { hot: number; cold: number } {
  const priceRate = rate * PRICE_SHARE;
  const cold = priceRate * coldShare;
  const marketShare = PRICE_CYCLE.filter((operation) => operation === 'market-prices').length / PRICE_CYCLE.length;
  const hot =
    (priceRate - cold) * (1 + marketShare * (MARKET_PRICES_SYMBOLS - 1)) +
    (rate * BLOCK_MIX.analysis) / BLOCK +
    probesPerS;
  return { hot, cold };
}
