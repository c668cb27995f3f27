import type { ScatterSeriesOption } from 'echarts';
import { withinBucket } from '../../result/histogram';
import { answered, selectSeries } from '../../result/query';
import type { Bucket, Result } from '../../result/result';
import { percent } from '../../text/format';
import { ONE_ANSWER } from '../phases';
import { HEAT } from './colors';
import { extent, type Figure, figure, logAxis, roundMs } from './figure';
import {
  inSlots,
  middleOf,
  overTime,
  phasesInWords,
  pixels,
  placeInWords,
  slotInWords,
  TIME_HEIGHT,
  type Time,
} from './time';

/** Height of the drawing, in which cells lie without a gap between them. */
const DRAWING = 226;
export const HEAT_SLOTS = 72;
/** Cells of a power of ten of latency. */
const PER_DECADE = 8;
/** Shares of a slot's answers from which on a cell's colour is stronger. */
const STEPS = [0, 0.01, 0.05, 0.2, 0.5] as const;
const NAMES = ['below 1 %', '1 %', '5 %', '20 %', 'half or more'] as const;

/**
 * How latencies are spread, slot by slot, which no percentile tells: two kinds of answers are two bands.
 *
 * @param time with at most {@link HEAT_SLOTS} slots.
 */
export function heatMapFigure(result: Result, time: Time): Figure | null {
  const columns = inSlots(time, selectSeries(result, 'http_req_duration', ONE_ANSWER).filter(answered)).map(cellsOf);
  // Columns that reach beyond the axes would be drawn over their numbers.
  const cells = columns.flatMap((column, slot) =>
    isWithin(time, slot) ? column.map((cell) => ({ ...cell, slot })) : [],
  );
  if (cells.length === 0) return null;
  const [low, high] = extent(cells.map(({ bin }) => bin));
  const axis = logAxis([edgeOf(low), edgeOf(high + 1)]);
  const decades = Math.log10(axis.max / axis.min);
  const size = [
    Math.ceil(pixels(time, middleOf(time, 1) - middleOf(time, 0))),
    Math.ceil(DRAWING / (decades * PER_DECADE)),
  ];
  const slowest = cells.reduce((best, cell) => (cell.bin > best.bin ? cell : best));
  const [most, share] = mostOf(cells);
  const said =
    `Most frequent are answers between ${roundMs(edgeOf(most))} and ${roundMs(edgeOf(most + 1))} (${percent(share, 0)} of all); the slowest, up to ` +
    `${roundMs(edgeOf(slowest.bin + 1))}, at ${placeInWords(time, middleOf(time, slowest.slot))} (${percent(slowest.share)} of the answers of ${slotInWords(time)}).`;
  return figure(
    {
      title: 'How latencies are spread, over time',
      caption: `Price and analysis queries and probes. A column is ${slotInWords(time)}; the stronger a cell's colour, the larger its share of that column's answers (from the share in the legend on). ${said}`,
      alt: `Heat map of latencies over time. ${said}${phasesInWords(time)}`,
    },
    TIME_HEIGHT,
    overTime({
      time,
      legend: [...NAMES],
      legendShows: 'symbols',
      yAxis: axis,
      series: STEPS.map((from, step): ScatterSeriesOption => {
        const until = STEPS[step + 1] ?? Number.POSITIVE_INFINITY;
        const inStep = cells.filter(({ share }) => share >= from && share < until);
        return {
          name: NAMES[step] ?? '',
          type: 'scatter',
          silent: true,
          // One path for all cells of a shade: an element each would be most of the page. ECharts fails at one without any.
          large: inStep.length > 0,
          largeThreshold: 0,
          symbol: 'rect',
          symbolSize: size,
          itemStyle: { color: HEAT[step] ?? '', opacity: 1 },
          data: inStep.map(({ slot, bin }) => [middleOf(time, slot), edgeOf(bin + 0.5)]),
        };
      }),
    }),
  );
}

function isWithin({ at, startMs, slotMs, end }: Time, slot: number): boolean {
  const fromMs = startMs + slot * slotMs;
  return at(fromMs) >= 0 && at(fromMs + slotMs) <= end;
}

interface Cell {
  readonly bin: number;
  readonly count: number;
  readonly share: number;
}

const edgeOf = (bin: number): number => 10 ** (bin / PER_DECADE);

function cellsOf(buckets: readonly Bucket[]): Cell[] {
  const bins = new Map<number, number>();
  let total = 0;
  for (const { histogram = [] } of buckets) {
    for (let at = 0; at + 1 < histogram.length; at += 2) {
      const ms = withinBucket(histogram[at] as number, 0.5);
      if (ms <= 0) continue;
      const bin = Math.floor(Math.log10(ms) * PER_DECADE);
      bins.set(bin, (bins.get(bin) ?? 0) + (histogram[at + 1] as number));
      total += histogram[at + 1] as number;
    }
  }
  return [...bins].map(([bin, count]) => ({ bin, count, share: count / total }));
}

/** The fullest bin, and the part of all answers that it holds. */
function mostOf(cells: readonly Cell[]): [bin: number, share: number] {
  const counts = new Map<number, number>();
  for (const { bin, count } of cells) counts.set(bin, (counts.get(bin) ?? 0) + count);
  const total = cells.reduce((sum, { count }) => sum + count, 0);
  const [bin, count] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best));
  return [bin, count / total];
}
