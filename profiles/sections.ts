import { type HotSet, hotSet } from './hot-set';
import {
  bestHitRate,
  coldReturnMs,
  diskBytes,
  fillRate,
  type LoadSettings,
  MONITOR_PERIOD_S,
  mergePhases,
  normalRate,
  type PhaseWindow,
  POLLS_PER_TASK,
  probeRate,
  type RunPlan,
  SHORTEST_STEADY_MS,
  scaled,
  vuCeiling,
} from './plan';
import type { Profile } from './profile';

/** The k6 scenarios of `targets`, one after the other; each produces the series of one target only. */
export type SectionName = 'cached' | 'hits' | 'tasks' | 'probes';

export interface Section {
  readonly name: SectionName;
  /** The target that this section is for. */
  readonly target: string;
  readonly steadyMs: number;
  /** Iterations per second, as a share of the profile's normal rate; null: as many as the target needs samples. */
  readonly rateShare: number | null;
}

const WARMUP_MS = 2000;

/** The sections that read the cache come first: the hot set's timetable begins with the run. */
export const SECTIONS: readonly Section[] = [
  { name: 'cached', target: 'p95-cached', steadyMs: 20_000, rateShare: 0.6 },
  { name: 'hits', target: 'cache-hit-rate', steadyMs: 20_000, rateShare: 1 },
  { name: 'tasks', target: 'task-completion', steadyMs: 15_000, rateShare: 0.2 },
  { name: 'probes', target: 'uptime', steadyMs: 15_000, rateShare: null },
];

export interface PlannedSection<Name extends string = SectionName> {
  readonly name: Name;
  /** Iterations per second. */
  readonly ratePerS: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Within the section: ms after its own start. */
  readonly phases: readonly PhaseWindow[];
}

export interface SectionsPlan extends RunPlan {
  readonly sections: readonly PlannedSection[];
  readonly hotSet: HotSet;
  /** How long the hot set is kept filled, ms; 0 when no section reads the cache. */
  readonly refillMs: number;
}

/**
 * Lays sections out one after the other, each with a warm-up of its own.
 *
 * @param rateOf iterations per second of a section whose steady phase lasts so many ms.
 */
export function inTurn<Spec extends { readonly name: string; readonly steadyMs: number }>(
  specs: readonly Spec[],
  settings: LoadSettings,
  rateOf: (spec: Spec, steadyMs: number) => number,
): PlannedSection<Spec['name']>[] {
  let atMs = 0;
  return specs.map((spec) => {
    const warmupMs = scaled(WARMUP_MS, settings);
    const steadyMs = Math.max(SHORTEST_STEADY_MS, scaled(settings.steadyMs ?? spec.steadyMs, settings));
    const startMs = atMs;
    const lengthMs = warmupMs + steadyMs;
    atMs += lengthMs;
    return {
      name: spec.name,
      ratePerS: rateOf(spec, steadyMs),
      startMs,
      endMs: atMs,
      phases: [
        { phase: 'warmup', startMs: 0, endMs: warmupMs },
        { phase: 'steady', startMs: warmupMs, endMs: lengthMs },
      ],
    };
  });
}

/** The phases of sections that follow each other, ms after the start of the load. */
export const phasesOf = (sections: readonly PlannedSection<string>[]): PhaseWindow[] =>
  mergePhases(
    sections.flatMap(({ startMs, phases }) =>
      phases.map((window) => ({ ...window, startMs: startMs + window.startMs, endMs: startMs + window.endMs })),
    ),
  );

/**
 * The plan of the scenario `targets`.
 *
 * @param only target ids to measure, or null. A target without a section of its own (the error rate) is judged on
 *   whatever runs, so asking for nothing but such targets runs every section.
 * @param uptimeSamples fewest probes that the uptime target needs.
 */
export function sectionsPlanOf(
  profile: Profile,
  settings: LoadSettings,
  only: readonly string[] | null,
  uptimeSamples: number,
): SectionsPlan {
  const named = SECTIONS.filter((section) => only === null || only.includes(section.target));
  const rate = normalRate(profile, settings);
  const sections = inTurn(named.length > 0 ? named : SECTIONS, settings, ({ rateShare }, steadyMs) =>
    rateShare === null
      ? (settings.probeRate ?? probeRate(uptimeSamples, steadyMs))
      : Math.max(1, Math.round(rate * rateShare)),
  );

  const set = hotSet(settings.cacheTtlMs);
  const readers = sections.filter((section) => section.name === 'cached' || section.name === 'hits');
  const refillMs = readers.reduce((end, section) => Math.max(end, section.endMs), 0);
  const hits = sections.find((section) => section.name === 'hits');

  const expectedIterations: Record<string, number> = {};
  const ceilings: Record<string, number> = {};
  const plan = (name: string, ratePerS: number, durationMs: number) => {
    expectedIterations[name] = Math.round((ratePerS * durationMs) / 1000);
    ceilings[name] = vuCeiling(ratePerS, profile.worstIterationMs);
  };
  for (const section of sections) plan(section.name, section.ratePerS, section.endMs - section.startMs);
  if (refillMs > 0) plan('refill', fillRate(set), refillMs);
  if (hits !== undefined) {
    expectedIterations.monitor = Math.ceil((hits.endMs - hits.startMs) / 1000 / MONITOR_PERIOD_S);
    ceilings.monitor = 1;
  }
  const requestsOf: Readonly<Record<string, number>> = { tasks: 1 + POLLS_PER_TASK, probes: 2 };
  const expectedRequests = Object.entries(expectedIterations).reduce(
    (sum, [name, count]) => sum + count * (requestsOf[name] ?? 1),
    0,
  );
  const coldPerS = (hits?.ratePerS ?? 0) * settings.coldShare;
  return {
    sections,
    hotSet: set,
    refillMs,
    phases: phasesOf(sections),
    durationMs: sections.at(-1)?.endMs ?? 0,
    expectedIterations,
    vuCeiling: ceilings,
    expectedRequests,
    bestHitRate: hits === undefined ? null : bestHitRate(hits.ratePerS - coldPerS, coldPerS, set),
    coldReturnMs: coldReturnMs(coldPerS, (expectedIterations.hits ?? 0) * settings.coldShare),
    diskBytes: diskBytes(expectedRequests),
  };
}
