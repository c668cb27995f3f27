import { EXIT_FAIL, EXIT_INVALID, EXIT_OK } from '../exit-codes';
import {
  COMPARISON_VERSION,
  type Comparison,
  type ComparisonRow,
  METRIC_VERDICTS,
  type MetricVerdict,
} from '../result/comparison';
import { conditionsKey, type Measure, type Observation } from '../result/observation';
import { changeFrom, isOnScale, transformed, untransformed } from '../result/scale';
import { mean } from '../statistics';
import {
  DEFAULT_LIMITS,
  type Decision,
  decide,
  FAMILY_ALPHA,
  type Limits,
  type Oriented,
  SHARE_LIMITS,
} from './decide';
import { type Designed, estimateByDesign, type Prior, type RunPoint, sessionsOf } from './design';
import { interval, PRIOR, runsNeeded, smallestDetectable } from './estimate';
import { acceptedDifferences } from './fingerprint';
import { learnedPrior } from './learned-prior';
import { comparisonReasons } from './reasons';

export interface CompareRequest {
  readonly baseline: readonly Observation[];
  readonly candidate: readonly Observation[];
  /** Earlier runs of the baseline since its last change; those that are in neither side and lie before its newest run count. */
  readonly history?: readonly Observation[];
  readonly limits?: Limits;
  /** Names of differences between the conditions that are accepted. */
  readonly allow?: readonly string[];
  /** Assumed spread between runs of ratio-scaled measures, where something better than the default is known. */
  readonly prior?: Prior;
}

/** Latencies closer than this are the same to every user: 5 % of a millisecond is nobody's regression. */
const LATENCY_FLOOR_MS = 0.2;
/** On the arcsine scale: a share of 1 % moves by 0.2 points. */
const SHARE_PRIOR: Prior = { sd: 0.01, df: 4 };
const MOST_SESSIONS = 20;
/** α of "no change", below the 5 % in which it may be wrong: at the margin itself it is wrong as often as it may be. */
const EQUALITY_ALPHA = 0.04;
const BLOCKED_ORDER =
  'all runs of one side came before the other’s: only a change larger than what the machine may have done in between counts';
/** A machine is not the same after longer: its history then says little about today. */
const HISTORY_FRESH_MS = 14 * 24 * 3600_000;

/**
 * Says of every measure whether the candidate got worse than the baseline, and how sure that is.
 *
 * @throws UserError when the two cannot be compared, with every difference.
 */
export function compare(request: CompareRequest): Comparison {
  const { baseline, candidate, limits = DEFAULT_LIMITS, allow = [] } = request;
  const accepted = acceptedDifferences(baseline, candidate, allow);
  const history = usableHistory(request);
  const flaws = flawsOf(baseline, candidate);
  const measures = measuresOnBothSides(baseline, candidate);
  const priorOf = priors(request);
  const judged = measures.map((measure) => judgeMeasure(measure, { baseline, candidate, history, limits, priorOf }));
  const rows = withVerdicts(judged, limits, flaws);
  const verdict = worst(rows.filter(({ gating }) => gating));
  const ids = (runs: readonly Observation[]) => new Set(runs.flatMap(measuredIds));
  const [before, after] = [ids(baseline), ids(candidate)];
  const comparison: Omit<Comparison, 'reasons'> = {
    schema: 'fiml-perf/comparison',
    version: COMPARISON_VERSION,
    scenario: candidate[0]?.scenario ?? '',
    profile: candidate[0]?.profile ?? null,
    verdict,
    exitCode: exitCodeOf(verdict),
    design: judged.find(({ designed }) => designed !== null)?.designed?.design ?? 'single',
    limits,
    baseline: sideOf(baseline),
    candidate: sideOf(candidate),
    historyRuns: history.length,
    accepted,
    onlyInBaseline: [...before].filter((id) => !after.has(id)).sort(),
    onlyInCandidate: [...after].filter((id) => !before.has(id)).sort(),
    warnings: warningsOf(baseline, candidate, judged),
    rows,
  };
  return { ...comparison, reasons: comparisonReasons(comparison, flaws) };
}

export const exitCodeOf = (verdict: Comparison['verdict']): number =>
  verdict === 'REGRESSED' ? EXIT_FAIL : verdict === 'INVALID' ? EXIT_INVALID : EXIT_OK;

/** The worst of what gates; nothing to gate by is no verdict. */
export const worst = (rows: readonly Pick<ComparisonRow, 'verdict'>[]): MetricVerdict =>
  METRIC_VERDICTS.find((word) => rows.some(({ verdict }) => verdict === word)) ?? 'INVALID';

/** Earlier runs of the baseline: the same conditions, not newer than it, fresh, and none of its own. */
function usableHistory({ baseline, candidate, history = [] }: CompareRequest): Observation[] {
  const own = new Set([...baseline, ...candidate].map(({ runId }) => runId));
  const newest = Math.max(...baseline.map(({ startedAtMs }) => startedAtMs));
  const now = Math.max(...candidate.map(({ startedAtMs }) => startedAtMs));
  const conditions = conditionsKey(baseline[0] ?? { fingerprint: {} });
  const usable = history
    .filter((run) => !own.has(run.runId) && run.startedAtMs <= newest && run.flaws.length === 0)
    .filter((run) => conditionsKey(run) === conditions);
  const newestSessions = sessionsOf(usable).slice(-MOST_SESSIONS).flat();
  const last = newestSessions.at(-1)?.startedAtMs ?? Number.NEGATIVE_INFINITY;
  return now - last <= HISTORY_FRESH_MS ? newestSessions : [];
}

function flawsOf(baseline: readonly Observation[], candidate: readonly Observation[]): string[] {
  const of = (side: string, runs: readonly Observation[]) =>
    runs.flatMap(({ runId, flaws }) => flaws.map((flaw) => `${side} ${runId}: ${flaw}`));
  return [...of('baseline', baseline), ...of('candidate', candidate)];
}

const measuredIds = ({ measures }: Observation): string[] => measures.map(({ id }) => id);

/** Those that every run of both sides has; the candidate's word on what gates counts. */
function measuresOnBothSides(baseline: readonly Observation[], candidate: readonly Observation[]): Measure[] {
  const all = [...baseline, ...candidate];
  return (candidate[0]?.measures ?? []).filter(({ id }) =>
    all.every(({ measures }) => measures.some((measure) => measure.id === id)),
  );
}

interface Judged {
  readonly measure: Measure;
  /** Null where a value is missing on either side. */
  readonly designed: Designed | null;
  readonly oriented: Oriented | null;
  /** Why there is no estimate. */
  readonly problem: string | null;
  /** Means of both sides on the transformed scale. */
  readonly means: readonly [number, number];
}

interface Context {
  readonly baseline: readonly Observation[];
  readonly candidate: readonly Observation[];
  readonly history: readonly Observation[];
  readonly limits: Limits;
  readonly priorOf: (measure: Measure) => Prior;
}

/**
 * The spread between runs that is assumed of a measure. Files of benchmarks, many measures of the same runs, tell it
 * themselves; a run of the suite has but a few, of the same requests, which differ together or not at all.
 */
function priors({ baseline, candidate, prior }: CompareRequest): Context['priorOf'] {
  const learns = prior === undefined && [...baseline, ...candidate].every(({ scenario }) => scenario === 'benchmarks');
  const learned = new Map<string, Prior>();
  return ({ scale, statistic }) => {
    if (scale === 'share') return SHARE_PRIOR;
    if (!learns) return prior ?? PRIOR;
    const known = learned.get(statistic) ?? learnedPrior(baseline, candidate, statistic) ?? PRIOR;
    learned.set(statistic, known);
    return known;
  };
}

function judgeMeasure(measure: Measure, { baseline, candidate, history, limits, priorOf }: Context): Judged {
  const ofBaseline = baseline.map((run) => find(run, measure.id));
  const ofCandidate = candidate.map((run) => find(run, measure.id));
  const problem = [...ofBaseline, ...ofCandidate].find((one) => one?.insufficient)?.insufficient ?? null;
  if (problem !== null || [...ofBaseline, ...ofCandidate].some((one) => !isComparable(one))) {
    return { measure, designed: null, oriented: null, problem: problem ?? 'not measured', means: [0, 0] };
  }
  const points = (runs: readonly Observation[]): RunPoint[] =>
    runs.flatMap((run) => {
      const found = find(run, measure.id);
      if (!isComparable(found)) return [];
      const y = transformed(found.value, measure.scale);
      return [{ y, withinVariance: found.withinVariance, startedAtMs: run.startedAtMs }];
    });
  const [a, b, h] = [points(baseline), points(candidate), points(history)];
  const designed = estimateByDesign(a, b, h, priorOf(measure));
  const means: [number, number] = [0, 0];
  means[1] = mean(b.map(({ y }) => y));
  means[0] = means[1] - designed.estimate.difference;
  return {
    measure,
    designed,
    means,
    problem: null,
    oriented: orient(measure, designed, means, limits, cases(ofCandidate)),
  };
}

const find = ({ measures }: Observation, id: string): Measure | undefined => measures.find((one) => one.id === id);

const isComparable = (measure: Measure | undefined): measure is Measure & { value: number } =>
  measure !== undefined && isOnScale(measure.value, measure.scale);

const cases = (measures: readonly (Measure | undefined)[]): number =>
  measures.reduce((sum, measure) => sum + (measure?.samples ?? 0), 0);

function orient(
  measure: Measure,
  { estimate }: Designed,
  [before, after]: readonly [number, number],
  limits: Limits,
  samples: number,
): Oriented {
  const sign = measure.worse === 'higher' ? 1 : -1;
  const turned = { ...estimate, difference: sign * estimate.difference };
  const [was, is] = [untransformed(before, measure.scale), untransformed(after, measure.scale)];
  if (measure.scale === 'share') {
    const rise = Math.abs(is - was);
    return {
      estimate: turned,
      aboveFloor: rise >= SHARE_LIMITS.floor && rise * samples >= SHARE_LIMITS.casesFloor,
      smallestRelevant: 0,
      margin: transformed(was + SHARE_LIMITS.margin, 'share') - before,
    };
  }
  return {
    estimate: turned,
    aboveFloor: measure.unit !== 'ms' || Math.abs(is - was) >= LATENCY_FLOOR_MS,
    smallestRelevant: Math.log1p(limits.smallestRelevant),
    margin: Math.log1p(limits.margin),
  };
}

/** The gating family is corrected as strictly as a gate must be, the rest so that a table of many rows stays readable. */
function withVerdicts(judged: readonly Judged[], limits: Limits, flaws: readonly string[]): ComparisonRow[] {
  const decisions = new Map<Judged, Decision>();
  for (const gating of [true, false]) {
    const family = judged.filter(({ measure, oriented }) => measure.gating === gating && oriented !== null);
    const decided = decide(
      family.map(({ oriented }) => oriented as Oriented),
      { alpha: limits.alpha, familyAlpha: FAMILY_ALPHA, equalityAlpha: EQUALITY_ALPHA },
      gating ? 'holm' : 'bh',
    );
    family.forEach((one, at) => {
      decisions.set(one, decided[at] as Decision);
    });
  }
  return judged.map((one) => rowOf(one, decisions.get(one) ?? null, limits, flaws));
}

function rowOf(one: Judged, decision: Decision | null, limits: Limits, flaws: readonly string[]): ComparisonRow {
  const { measure, designed, oriented, means } = one;
  const { id, title, operation, statistic, unit, worse, gating } = measure;
  const known = { id, title, operation, statistic, unit, worse, gating };
  if (decision === null || designed === null || oriented === null) {
    return {
      ...known,
      verdict: 'INVALID',
      baseline: null,
      candidate: null,
      change: null,
      low: null,
      high: null,
      pWorse: null,
      pBetter: null,
      smallestDetectable: null,
      runsNeeded: null,
      baselineRuns: 0,
      candidateRuns: 0,
      note: one.problem,
    };
  }
  const { estimate } = designed;
  const [low, high] = interval(estimate, 1 - limits.alpha);
  const change = (difference: number) => changeFrom(means[0], difference, measure.scale);
  const detectable = smallestDetectable(estimate, limits.alpha);
  const relevant = oriented.smallestRelevant > 0 ? oriented.smallestRelevant : oriented.margin;
  return {
    ...known,
    verdict: flaws.length > 0 ? 'INVALID' : decision.verdict,
    baseline: untransformed(means[0], measure.scale),
    candidate: untransformed(means[1], measure.scale),
    change: change(estimate.difference),
    low: change(low),
    high: change(high),
    pWorse: decision.adjustedWorse,
    pBetter: decision.adjustedBetter,
    smallestDetectable: change(detectable),
    runsNeeded: runsNeeded(estimate.runSd, relevant, limits.alpha),
    baselineRuns: estimate.baselineRuns,
    candidateRuns: estimate.candidateRuns,
    note: noteOf(decision, oriented),
  };
}

function noteOf(decision: Decision, { aboveFloor, estimate }: Oriented): string | null {
  if (decision.belowRelevance) return 'surely changed, by too little to matter';
  const significant = Math.min(decision.adjustedWorse, decision.adjustedBetter) < FAMILY_ALPHA;
  return significant && !aboveFloor && estimate.difference !== 0 ? 'changed by less than anyone would notice' : null;
}

const sideOf = (runs: readonly Observation[]): Comparison['baseline'] => ({
  runs: [...runs]
    .sort((a, b) => a.startedAtMs - b.startedAtMs)
    .map(({ runId, startedAtMs, identity }) => ({ runId, startedAtMs, commit: identity.commit })),
  target: [...new Set(runs.map(({ identity }) => identity.target))].join(', '),
  targetVersion: [...new Set(runs.flatMap(({ identity }) => identity.targetVersion ?? []))].join(', ') || null,
});

function warningsOf(
  baseline: readonly Observation[],
  candidate: readonly Observation[],
  judged: readonly Judged[],
): string[] {
  const ofRuns = [...baseline, ...candidate].flatMap(({ runId, warnings }) =>
    warnings.map((text) => `${runId}: ${text}`),
  );
  const ofRows = judged.flatMap(({ measure, designed }) =>
    measure.gating ? (designed?.warnings ?? []).map((text) => `${measure.title}: ${text}`) : [],
  );
  const blocked = judged.some(({ designed }) => designed?.design === 'blocked') ? [BLOCKED_ORDER] : [];
  return [...new Set([...blocked, ...ofRuns, ...ofRows])];
}
