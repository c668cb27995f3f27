import {
  COLD_SYMBOLS,
  diskBytes,
  type LoadSettings,
  MONITOR_PERIOD_S,
  normalRate,
  POLLS_PER_TASK,
  type RunPlan,
  vuCeiling,
} from './plan';
import type { Profile } from './profile';
import { inTurn, type PlannedSection, phasesOf } from './sections';

/** The k6 scenarios of `components`, one after the other; each measures one component. */
export type ComponentName = 'l1' | 'provider' | 'dslSync' | 'dslTask' | 'narrative' | 'sessions';

export interface Component {
  readonly name: ComponentName;
  /** The target that it is for. */
  readonly target: string;
  readonly steadyMs: number;
  /** Iterations per second, as a share of the profile's normal rate; null: as `sparing` says, whatever is asked for. */
  readonly rateShare: number | null;
  /** Limits of what others get of it; null where they get next to nothing. */
  readonly sparing: Sparing | null;
  /**
   * Longest iteration with which the generator keeps up: well beyond the limit, so that a server within it never makes
   * iterations wait for a virtual user.
   */
  readonly worstIterationMs: number;
  /** Whether it is run only where its target is asked for by name, as that target is in force only there. */
  readonly isOnRequest?: true;
}

/**
 * How a section spares the providers and the LLM behind the server, which may be real ones, and the store in which sessions
 * stay, unless PERF_RATE asks.
 */
interface Sparing {
  readonly mostPerS: number;
  /** Most iterations of the steady phase, however long it is made. */
  readonly most: number;
}

/**
 * Time from one narrative's symbol to the next. A server keeps a narrative for up to 30 minutes, and only a symbol's first
 * question shows what it takes to write one. The clock, not the run, says whose turn it is, one symbol in this time: so the
 * symbols go round in 32 minutes, and no two runs, however soon after each other, ask for the same one within 30. Hence
 * nothing can make narratives faster than this.
 */
export const NARRATIVE_EVERY_MS = 2000;
/** P95 takes 59 samples; a few more, for answers that fail. */
const FEW = 64;

/** Narratives are last of what is always run: they take longest, and on a server without an LLM say least. */
export const COMPONENTS: readonly Component[] = [
  { name: 'l1', target: 'component-l1', steadyMs: 20_000, rateShare: 0.6, sparing: null, worstIterationMs: 2000 },
  {
    name: 'provider',
    target: 'component-provider',
    steadyMs: 32_000,
    rateShare: 0.2,
    sparing: { mostPerS: 2, most: FEW },
    worstIterationMs: 10_000,
  },
  {
    name: 'dslSync',
    target: 'component-dsl-sync',
    steadyMs: 15_000,
    rateShare: 0.1,
    sparing: null,
    worstIterationMs: 5000,
  },
  {
    name: 'dslTask',
    target: 'component-dsl-task',
    steadyMs: 15_000,
    rateShare: 0.1,
    sparing: null,
    worstIterationMs: 5000,
  },
  {
    name: 'narrative',
    target: 'component-narrative',
    steadyMs: NARRATIVE_EVERY_MS * FEW,
    rateShare: null,
    sparing: { mostPerS: 1000 / NARRATIVE_EVERY_MS, most: FEW },
    worstIterationMs: 15_000,
  },
  {
    name: 'sessions',
    target: 'component-session',
    steadyMs: 15_000,
    rateShare: 0.02,
    sparing: { mostPerS: 1, most: FEW },
    worstIterationMs: 15_000,
    // No tool of the server's ends a session: each stays in its Redis for an hour, with all that others have made.
    isOnRequest: true,
  },
];

/**
 * How often a session is looked up before it is extended. A look leaves nothing behind and a session stays for an hour, so
 * that requests come of looks.
 */
export const SESSION_LOOKS = 8;
/** One visit in so many lists its user's sessions, for which the server reads those of all users. */
export const LIST_SESSIONS_EVERY = 5;
/** Made, looked up, extended, and now and then listed. */
export const REQUESTS_PER_SESSION = 1 + SESSION_LOOKS + 1 + 1 / LIST_SESSIONS_EVERY;

/** Symbols that the reads of L1 take turns with: each costs its provider one request in a TTL. */
export const L1_SYMBOLS = 4;
/** An analysis asks for a price, fundamentals and technicals; only the price is cached. */
const PROVIDER_REQUESTS_PER_ANALYSIS = 3;

export interface ComponentsPlan extends RunPlan {
  readonly sections: readonly PlannedSection<ComponentName>[];
}

/**
 * The plan of the scenario `components`.
 *
 * @param only target ids to measure, or null for all but those on request.
 * @returns null when `only` names no component.
 */
export function componentsPlanOf(
  profile: Profile,
  settings: LoadSettings,
  only: readonly string[] | null,
): ComponentsPlan | null {
  const named = COMPONENTS.filter(({ target, isOnRequest = false }) =>
    only === null ? !isOnRequest : only.includes(target),
  );
  if (named.length === 0) return null;
  const rate = normalRate(profile, settings);
  const sections = inTurn(named, settings, (component, steadyMs) => rateOf(component, rate, settings, steadyMs));

  const expectedIterations: Record<string, number> = {};
  const ceilings: Record<string, number> = {};
  for (const { name, worstIterationMs } of named) {
    const section = sections.find((one) => one.name === name);
    if (section === undefined) continue;
    expectedIterations[name] = Math.round((section.ratePerS * (section.endMs - section.startMs)) / 1000);
    ceilings[name] = vuCeiling(section.ratePerS, worstIterationMs);
  }
  const lengthS = (name: ComponentName): number => {
    const section = sections.find((one) => one.name === name);
    return section === undefined ? 0 : (section.endMs - section.startMs) / 1000;
  };
  const looks = (name: ComponentName) => Math.ceil(lengthS(name) / MONITOR_PERIOD_S);
  if (lengthS('l1') > 0) {
    expectedIterations.monitor = looks('l1');
    ceilings.monitor = 1;
  }
  // How often it looks is its own affair, as of every monitor: nothing is expected of it.
  if (lengthS('provider') > 0) ceilings.coldMonitor = 1;

  const {
    l1 = 0,
    provider = 0,
    dslSync = 0,
    dslTask = 0,
    narrative = 0,
    sessions: visits = 0,
    monitor = 0,
  } = expectedIterations;
  const expectedRequests =
    l1 +
    provider +
    dslSync +
    dslTask * (1 + POLLS_PER_TASK) +
    narrative +
    Math.round(visits * REQUESTS_PER_SESSION) +
    monitor +
    looks('provider');
  const refills = l1 === 0 ? 0 : L1_SYMBOLS * Math.ceil((lengthS('l1') * 1000) / settings.cacheTtlMs);
  const coldPerS = sections.find(({ name }) => name === 'provider')?.ratePerS ?? null;
  return {
    sections,
    phases: phasesOf(sections),
    durationMs: sections.at(-1)?.endMs ?? 0,
    expectedIterations,
    vuCeiling: ceilings,
    expectedRequests,
    bestHitRate: null,
    // By the clock: the next run may begin where this one would have come to after so long.
    coldReturnMs: coldPerS === null ? null : (COLD_SYMBOLS / coldPerS) * 1000,
    providerRequests: refills + provider + PROVIDER_REQUESTS_PER_ANALYSIS * narrative,
    diskBytes: diskBytes(expectedRequests),
  };
}

function rateOf({ rateShare, sparing }: Component, rate: number, settings: LoadSettings, steadyMs: number): number {
  const wanted = rateShare === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(rate * rateShare));
  if (sparing === null) return wanted;
  if (settings.rate !== null) return rateShare === null ? sparing.mostPerS : wanted;
  // Per 100 s, as k6 takes rates: less than one in that time would be none.
  return Math.min(wanted, sparing.mostPerS, Math.max(0.01, sparing.most / (steadyMs / 1000)));
}
