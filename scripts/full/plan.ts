import { type Config, ConfigError, type OverrideName, parseConfig } from '../../config';
import { chooseWay, driversOf, driversWanted, type Fault, faultOf, longestTtlMs, type RunPlan } from '../../profiles';
import { LimitsError } from '../../thresholds';
import { UserError } from '../errors';
import { type PreparedRun, prepareRun } from '../run';
import { missingServices } from '../services';
import { SetupError } from '../setup';
import type { Part } from './parts';

/** What the parts are run on. */
export type Server =
  /** The user's, at `PERF_TARGET`. */
  | 'user'
  /** On real stores behind Toxiproxy, started once for all parts; its cache is emptied between them. */
  | 'services'
  /** The embedded one, where no stores are installed: its cache is within it, so that each part has one of its own. */
  | 'embedded';

export interface PlannedPart {
  readonly part: Part;
  /** Null for a part that is not going to be run. */
  readonly prepared: PreparedRun | null;
  /** Why not; empty for one that is. */
  readonly reasons: readonly string[];
  /** Of its load; 0 for one that is not run. */
  readonly loadMs: number;
  /** Before it, until what earlier parts left in the cache has expired. */
  readonly waitMs: number;
}

export interface FullPlan {
  readonly server: Server;
  readonly parts: readonly PlannedPart[];
  /** Of every part beside its load. */
  readonly overheadMs: number;
  /** Until the server is there. */
  readonly startMs: number;
  readonly totalMs: number;
}

/** What k6's start, the last answers, ingest and judging take a part, and what Redis, PostgreSQL and the rest take to start. */
const OVERHEAD_MS = 6000;
const SERVICES_START_MS = 8000;

/** What each part says itself. */
const OF_PARTS = ['PERF_PROFILE', 'PERF_FAULT', 'PERF_ONLY'] as const satisfies readonly OverrideName[];

/**
 * Plans the parts before any load: how long each is, and which cannot be run here.
 *
 * @param timeScale multiplies every part's length, instead of `PERF_TIME_SCALE`; undefined without one.
 * @throws ConfigError or UserError for what is wrong whatever the part.
 */
export function planFull(
  parts: readonly Part[],
  {
    env,
    timeScale,
    stream,
    quiet,
  }: {
    readonly env: NodeJS.ProcessEnv;
    readonly timeScale: string | undefined;
    readonly stream: NodeJS.WriteStream;
    readonly quiet: boolean;
  },
): FullPlan {
  const effective = timeScale === undefined ? env : { ...env, PERF_TIME_SCALE: timeScale };
  const config = parseConfig(effective);
  refuse(parts, config, env);
  const server = config.PERF_TARGET !== null ? 'user' : missingServices(env).length === 0 ? 'services' : 'embedded';
  const overheadMs = OVERHEAD_MS;
  const startMs = server === 'services' ? SERVICES_START_MS : 0;
  let atMs = startMs;
  let coldEndMs = Number.NEGATIVE_INFINITY;
  const planned = parts.map((part): PlannedPart => {
    const { prepared, reasons } = preparedPart(part, config, { env, out: null, stream, quiet }, server);
    if (prepared?.plan == null) return { part, prepared, reasons, loadMs: 0, waitMs: 0 };
    const { plan } = prepared;
    const waitMs =
      server === 'user' && isSpoiledByCold(plan) ? Math.max(0, coldEndMs + longestTtlMs(config) - atMs) : 0;
    atMs += waitMs + plan.durationMs;
    if (leavesCold(part)) coldEndMs = atMs;
    atMs += overheadMs;
    return { part, prepared, reasons, loadMs: plan.durationMs, waitMs };
  });
  return { server, parts: planned, overheadMs, startMs, totalMs: atMs };
}

/** Scenarios that ask for nothing that is not cached. */
const WARM: readonly string[] = ['redis-down'];

/** Whether a part leaves answers in the cache that the next would ask a provider for: each run begins with the same symbols. */
export const leavesCold = ({ scenario }: Part): boolean => !WARM.includes(scenario);

/** Whether a run is INVALID when what it calls cold is cached. */
export const isSpoiledByCold = ({ bestHitRate, phases }: RunPlan): boolean =>
  bestHitRate !== null && phases.some(({ phase }) => phase === 'steady');

function refuse(parts: readonly Part[], config: Config, env: NodeJS.ProcessEnv): void {
  const problems = OF_PARTS.filter((name) => env[name]).map(
    (name) => `${name}: each part of full has its own; leave it out, and choose parts with --only`,
  );
  const faults = new Set(parts.flatMap(({ overrides }) => overrides.PERF_FAULT ?? []));
  if (faults.size > 1 && (config.PERF_FAULT_ON !== null || config.PERF_FAULT_HOOK !== null)) {
    problems.push(
      'PERF_FAULT_ON and PERF_FAULT_HOOK make one fault, and these parts are about several: choose one part with --only',
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

type Request = Omit<Parameters<typeof prepareRun>[0], 'scenario' | 'flags'>;

function preparedPart(
  { scenario, overrides }: Part,
  config: Config,
  request: Request,
  server: Server,
): Pick<PlannedPart, 'prepared' | 'reasons'> {
  const scale = Number(overrides.PERF_TIME_SCALE ?? 1) * config.PERF_TIME_SCALE;
  // Without what binary fractions leave: 0.3 × 0.1 is 0.03.
  const flags = { ...overrides, PERF_TIME_SCALE: String(Number(scale.toPrecision(6))) };
  try {
    const prepared = prepareRun({ ...request, scenario, flags });
    const fault = faultOf(scenario, prepared.config);
    if (fault === null || canBeMade(fault, prepared, server)) return { prepared, reasons: [] };
    return { prepared: null, reasons: [`${fault.about}: it takes ${driversWanted(fault)}`] };
  } catch (error) {
    return { prepared: null, reasons: problemsOf(error) };
  }
}

/** What keeps a run from starting, for a person. @throws what is no mistake of the user's. */
export function problemsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError || error instanceof LimitsError) return error.problems;
  if (error instanceof UserError || error instanceof SetupError) return error.message.split('\n');
  throw error;
}

/** The embedded server's control port has no address before it has started. */
const ANY_ADDRESS = 'http://127.0.0.1';

function canBeMade(fault: Fault, { config, env }: PreparedRun, server: Server): boolean {
  if (server === 'services' || config.PERF_FAULT_ON !== null) return true;
  const drivers = driversOf(config);
  if (chooseWay(fault, server === 'embedded' ? { ...drivers, control: ANY_ADDRESS } : drivers) !== null) return true;
  const stores = { 'redis-maxclients': env.REDIS_URL, 'postgres-connections': env.DATABASE_URL };
  return fault.ways.some((way) => way.driver === 'store' && Boolean(stores[way.action]));
}
