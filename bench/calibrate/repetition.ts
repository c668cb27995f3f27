import type { Measure, Observation } from '../../scripts/result/observation';
import { untransformed } from '../../scripts/result/scale';
import type { Cell } from './cells';
import { MEAN, P95, type PooledRun, type Pools, poolOfFailures, poolOfRuns } from './pool';
import { type Random, shuffled } from './random';
import { KIND_IDS } from './simulate';

/** What the methods of comparison that work on requests see of a run: price queries. */
export interface RawRun {
  /** Logarithms of mean and P95. */
  readonly mean: number;
  readonly p95: number;
  /** Requests on the logarithmic grid, and by how much they are to be moved. */
  readonly grid: Uint8Array;
  readonly shift: number;
}

export interface Side {
  readonly observations: readonly Observation[];
  readonly raw: readonly RawRun[];
}

export interface Repetition {
  readonly baseline: Side;
  readonly candidate: Side;
  readonly history: readonly Observation[];
}

const MINUTE_MS = 60_000;
/** From one run's start to the next one's: five minutes and what lies around them. */
const SLOT_MS = 6 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const TODAY_MS = Date.parse('2026-06-01T10:00:00Z');
/** Sessions of the history follow each other at this distance. */
const HISTORY_STEP_MS = 11 * HOUR_MS;
/** Part of a run's effect that is the machine's and so the same for all kinds of requests; the rest is each kind's own. */
const SHARED = 0.4;

interface Place {
  readonly side: 'history' | 'baseline' | 'candidate';
  readonly startedAtMs: number;
  readonly session: number;
}

/** Draws the repetitions of a cell. Two generators of the same cell give the same ones. */
export function* repetitionsOf(cell: Cell, pools: Pools, random: Random): Generator<Repetition, never> {
  const { regime, change } = cell;
  const draw = (pool: string) => {
    const runs = pools.get(pool) ?? [];
    const order = shuffled(runs.length, random);
    return () => runs[order.next().value] as PooledRun;
  };
  const asEver = draw(poolOfRuns('as ever'));
  const changed = change.shape === 'as ever' ? asEver : draw(poolOfRuns(change.shape));
  const failing = draw(poolOfFailures(regime.failureSd, 1));
  const failingMore = change.failures === 1 ? failing : draw(poolOfFailures(regime.failureSd, change.failures));
  const places = placesOf(cell);
  for (;;) {
    let drift = 0;
    const sessions = new Map<number, number>();
    const runs = places.map((place, at) => {
      drift += regime.driftSd * random.normal();
      const session = sessions.get(place.session) ?? regime.sessionSd * random.normal();
      sessions.set(place.session, session);
      const isChanged = place.side === 'candidate';
      const machine = drift + session + (isChanged ? Math.log(change.latency) : 0);
      const effects = runEffects(regime.runSd, machine, random);
      const latencies = (isChanged ? changed : asEver)();
      const failures = (isChanged ? failingMore : failing)();
      return {
        side: place.side,
        observation: observationOf(at, place, [latencies, failures], effects),
        raw: rawOf(latencies, effects),
      };
    });
    const side = (wanted: Place['side']): Side => {
      const own = runs.filter((run) => run.side === wanted);
      return { observations: own.map(({ observation }) => observation), raw: own.map(({ raw }) => raw) };
    };
    yield { baseline: side('baseline'), candidate: side('candidate'), history: side('history').observations };
  }
}

/** When which run was made, in time: the history, then both sides in turns, or the candidate after the baseline. */
function placesOf({ regime, order, runs, history, historyRuns }: Cell): Place[] {
  const places: Place[] = [];
  for (let session = 0; session < history; session++) {
    const startedAtMs = TODAY_MS - (history - session) * HISTORY_STEP_MS;
    for (let at = 0; at < historyRuns; at++) {
      places.push({ side: 'history', startedAtMs: startedAtMs + at * SLOT_MS, session });
    }
  }
  // In a machine that drifts the candidate follows at once, as a walk that went on meanwhile would have no known length.
  const apart = order === 'one after the other' && regime.driftSd === 0;
  for (let at = 0; at < 2 * runs; at++) {
    const isCandidate = order === 'in turns' ? at % 4 === 1 || at % 4 === 2 : at >= runs;
    const later = apart && isCandidate;
    places.push({
      side: isCandidate ? 'candidate' : 'baseline',
      startedAtMs: TODAY_MS + at * SLOT_MS + (later ? 24 * HOUR_MS : 0),
      session: history + (later ? 1 : 0),
    });
  }
  return places;
}

type Effects = ReadonlyMap<string, number>;

/** By how much each kind of requests of a run is moved, on the logarithmic scale. */
function runEffects(sd: number, machine: number, random: Random): Effects {
  const shared = Math.sqrt(SHARED) * random.normal();
  return new Map(
    KIND_IDS.map((kind) => [kind, machine + sd * (shared + Math.sqrt(1 - SHARED) * random.normal())] as const),
  );
}

function observationOf(at: number, { side, startedAtMs }: Place, runs: readonly PooledRun[], effects: Effects) {
  const measures: Measure[] = [];
  for (const { measures: pooled } of runs) {
    for (const id in pooled) {
      const { measure, y } = pooled[id] as PooledRun['measures'][string];
      if (!measure.gating) continue;
      const value = untransformed(y + (effects.get(measure.operation) ?? 0), measure.scale);
      measures.push({ ...measure, value });
    }
  }
  return { ...EMPTY, runId: `${side} ${at}`, startedAtMs, endedAtMs: startedAtMs + SLOT_MS, measures };
}

const EMPTY: Omit<Observation, 'runId' | 'startedAtMs' | 'endedAtMs' | 'measures'> = {
  schema: 'fiml-perf/observation',
  version: 1,
  scenario: 'load',
  profile: 'load',
  fingerprint: { scenario: 'load' },
  identity: { commit: null, dirty: null, target: 'simulated', targetVersion: null, suiteVersion: '0' },
  verdict: 'PASS',
  flaws: [],
  warnings: [],
};

function rawOf({ measures, grid }: PooledRun, effects: Effects): RawRun {
  const shift = effects.get('price') ?? 0;
  const [mean, p95] = [measures[MEAN], measures[P95]];
  if (mean === undefined || p95 === undefined || grid === null) throw new Error('a simulated run has no price queries');
  return { mean: mean.y + shift, p95: p95.y + shift, grid, shift };
}
