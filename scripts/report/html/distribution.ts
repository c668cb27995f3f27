import type { EChartsOption, LineSeriesOption } from 'echarts';
import { type Histogram, withinBucket } from '../../result/histogram';
import { FAINT, FIGURE_WIDTH } from '../../text/chart';
import { percent } from '../../text/format';
import { LINE } from './colors';
import { AXIS, dash, type Figure, figure, inMs, inRows, label, legendOf, logAxis, nameBelow, widthOf } from './figure';

const HEIGHT = 210;
const LEFT = 60;
const RIGHT = 20;
const BOTTOM = 50;
/** Points of a power of ten of latency. */
const PER_DECADE = 12;
const MARK_ROW = 18;
const MARK_ROWS = 3;
const MARK_FONT = 14;
const QUANTILES = [
  { name: 'P50', q: 0.5 },
  { name: 'P95', q: 0.95 },
  { name: 'P99', q: 0.99 },
] as const;

/** Latencies of one kind of request on one side; a run has one side, a comparison two. */
export interface Distribution {
  /** What the side is called; empty where there is but one. */
  readonly side: string;
  readonly histogram: Histogram;
}

/** From the fastest to the slowest, ms. */
export type Range = readonly [lowMs: number, highMs: number];

/** Within which all of some distributions lie, so that plots beside each other can be compared. */
export function rangeOf(distributions: readonly Distribution[]): Range {
  const ends = distributions.flatMap(({ histogram }) => [histogram.quantile(0), histogram.quantile(1)]);
  const positive = ends.filter((ms): ms is number => ms !== null && ms > 0);
  return positive.length === 0 ? [1, 1000] : [Math.min(...positive), Math.max(...positive)];
}

/**
 * How often an operation took how long, on a scale of powers of ten.
 *
 * @param note sentence about it, such as the interval of its change.
 */
export function distributionFigure(
  title: string,
  sides: readonly Distribution[],
  range: Range,
  note = '',
): Figure | null {
  if (!sides.some(({ histogram }) => histogram.count > 0)) return null;
  const axis = logAxis(range);
  const said = sides
    .map(
      ({ side, histogram }) =>
        `${side === '' ? '' : `${side}: `}${QUANTILES.map(({ name, q }) => `${name} ${inMs(histogram.quantile(q))}`).join(', ')} of ${histogram.count} answers`,
    )
    .join('; ');
  const text = { title, caption: `${said}. ${note}`, alt: `Distribution of the latency of ${title}: ${said}. ${note}` };
  return figure(text, HEIGHT, optionOf(sides, axis));
}

function optionOf(sides: readonly Distribution[], axis: ReturnType<typeof logAxis>): EChartsOption {
  const [only] = sides;
  const marks = sides.length === 1 && only !== undefined ? marksOf(only.histogram, axis) : [];
  const used = Math.max(0, ...marks.map(({ row }) => row + 1));
  const top = (sides.length > 1 ? 26 : 4) + used * MARK_ROW + 6;
  const option: EChartsOption = {
    grid: { left: LEFT, right: RIGHT, top, bottom: BOTTOM, height: HEIGHT - top - BOTTOM },
    xAxis: { ...axis, ...nameBelow('latency'), splitLine: AXIS.splitLine },
    yAxis: {
      ...AXIS,
      type: 'value',
      min: 0,
      splitNumber: 2,
      axisLabel: { ...AXIS.axisLabel, formatter: (share: number) => percent(share, 0) },
    },
    series: sides.map(({ side, histogram }, at): LineSeriesOption => {
      const color = LINE[at] ?? '';
      return {
        name: side,
        type: 'line',
        silent: true,
        symbol: 'none',
        lineStyle: { color, width: 2, type: dash(at) },
        itemStyle: { color },
        areaStyle: { color, opacity: 0.15 },
        data: densityOf(histogram),
        markLine: {
          silent: true,
          symbol: 'none',
          data: marks.map(({ ms, text, row }) => ({
            xAxis: ms,
            lineStyle: { color: FAINT, type: [2, 3], width: 1 },
            label: { ...label(FAINT, MARK_FONT), position: 'end', distance: 3 + row * MARK_ROW, formatter: () => text },
          })),
        },
      };
    }),
  };
  return sides.length > 1 ? { ...option, legend: legendOf(sides.map(({ side }) => side)) } : option;
}

function marksOf(histogram: Histogram, { min, max }: { readonly min: number; readonly max: number }) {
  const width = FIGURE_WIDTH - LEFT - RIGHT;
  const marks = QUANTILES.flatMap(({ name, q }) => {
    const ms = histogram.quantile(q);
    if (ms === null || ms <= 0) return [];
    const text = `${name} ${inMs(ms)}`;
    const room = widthOf(text, MARK_FONT) + 8;
    return [{ ms, text, left: (Math.log10(ms / min) / Math.log10(max / min)) * width - room / 2, width: room }];
  });
  const rows = inRows(marks, MARK_ROWS);
  return marks.map(({ ms, text }, at) => ({ ms, text, row: rows[at] ?? 0 }));
}

/** Share of the answers in each part of a power of ten, with a zero at either side of what is empty. */
function densityOf(histogram: Histogram): [number, number][] {
  const bins = new Map<number, number>();
  const sparse = histogram.toSparse();
  for (let at = 0; at + 1 < sparse.length; at += 2) {
    const ms = withinBucket(sparse[at] as number, 0.5);
    if (ms <= 0) continue;
    const bin = Math.floor(Math.log10(ms) * PER_DECADE);
    bins.set(bin, (bins.get(bin) ?? 0) + (sparse[at + 1] as number));
  }
  const around = new Set([...bins.keys()].flatMap((bin) => [bin - 1, bin, bin + 1]));
  return [...around]
    .sort((a, b) => a - b)
    .map((bin) => [10 ** ((bin + 0.5) / PER_DECADE), (bins.get(bin) ?? 0) / histogram.count]);
}
