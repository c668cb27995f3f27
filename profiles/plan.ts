import { type HotSet, hotSet } from './hot-set';
import { BLOCK, BLOCK_MIX, DSL_SYNC_EVERY, MARKET_PRICES_SYMBOLS, PRICE_CYCLE } from './mix';
import type { PhaseName, Profile } from './profile';
import { USER_PERIOD_S } from './profile';

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
}

/** Everything that a profile implies, computed before any load: shown by `list` and `--dry-run`, checked by the judge. */
export interface Plan {
  readonly model: 'open' | 'closed';
  readonly users: number;
  /** Iterations per second in the steady phase; of the closed model, with answers that take no time. */
  readonly rate: number;
  /** Ramps as k6 takes them: iterations per second in the open model, VUs in the closed one. */
  readonly stages: readonly { readonly durationMs: number; readonly target: number }[];
  readonly phases: readonly PhaseWindow[];
  readonly durationMs: number;
  readonly probeRate: number;
  /** Most VUs that traffic can occupy at once. */
  readonly trafficVus: number;
  readonly probeVus: number;
  readonly refillVus: number;
  readonly hotSet: HotSet;
  /** Iterations by k6 scenario over the whole run; of the closed model an upper estimate. */
  readonly expectedIterations: Readonly<Record<'traffic' | 'probes' | 'refill' | 'monitor', number>>;
  readonly expectedRequests: number;
  /** Share of cache reads that can be hits at best: cold queries and refills must miss. */
  readonly bestHitRate: number;
  /** Room that the recorded samples need, generously. */
  readonly diskBytes: number;
}

/** Seconds between two looks at the server's own counters. */
export const MONITOR_PERIOD_S = 2;
/** Polls until a DSL task's end at 100 ms each, from the mean sleep of the queries in the contract. */
const POLLS_PER_TASK = 5;
/** Gzipped k6 JSON is about 110 bytes a request with few tags; failures carry more. */
const DISK_BYTES_PER_REQUEST = 400;
const SETUP_BYTES = 20e6;
/** Probes beyond the fewest that can prove the uptime target, for phases that end a little early. */
const PROBE_RESERVE = 1.1;

/**
 * @param uptimeSamples fewest probes that the uptime target needs in the steady phase.
 */
export function planOf(profile: Profile, settings: LoadSettings, uptimeSamples: number): Plan {
  const users = settings.users ?? (settings.rate === null ? profile.users : settings.rate * USER_PERIOD_S);
  const rate = settings.rate ?? Math.max(1, Math.round(users / USER_PERIOD_S));
  const peak = settings.model === 'open' ? rate : users;
  const rampMs = (users / (settings.spawnRate ?? (profile.spawnRate * users) / profile.users)) * 1000;

  const stages: { durationMs: number; target: number }[] = [];
  const phases: PhaseWindow[] = [];
  let atMs = 0;
  // Probes prove the same claim whatever the scale, so their rate follows the profile's own length.
  let unscaledSteadyMs = 0;
  for (const stage of profile.stages) {
    const ownMs =
      stage.phase === 'steady' && settings.steadyMs !== null
        ? settings.steadyMs
        : stage.duration === 'ramp'
          ? rampMs
          : stage.duration;
    if (stage.phase === 'steady') unscaledSteadyMs += ownMs;
    const durationMs = Math.max(1, Math.round(ownMs * settings.timeScale));
    stages.push({ durationMs, target: Math.round(peak * stage.to) });
    const last = phases[phases.length - 1];
    if (last?.phase === stage.phase) phases[phases.length - 1] = { ...last, endMs: atMs + durationMs };
    else phases.push({ phase: stage.phase, startMs: atMs, endMs: atMs + durationMs });
    atMs += durationMs;
  }

  const probeRate = settings.probeRate ?? Math.ceil((uptimeSamples * PROBE_RESERVE) / (unscaledSteadyMs / 1000));
  const set = hotSet(settings.cacheTtlMs);
  const seconds = atMs / 1000;
  const expectedIterations = {
    traffic: Math.round(rampedIterations(stages) / (settings.model === 'open' ? 1 : USER_PERIOD_S)),
    probes: Math.round(probeRate * seconds),
    refill: Math.round((1000 / set.spacingMs) * seconds),
    monitor: Math.ceil(seconds / MONITOR_PERIOD_S),
  };
  const tasksPerIteration = (BLOCK_MIX.dsl / BLOCK) * (1 - 1 / DSL_SYNC_EVERY);
  const expectedRequests = Math.round(
    expectedIterations.traffic * (1 + tasksPerIteration * POLLS_PER_TASK) +
      expectedIterations.probes * 2 +
      expectedIterations.refill +
      expectedIterations.monitor,
  );
  return {
    model: settings.model,
    users,
    rate,
    stages,
    phases,
    durationMs: atMs,
    probeRate,
    trafficVus: settings.model === 'closed' ? users : ceilingVus(rate, profile.worstIterationMs),
    probeVus: ceilingVus(probeRate, profile.worstIterationMs),
    refillVus: ceilingVus(1000 / set.spacingMs, profile.worstIterationMs),
    hotSet: set,
    expectedIterations,
    expectedRequests,
    bestHitRate: bestHitRate(rate, probeRate, set, settings.coldShare),
    diskBytes: SETUP_BYTES + expectedRequests * DISK_BYTES_PER_REQUEST,
  };
}

/** Little's law: at most arrival rate × time in the system are under way at once. */
function ceilingVus(ratePerS: number, worstIterationMs: number): number {
  return Math.max(2, Math.ceil((ratePerS * worstIterationMs) / 1000));
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

function bestHitRate(rate: number, probeRate: number, set: HotSet, coldShare: number): number {
  const priceRate = (rate * BLOCK_MIX.price) / BLOCK;
  const coldReads = priceRate * coldShare;
  const marketShare = PRICE_CYCLE.filter((operation) => operation === 'market-prices').length / PRICE_CYCLE.length;
  const hotReads =
    (priceRate - coldReads) * (1 + marketShare * (MARKET_PRICES_SYMBOLS - 1)) +
    (rate * BLOCK_MIX.analysis) / BLOCK +
    probeRate;
  const fills = 1000 / set.spacingMs;
  return hotReads / (hotReads + coldReads + fills);
}
