import type { LineSeriesOption, ScatterSeriesOption } from 'echarts';
import { formatChange } from '../../compare/text';
import type { Comparison, ComparisonRow } from '../../result/comparison';
import { BAD, FAINT, GOOD, INK } from '../../text/chart';
import { percent } from '../../text/format';
import { shortened } from '../../text/shortened';
import { JUDGED_BAND, LINE } from './colors';
import { AXIS, type Figure, figure, label, nameBelow } from './figure';

const LEFT = 214;
const ROW = 68;
const TOP = 10;
const BOTTOM = 50;
const LONGEST_TITLE = 24;
const MOST = 12;

/**
 * How far each measure changed and how sure that is, beside what would be no change. Shares of failures change by points and
 * not by per cent: they have no place on this scale.
 *
 * @param rows in the order in which they are shown; null when none has an interval.
 */
export function intervalsFigure(rows: readonly ComparisonRow[], { limits }: Pick<Comparison, 'limits'>): Figure | null {
  const shown = rows.filter(hasInterval).slice(0, MOST);
  if (shown.length === 0) return null;
  const said = shown.map(
    (row) =>
      `${row.title}: ${formatChange(row, row.change)}, surely between ${formatChange(row, row.low)} and ${formatChange(row, row.high)}, ${row.verdict}`,
  );
  const margin = percent(limits.margin, 0);
  const relevant = percent(limits.smallestRelevant, 0);
  const height = TOP + shown.length * ROW + BOTTOM;
  return figure(
    {
      title: 'How much each measure changed',
      caption: `The point is the change of the candidate against the baseline, the line its interval. To the right is slower. Shaded: within ±${margin}, no change. Dotted: +${relevant}, from which on a sure change fails.`,
      alt: `Changes with their intervals. ${said.join('. ')}.`,
    },
    height,
    {
      grid: { left: LEFT, right: 24, top: TOP, bottom: BOTTOM, height: shown.length * ROW },
      xAxis: {
        ...AXIS,
        type: 'value',
        ...nameBelow('change, higher is to the right'),
        axisLabel: { ...AXIS.axisLabel, formatter: (share: number) => percent(share, 0) },
        splitNumber: 4,
      },
      yAxis: {
        ...AXIS,
        type: 'category',
        inverse: true,
        data: shown.map((row) => `${inLines(row.title)}\n${formatChange(row, row.change)} ${row.verdict}`),
        axisLabel: {
          ...AXIS.axisLabel,
          interval: 0,
          lineHeight: 19,
          color: (_, index = 0) => colorOf(shown[index]?.verdict),
        },
        axisTick: { show: false },
        splitLine: { show: false },
      },
      series: [
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: { color: LINE[0], width: 3 },
          // A gap after each, so that no line leads from one to the next.
          data: shown.flatMap(({ low, high }, at) => [
            [low, at],
            [high, at],
            [null, at],
          ]),
          markArea: {
            silent: true,
            itemStyle: { color: JUDGED_BAND },
            data: [[{ xAxis: -limits.margin }, { xAxis: limits.margin }]],
          },
          markLine: {
            silent: true,
            symbol: 'none',
            label: { ...label(FAINT), show: false },
            data: [
              { xAxis: 0, lineStyle: { color: FAINT, type: 'solid' } },
              { xAxis: limits.smallestRelevant, lineStyle: { color: FAINT, type: [2, 3] } },
            ],
          },
        } as LineSeriesOption,
        {
          type: 'scatter',
          silent: true,
          symbol: 'diamond',
          symbolSize: 12,
          itemStyle: { color: INK, opacity: 1 },
          data: shown.map(({ change }, at) => [change, at]),
        } satisfies ScatterSeriesOption,
      ],
    },
  );
}

/** Operation and statistic below each other: cut to one line both would lose what tells them from the next. */
const inLines = (title: string): string =>
  title
    .split(/, (?=[^,]*$)/)
    .map((part) => shortened(part, LONGEST_TITLE))
    .join(',\n');

const colorOf = (verdict: ComparisonRow['verdict'] | undefined): string =>
  verdict === 'REGRESSED' ? BAD : verdict === 'IMPROVED' ? GOOD : INK;

type WithInterval = ComparisonRow & { readonly change: number; readonly low: number; readonly high: number };

const hasInterval = (row: ComparisonRow): row is WithInterval =>
  row.unit !== 'share' && row.change !== null && row.low !== null && row.high !== null;
