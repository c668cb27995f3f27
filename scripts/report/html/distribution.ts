import type { EChartsOption, LineSeriesOption } from 'echarts';
import { type Histogram, withinBucket } from '../../result/histogram';
import { percent } from '../../text/format';
import { LINE } from './colors';
import { AXIS, dash, type Figure, figure, inMs, legendOf, logAxis, nameBelow } from './figure';

const HEIGHT = 210;
const LEFT = 60;
const RIGHT = 20;
const BOTTOM = 50;
/** Points of a power of ten of latency. */
const PER_DECADE = 12;
/** Beyond the fastest and the slowest answer, so that no curve ends at the rim: two points. */
const ROOM = 10 ** (2 / PER_DECADE);
const TOP = 32;
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
  /** As the table has it. */
  readonly quantile: (q: number) => number | null;
}

/** From the fastest to the slowest, ms. */
export type Range = readonly [lowMs: number, highMs: number];

/** Within which all of some distributions lie, so that plots beside each other can be compared. */
export function rangeOf(distributions: readonly Distribution[]): Range {
  const ends = distributions.flatMap(({ histogram }) => [histogram.quantile(0), histogram.quantile(1)]);
  const positive = ends.filter((ms): ms is number => ms !== null && ms > 0);
  return positive.length === 0 ? [1, 1000] : [Math.min(...positive) / ROOM, Math.max(...positive) * ROOM];
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
      ({ side, histogram, quantile }) =>
        `${side === '' ? '' : `${side}: `}${QUANTILES.map(({ name, q }) => `${name} ${inMs(quantile(q))}`).join(', ')} of ${histogram.count} answers`,
    )
    .join('; ');
  const text = { title, caption: `${said}. ${note}`, alt: `Distribution of the latency of ${title}: ${said}. ${note}` };
  return figure(text, HEIGHT, optionOf(sides, axis));
}

function optionOf(sides: readonly Distribution[], axis: ReturnType<typeof logAxis>): EChartsOption {
  const densities = sides.map(({ histogram }) => densityOf(histogram));
  const highest = Math.max(...densities.flat().map(([, share]) => share));
  const [only] = sides;
  const marks = sides.length === 1 && only !== undefined ? marksOf(only, highest) : [];
  const legend = marks.length > 0 ? marks.map(({ name }) => String(name)) : sides.map(({ side }) => side);
  return {
    grid: { left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM, height: HEIGHT - TOP - BOTTOM },
    legend: legendOf(legend),
    xAxis: { ...axis, ...nameBelow('latency'), splitLine: AXIS.splitLine },
    yAxis: {
      ...AXIS,
      type: 'value',
      min: 0,
      splitNumber: 2,
      axisLabel: { ...AXIS.axisLabel, formatter: (share: number) => percent(share, 0) },
    },
    series: [
      ...sides.map(({ side }, at): LineSeriesOption => {
        const color = LINE[at] ?? '';
        return {
          name: side,
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: { color, width: 2, type: dash(at) },
          itemStyle: { color },
          areaStyle: { color, opacity: 0.15 },
          data: densities[at] ?? [],
        };
      }),
      ...marks,
    ],
  };
}

/** Upright lines with the dashes that the same percentiles have over time; their names are in the legend, where they have room. */
const marksOf = (side: Distribution, height: number): LineSeriesOption[] =>
  QUANTILES.flatMap(({ name, q }, at): LineSeriesOption[] => {
    const ms = side.quantile(q);
    if (ms === null || ms <= 0) return [];
    const color = LINE[at] ?? '';
    return [
      {
        name: `${name} ${inMs(ms)}`,
        type: 'line',
        silent: true,
        symbol: 'none',
        lineStyle: { color, width: 2, type: dash(at) },
        itemStyle: { color },
        data: [
          [ms, 0],
          [ms, height],
        ],
      },
    ];
  });

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
