import { MAD_TO_SD, mean, median, variance } from '../statistics';
import { type Estimate, PRIOR, pairedEstimate, pooledEstimate, type RunValue, welchEstimate } from './estimate';

/** A run's value with the time at which it was measured. */
export interface RunPoint extends RunValue {
  readonly startedAtMs: number;
}

/** How the runs of two sides lie in time. */
export type Design = 'interleaved' | 'blocked' | 'history' | 'single';

export interface Designed {
  readonly design: Design;
  readonly estimate: Estimate;
  readonly warnings: readonly string[];
}

/** Runs that start further apart than this belong to different sessions: the machine may have changed meanwhile. */
const SESSION_GAP_MS = 30 * 60_000;
/** Sessions of history from which the spread between sessions can be told. */
const ENOUGH_SESSIONS = 5;
/**
 * Pairs from which pairing is better than pooling: it halves the degrees of freedom, which costs more than the drift that
 * it takes out while pairs are few (measured by `bench/calibrate`).
 */
const PAIRED_FROM = 10;
const WELCH_FROM = 5;
const WELCH_RATIO = 10;
const MULTIMODAL_FROM = 6;
const MULTIMODAL_GAP = 5;
const OUTLIER_FROM = 5;
const OUTLIER_DEVIATIONS = 5;

export interface Prior {
  readonly sd: number;
  readonly df: number;
}

/**
 * Estimates the difference of two sides as the order of their runs allows.
 *
 * Interleaved runs share the machine's drift, so that their spread is the whole error. When all of one side ran before the
 * other, what the machine did in between looks like a change of the code: then the session, not the run, is the unit. A
 * history of five sessions tells how far sessions lie apart; without one the prior's spread is added for each side.
 *
 * @param history earlier runs of the baseline, of other sessions.
 */
export function estimateByDesign(
  baseline: readonly RunPoint[],
  candidate: readonly RunPoint[],
  history: readonly RunPoint[],
  prior: Prior = PRIOR,
): Designed {
  const warnings = [...oddities('baseline', baseline), ...oddities('candidate', candidate)];
  if (isInterleaved(baseline, candidate)) {
    return { design: 'interleaved', estimate: interleaved(baseline, candidate, history, prior), warnings };
  }
  // A mean of five runs varies less than a single one: sessions count with no more runs than the candidate's have, with the
  // baseline's own before others of the same session.
  const size = Math.min(...sessionsOf(candidate).map((session) => session.length));
  const own = new Set(baseline);
  const sessions = sessionMeans([...baseline, ...history], (session) =>
    [...session.filter((run) => own.has(run)), ...session.filter((run) => !own.has(run))].slice(0, size),
  );
  if (history.length > 0 && sessions.length >= ENOUGH_SESSIONS) {
    return { design: 'history', estimate: pooledEstimate(sessions, sessionMeans(candidate), { prior }), warnings };
  }
  if (baseline.length === 1 && candidate.length === 1) {
    return { design: 'single', estimate: pooledEstimate(sessions, candidate, { prior }), warnings };
  }
  const estimate = pooledEstimate(baseline, candidate, { history, prior, extraVariance: 2 * prior.sd ** 2 });
  return { design: 'blocked', estimate, warnings };
}

function interleaved(
  baseline: readonly RunPoint[],
  candidate: readonly RunPoint[],
  history: readonly RunPoint[],
  prior: Prior,
): Estimate {
  const pairs = neighbours(baseline, candidate);
  if (pairs !== null && pairs.length >= PAIRED_FROM) {
    const within = [...baseline, ...candidate].reduce((sum, run) => sum + run.withinVariance, 0);
    return pairedEstimate(pairs, within / (baseline.length + candidate.length));
  }
  const [a, b] = [baseline.map(({ y }) => y), candidate.map(({ y }) => y)];
  const ratio = variance(a) / variance(b);
  const unequal = Math.min(a.length, b.length) >= WELCH_FROM && (ratio > WELCH_RATIO || ratio < 1 / WELCH_RATIO);
  return unequal ? welchEstimate(a, b) : pooledEstimate(baseline, candidate, { spread: history, prior });
}

/** Whether the sides take turns often enough for drift to fall on both: at least once for each run of the smaller side. */
function isInterleaved(baseline: readonly RunPoint[], candidate: readonly RunPoint[]): boolean {
  const order = inOrder(baseline, candidate);
  const turns = order.filter(({ side }, at) => at > 0 && side !== order[at - 1]?.side).length;
  return turns >= 2 && turns >= Math.min(baseline.length, candidate.length);
}

/** Candidate minus baseline of each two runs that follow each other; null when they do not come in such pairs. */
function neighbours(baseline: readonly RunPoint[], candidate: readonly RunPoint[]): number[] | null {
  if (baseline.length !== candidate.length) return null;
  const order = inOrder(baseline, candidate);
  const differences: number[] = [];
  for (let at = 0; at < order.length; at += 2) {
    const [first, second] = [order[at], order[at + 1]];
    if (first === undefined || second === undefined || first.side === second.side) return null;
    differences.push(first.side === 'candidate' ? first.y - second.y : second.y - first.y);
  }
  return differences;
}

const inOrder = (baseline: readonly RunPoint[], candidate: readonly RunPoint[]) =>
  [
    ...baseline.map((run) => ({ ...run, side: 'baseline' })),
    ...candidate.map((run) => ({ ...run, side: 'candidate' })),
  ].sort((a, b) => a.startedAtMs - b.startedAtMs);

/**
 * One value a session: the mean of its runs.
 *
 * @param counted says which of a session's runs count; all when not given.
 */
export function sessionMeans(
  runs: readonly RunPoint[],
  counted: (session: readonly RunPoint[]) => readonly RunPoint[] = (session) => session,
): RunPoint[] {
  return sessionsOf(runs)
    .map(counted)
    .map((session) => ({
      y: mean(session.map(({ y }) => y)),
      withinVariance: mean(session.map((run) => run.withinVariance)) / session.length,
      startedAtMs: session[0]?.startedAtMs ?? 0,
    }));
}

/** Runs by session, both in the order of time. */
export function sessionsOf<Run extends { readonly startedAtMs: number }>(runs: readonly Run[]): Run[][] {
  const sessions: Run[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const run of [...runs].sort((a, b) => a.startedAtMs - b.startedAtMs)) {
    if (run.startedAtMs - last > SESSION_GAP_MS) sessions.push([]);
    sessions.at(-1)?.push(run);
    last = run.startedAtMs;
  }
  return sessions;
}

/** What a person should look at before believing a group's mean; nothing is left out for it. */
function oddities(side: string, runs: readonly RunPoint[]): string[] {
  const values = runs.map(({ y }) => y).sort((a, b) => a - b);
  const found: string[] = [];
  if (values.length >= MULTIMODAL_FROM) {
    const gaps = values.slice(1).map((value, at) => value - (values[at] as number));
    if (Math.max(...gaps) > MULTIMODAL_GAP * median(gaps)) {
      found.push(`the ${side}'s runs fall into two groups: something other than chance differs between them`);
    }
  }
  if (values.length >= OUTLIER_FROM) {
    const centre = median(values);
    const spread = MAD_TO_SD * median(values.map((value) => Math.abs(value - centre)));
    const odd = values.filter((value) => Math.abs(value - centre) > OUTLIER_DEVIATIONS * spread).length;
    if (odd > 0 && spread > 0) found.push(`${odd} of the ${side}'s runs lie far from the others`);
  }
  return found;
}
