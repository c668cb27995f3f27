import { exitCodeOf, worst } from '../compare';
import type { Decision } from '../compare/decide';
import { interval, smallestDetectable } from '../compare/estimate';
import { formatChange } from '../compare/text';
import { COMPARISON_VERSION, type Comparison, type ComparisonRow } from '../result/comparison';
import { percent } from '../text/format';
import type { Look, PairMeasure } from './analyse';
import type { AbOutcome } from './index';
import { AB_LIMITS } from './looks';

/** What `ab` found, in the form of every other comparison. */
export function comparisonOf(outcome: AbOutcome): Comparison {
  const { ab, look, flaws } = outcome;
  const rows = look === null ? [] : rowsOf(look, flaws);
  const verdict = flaws.length > 0 ? 'INVALID' : worst(rows.filter((row) => row.gating));
  const side = (at: 0 | 1, target: string) => ({
    runs: [{ runId: ab.id, startedAtMs: ab.rounds[0]?.startedAtMs ?? 0, commit: null }],
    target,
    targetVersion: outcome.versions[at],
  });
  return {
    schema: 'fiml-perf/comparison',
    version: COMPARISON_VERSION,
    scenario: 'ab',
    profile: null,
    verdict,
    exitCode: exitCodeOf(verdict),
    reasons: reasonsOf(rows, outcome),
    design: 'pairs',
    limits: AB_LIMITS,
    baseline: side(0, ab.baselineUrl),
    candidate: side(1, ab.candidateUrl),
    historyRuns: 0,
    accepted: [],
    onlyInBaseline: [],
    onlyInCandidate: [],
    warnings: [...(ab.replicate === 'restart' ? [] : [ABOUT_PROCESSES]), ...starvation(outcome)],
    rows,
  };
}

const ABOUT_PROCESSES =
  'this is about these two processes: the same program, started again, may differ by a few per cent; with ' +
  '--restart-baseline and --restart-candidate it is about the programs';
/** With less to spare a server's answer waits for its turn on a core more often than it does not. */
const MACHINE_CEILING = 0.9;

/** Both servers wait alike, so it makes no false verdict; but what they differ in is stretched, or drowned. */
const starvation = ({ machineShare }: AbOutcome): string[] =>
  machineShare === null || machineShare <= MACHINE_CEILING
    ? []
    : [
        `${percent(machineShare, 0)} of this machine's CPU was in use: servers on it waited for it, and for each other; ` +
          'set a lower PERF_RATE, or free the machine',
      ];

const rowsOf = ({ measures, decisions, alpha }: Look, flaws: readonly string[]): ComparisonRow[] =>
  measures.map((measure, at) => rowOf(measure, decisions[at] as Decision, alpha, flaws));

function rowOf(measure: PairMeasure, decision: Decision, alpha: number, flaws: readonly string[]): ComparisonRow {
  const { id, title, unit, gating, estimate, baseline, candidate } = measure;
  // Shares are compared as they are, latencies as logarithms.
  const change = unit === 'share' ? (difference: number) => difference : Math.expm1;
  const [low, high] = interval(estimate, 1 - alpha);
  return {
    id,
    title,
    operation: id.replace(/\.[^.]*$/, ''),
    statistic: id.replace(/^.*\./, ''),
    unit,
    worse: 'higher',
    gating,
    verdict: flaws.length > 0 ? 'INVALID' : decision.verdict,
    baseline,
    candidate,
    change: change(estimate.difference),
    low: change(low),
    high: change(high),
    pWorse: decision.adjustedWorse,
    pBetter: decision.adjustedBetter,
    smallestDetectable: change(smallestDetectable(estimate, alpha)),
    runsNeeded: null,
    baselineRuns: estimate.baselineRuns,
    candidateRuns: estimate.candidateRuns,
    note: decision.belowRelevance ? 'surely changed, by too little to matter' : null,
  };
}

function reasonsOf(rows: readonly ComparisonRow[], { flaws, measuredMs }: AbOutcome): string[] {
  if (flaws.length > 0) return flaws.map((flaw) => `this comparison would mean nothing: ${flaw}`);
  const gating = rows.filter((row) => row.gating);
  if (gating.length === 0) return ['too little was measured to say anything'];
  const said = (row: ComparisonRow) =>
    `${row.title}: ${formatChange(row, row.change)} (${formatChange(row, row.low)} to ${formatChange(row, row.high)})`;
  const of = (verdict: ComparisonRow['verdict']) => gating.filter((row) => row.verdict === verdict);
  const open = of('INCONCLUSIVE');
  return [
    ...of('REGRESSED').map(said),
    ...open.map((row) => `${said(row)}: undecided after ${Math.round(measuredMs / 1000)} s`),
    ...(open.length > 0 && of('REGRESSED').length === 0 ? ['a longer --max-duration would tell'] : []),
    ...of('IMPROVED').map(said),
  ];
}
