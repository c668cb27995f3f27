import type { Comparison, ComparisonRow } from '../result/comparison';
import { formatAge } from '../text/age';
import { shownCommit } from '../text/commit';
import { plural } from '../text/format';
import { nameText } from '../text/printable';
import { FAMILY_ALPHA } from './decide';
import { formatChange, formatMeasure, formatSize } from './text';

/** Every text of a comparison, for each form to lay out. Names are as they came: each form makes them harmless its own way. */
export interface ComparisonView {
  readonly verdict: string;
  /** What was compared with what, in a sentence. */
  readonly headline: string;
  readonly reasons: readonly string[];
  /** Of each table of rows, but for the first column. */
  readonly columns: readonly string[];
  /** The measures that decide. */
  readonly gating: readonly RowView[];
  /** How to read the table. */
  readonly legend: readonly string[];
  /** The others that got worse or better; they decide nothing. */
  readonly changed: readonly RowView[];
  readonly others: readonly RowView[];
  /** What became of the others, counted. */
  readonly othersInWords: string;
  readonly notes: readonly string[];
  /** Measures on one side only, and accepted differences. */
  readonly differences: readonly string[];
  readonly warnings: readonly string[];
  readonly runs: readonly {
    readonly side: string;
    readonly id: string;
    readonly began: string;
    readonly commit: string;
  }[];
}

export interface RowView {
  readonly title: string;
  readonly verdict: string;
  readonly baseline: string;
  readonly candidate: string;
  readonly change: string;
  readonly interval: string;
  readonly p: string;
  readonly findsFrom: string;
}

/** The columns of a table of rows that hold figures. */
export const ROW_RIGHT: readonly number[] = [2, 3, 4, 5, 6, 7];

/** What stands in those columns, but for the verdict. */
export const rowFigures = (row: RowView): string[] => [
  row.baseline,
  row.candidate,
  row.change,
  row.interval,
  row.p,
  row.findsFrom,
];

/** Words of rows that decide nothing: a regression is what fails a comparison. */
const WORDS_OF_OTHERS: Readonly<Record<ComparisonRow['verdict'], string>> = {
  REGRESSED: 'worse',
  IMPROVED: 'better',
  'NO CHANGE': 'no change',
  INCONCLUSIVE: 'undecided',
  INVALID: 'not comparable',
};
const NONE = '–';

export function comparisonView(comparison: Comparison): ComparisonView {
  const { verdict, reasons, rows, warnings, accepted, onlyInBaseline, onlyInCandidate } = comparison;
  const gating = rows.filter((row) => row.gating);
  const others = rows.filter((row) => !row.gating);
  const changed = others.filter((row) => row.verdict === 'REGRESSED' || row.verdict === 'IMPROVED');
  return {
    verdict,
    headline: headlineOf(comparison),
    reasons,
    columns: ['verdict', 'baseline', 'candidate', 'change', `${confidence(comparison)} interval`, 'p', 'finds from'],
    gating: gating.map((row) => rowView(row, row.verdict)),
    legend: legendOf(comparison),
    changed: changed.map((row) => rowView(row, WORDS_OF_OTHERS[row.verdict])),
    others: others.map((row) => rowView(row, WORDS_OF_OTHERS[row.verdict])),
    othersInWords: othersInWords(others),
    // Of the others the reader sees only those that changed, and why one is not comparable is in the reasons.
    notes: [...gating, ...changed].flatMap(({ title, note, verdict: word }) =>
      note === null || word === 'INVALID' ? [] : [`${title}: ${note}`],
    ),
    differences: [
      ...only('baseline', onlyInBaseline),
      ...only('candidate', onlyInCandidate),
      ...accepted.map(
        ({ name, baseline, candidate }) =>
          `accepted as the same: ${name}: ${baseline} in the baseline, ${candidate} in the candidate`,
      ),
    ],
    warnings,
    runs: (['baseline', 'candidate'] as const).flatMap((side) =>
      comparison[side].runs.map(({ runId, startedAtMs, commit }) => ({
        side,
        id: nameText(runId),
        began: new Date(startedAtMs).toISOString(),
        commit: commit ?? 'unknown',
      })),
    ),
  };
}

/** A row that changed, in a sentence. */
export const changeInWords = (row: ComparisonRow): string =>
  `${row.title}: ${formatChange(row, row.change)}, from ${formatMeasure(row.baseline, row.unit)} to ${formatMeasure(row.candidate, row.unit)}`;

function headlineOf(comparison: Comparison): string {
  const { scenario, profile, baseline, candidate, historyRuns, verdict, design } = comparison;
  const what = `${scenario}${profile === null ? '' : `, profile ${profile}`}`;
  if (verdict === 'NO BASELINE')
    return `${what}: ${sideInWords(candidate, design)} cannot be compared with anything yet`;
  const earlier = historyRuns === 0 ? '' : ` and ${plural(historyRuns, 'earlier run')}`;
  return `${what}: ${sideInWords(candidate, design)} against ${sideInWords(baseline, design)}${earlier}; ${orderInWords(comparison)}`;
}

function sideInWords({ runs, target, targetVersion }: Comparison['baseline'], design: Comparison['design']): string {
  const commits = [...new Set(runs.map(({ commit }) => shownCommit({ commit })))];
  const version = targetVersion === null ? '' : `, FIML ${targetVersion}`;
  // Asked at the same time, and each by one run: the servers are all that differs.
  if (design === 'pairs') return `${target}${version}`;
  return `${plural(runs.length, 'run')} of commit ${commits.join(' and ')} on ${target}${version}`;
}

function orderInWords({ design, baseline, candidate }: Comparison): string {
  const newest = (runs: Comparison['baseline']['runs']) => Math.max(...runs.map(({ startedAtMs }) => startedAtMs));
  const ageMs = newest(candidate.runs) - newest(baseline.runs);
  const age = ageMs < 0 ? 'the baseline is the newer' : `the baseline is ${formatAge(ageMs)} older`;
  switch (design) {
    case 'interleaved':
      return 'the sides took turns';
    case 'pairs':
      return 'both were asked the same at the same time';
    case 'history':
      return `${age}, and earlier runs tell how far days lie apart`;
    default:
      return age;
  }
}

const share = (size: number): string => `${Number((size * 100).toFixed(2))} %`;
/** How sure the intervals of the rows are. */
const confidence = ({ limits }: Comparison): string => share(1 - limits.alpha);

function legendOf(comparison: Comparison): string[] {
  const { design, limits } = comparison;
  const isPairs = design === 'pairs';
  const where = isPairs ? ', over all looks at it' : ', 19 times out of 20';
  return [
    ...(isPairs
      ? [
          'typical latency: the geometric mean of all answers, each relative to its operation, so that slow operations do not decide alone.',
        ]
      : []),
    `change: of the candidate against the baseline. ${confidence(comparison)} interval: where the true change lies${where}.`,
    'p: how often chance alone shows this much in this direction, corrected for looking at several measures' +
      (isPairs ? ', at one look.' : `; below ${FAMILY_ALPHA} counts.`),
    `finds from: the smallest true change that ${isPairs ? 'as many pairs' : 'so many runs'} find four times out of five.`,
    `A latency fails from ${share(limits.smallestRelevant)} on, if that is sure; it is unchanged when it surely lies within ±${share(limits.margin)}.`,
  ];
}

function rowView(row: ComparisonRow, verdict: string): RowView {
  const { title, unit, baseline, candidate, change, low, high, pWorse, pBetter, smallestDetectable } = row;
  return {
    title: nameText(title),
    verdict,
    baseline: formatMeasure(baseline, unit),
    candidate: formatMeasure(candidate, unit),
    change: formatChange(row, change),
    interval: low === null ? NONE : `${formatChange(row, low).split(' ')[0]} to ${formatChange(row, high)}`,
    p: pWorse === null || pBetter === null ? NONE : formatP(Math.min(pWorse, pBetter)),
    findsFrom: formatSize(row, smallestDetectable),
  };
}

const formatP = (p: number): string => (p < 0.001 ? '<0.001' : p > 0.5 ? '>0.5' : p.toFixed(3));

function othersInWords(others: readonly ComparisonRow[]): string {
  const counts = Object.entries(WORDS_OF_OTHERS).flatMap(([verdict, word]) => {
    const count = others.filter((row) => row.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return others.length === 0
    ? ''
    : `${plural(others.length, 'other measure')}, which decide nothing: ${counts.join(', ')}`;
}

const only = (side: string, ids: readonly string[]): string[] =>
  ids.length === 0 ? [] : [`only in the ${side}: ${ids.join(', ')}`];
