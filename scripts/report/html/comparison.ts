import { formatChange } from '../../compare/text';
import type { ComparisonView, RowView } from '../../compare/view';
import type { Comparison, ComparisonRow } from '../../result/comparison';
import type { Histogram } from '../../result/histogram';
import { shortened } from '../../text/shortened';
import { distributionFigure, rangeOf } from './distribution';
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

const MEANINGS: Readonly<Record<Comparison['verdict'], string>> = {
  REGRESSED: 'The candidate is slower, or fails more, than the baseline',
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
      meaning: MEANINGS[verdict],
      headline: view.headline,
      story: [],
      about: [],
      reasonsTitle: 'Why',
      ...splitReasons(view.reasons),
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
      sides: [
        { side: 'baseline', histogram: one.baseline },
        { side: 'candidate', histogram: one.candidate },
      ],
    }));
  const range = rangeOf(shown.flatMap(({ sides }) => sides));
  return shown.flatMap(({ operation, title, sides }) => {
    const note = rows.filter((row) => row.operation === operation && row.unit === 'ms').map(changeOf);
    return distributionFigure(shortened(title, LONGEST_NAME), sides, range, note.join(' ')) ?? [];
  });
}

const changeOf = (row: ComparisonRow): string =>
  `${row.statistic} ${formatChange(row, row.change)} (interval ${formatChange(row, row.low)} to ${formatChange(row, row.high)}).`;
