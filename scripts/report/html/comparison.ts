import { formatChange, formatMeasure } from '../../compare/text';
import type { ComparisonView, RowView } from '../../compare/view';
import { formatTime } from '../../history/text';
import type { Comparison, ComparisonRow } from '../../result/comparison';
import type { Histogram } from '../../result/histogram';
import { plural } from '../../text/format';
import { shortened } from '../../text/shortened';
import { type Distribution, distributionFigure, rangeOf } from './distribution';
import type { Figure } from './figure';
import { intervalsFigure } from './intervals';
import { page, splitReasons, toneOf } from './page';

/** Latencies of one kind of request on both sides, all runs of a side together. */
export interface SideBySide {
  /** Of the comparison's rows about it. */
  readonly operation: string;
  readonly title: string;
  readonly baseline: Histogram;
  readonly candidate: Histogram;
}

const MOST_DRAWN = 12;
const LONGEST_NAME = 80;

const MEANINGS: Readonly<Record<Exclude<Comparison['verdict'], 'REGRESSED'>, string>> = {
  IMPROVED: 'The candidate is better than the baseline',
  'NO CHANGE': 'The candidate is as good as the baseline',
  INCONCLUSIVE: 'It cannot be told yet whether the candidate is slower',
  INVALID: 'This comparison says nothing',
  'NO BASELINE': 'There is nothing to compare with yet',
};

/** A comparison as one page that needs nothing beside it. */
export function comparisonHtml(comparison: Comparison, view: ComparisonView, latencies: readonly SideBySide[]): string {
  const { rows, verdict } = comparison;
  const told = [...rows.filter(({ gating }) => gating), ...bySize(rows.filter(({ gating }) => !gating))];
  const toned = (row: RowView) => ({ ...row, title: shortened(row.title, LONGEST_NAME), tone: toneOf(row.verdict) });
  return page(
    'comparison',
    {
      title: `${verdict}: ${view.headline}`,
      verdict,
      meaning: verdict === 'REGRESSED' ? regressionOf(rows) : MEANINGS[verdict],
      headline: view.headline,
      story: [],
      about: [aboutOf(comparison), ...view.warnings.map((warning) => `Mind: ${warning}.`)],
      next: '',
      reasonsTitle: 'Why',
      ...splitReasons(view.reasons.map((reason) => withValues(reason, rows))),
      facts: [],
    },
    {
      ...view,
      gating: view.gating.map(toned),
      others: view.others.map(toned),
      intervals: [intervalsFigure(told, comparison) ?? []].flat(),
      distributions: distributionsOf(latencies, told),
      undrawn:
        latencies.length > MOST_DRAWN
          ? `${MOST_DRAWN} of ${latencies.length} kinds of requests are drawn, those that changed most; the table has all.`
          : '',
      isWithoutSamples: latencies.length === 0 && verdict !== 'NO BASELINE',
    },
  );
}

/** What got worse, and not what might have. */
function regressionOf(rows: readonly ComparisonRow[]): string {
  const worse = rows.filter(({ gating, verdict }) => gating && verdict === 'REGRESSED');
  const isSlower = worse.some(({ unit }) => unit !== 'share');
  const failsMore = worse.some(({ unit }) => unit === 'share');
  return `The candidate ${[...(isSlower ? ['is slower'] : []), ...(failsMore ? ['fails more'] : [])].join(' and ')} than the baseline`;
}

/** A change in per cent tells nobody whether it is one of milliseconds or of minutes. */
function withValues(reason: string, rows: readonly ComparisonRow[]): string {
  const row = rows.find(({ title }) => reason.startsWith(`${title}: `));
  if (row === undefined || row.baseline === null || row.candidate === null) return reason;
  return `${reason}; from ${formatMeasure(row.baseline, row.unit)} to ${formatMeasure(row.candidate, row.unit)}`;
}

/** When, and of how many runs. */
function aboutOf({ baseline, candidate, design }: Comparison): string {
  const begins = [...baseline.runs, ...candidate.runs].map(({ startedAtMs }) => startedAtMs);
  const when = begins.length === 0 ? '' : `, begun ${formatTime(Math.min(...begins))} UTC`;
  if (design === 'pairs') return `Each request was sent to both at the same time${when}`;
  return `${plural(baseline.runs.length, 'run')} of the baseline, ${candidate.runs.length} of the candidate${when}`;
}

const bySize = (rows: readonly ComparisonRow[]): ComparisonRow[] =>
  [...rows].sort((a, b) => Math.abs(b.change ?? 0) - Math.abs(a.change ?? 0));

/** Of what the comparison tells most about, first. */
function distributionsOf(latencies: readonly SideBySide[], rows: readonly ComparisonRow[]): Figure[] {
  const placeOf = ({ operation }: SideBySide) => {
    const place = rows.findIndex((row) => row.operation === operation);
    return place < 0 ? rows.length : place;
  };
  const shown = [...latencies]
    .sort((a, b) => placeOf(a) - placeOf(b))
    .slice(0, MOST_DRAWN)
    .map((one) => ({
      ...one,
      sides: [sideOf('baseline', one.baseline), sideOf('candidate', one.candidate)],
    }));
  const range = rangeOf(shown.flatMap(({ sides }) => sides));
  return shown.flatMap(({ operation, title, sides }) => {
    const note = rows.filter((row) => row.operation === operation && row.unit === 'ms').map(changeOf);
    return distributionFigure(shortened(title, LONGEST_NAME), sides, range, note.join(' ')) ?? [];
  });
}

const sideOf = (side: string, histogram: Histogram): Distribution => ({
  side,
  histogram,
  quantile: (q) => histogram.quantile(q),
});

const changeOf = (row: ComparisonRow): string =>
  `${row.statistic} ${formatChange(row, row.change)} (interval ${formatChange(row, row.low)} to ${formatChange(row, row.high)}).`;
