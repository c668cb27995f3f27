import type { EChartsOption, LineSeriesOption } from 'echarts';
import { LINE } from '../../report/html/colors';
import { AXIS, dash, type Figure, figure, legendOf, nameBelow } from '../../report/html/figure';
import { bytesAxis, thinned } from '../../report/html/memory';
import { formatBytes } from '../../text/format';
import { COUNTS, type Column, MEMORY } from './columns';
import type { Watched } from './watch';

const HEIGHT = 320;
const GRID = { left: 74, right: 16, top: 32, bottom: 50 };
/** Two pixels for each where the plot is largest. */
const MOST_POINTS = 240;
/** Longer looks have their axis in minutes. */
const LONGEST_IN_S = 180;

/** Memory, file descriptors and threads over the time in which a process was watched. */
export const figuresOf = (watched: Watched): Figure[] => [
  ...timeFigure(
    watched,
    // Shared memory is so little that it would only press the others together.
    MEMORY.filter(({ name }) => name !== 'shared'),
    {
      title: 'Memory',
      caption: 'Resident memory counts shared pages in full, unique memory not at all. The scale need not begin at 0.',
    },
    (values) => ({ ...bytesAxis(values), axisLabel: { ...AXIS.axisLabel, formatter: formatBytes } }),
  ),
  ...timeFigure(
    watched,
    COUNTS,
    {
      title: 'File descriptors and threads',
      caption: 'Files and connections that the process has open, and its threads.',
    },
    () => ({ min: 0, minInterval: 1 }),
  ),
];

/** @returns none where the kernel told nothing of it. */
function timeFigure(
  { startMs, endMs, looks }: Watched,
  columns: readonly Column[],
  { title, caption }: { readonly title: string; readonly caption: string },
  axis: (values: readonly number[]) => object,
): Figure[] {
  const spanS = (endMs - startMs) / 1000;
  const [unit, unitS] = spanS <= LONGEST_IN_S ? ['s', 1] : ['min', 60];
  const lines = columns.flatMap((column) => {
    const points = thinned(looks, MOST_POINTS).flatMap((look): [at: number, value: number][] => {
      const value = column.of(look);
      return value === null ? [] : [[(look.atMs - startMs) / 1000 / unitS, value]];
    });
    return points.length < 2 ? [] : [{ column, points }];
  });
  if (lines.length === 0) return [];
  const said = lines.map(({ column: { name, format }, points }) => {
    const [first, last] = [points[0]?.[1] ?? 0, points.at(-1)?.[1] ?? 0];
    return `${name} from ${format(first)} to ${format(last)}`;
  });
  const option: EChartsOption = {
    grid: GRID,
    legend: legendOf(lines.map(({ column }) => column.name)),
    xAxis: {
      ...AXIS,
      type: 'value',
      min: 0,
      max: spanS / unitS,
      ...nameBelow(`${unit} after the look began`),
      axisLabel: { ...AXIS.axisLabel, showMaxLabel: false },
      splitLine: { show: false },
    },
    yAxis: { ...AXIS, type: 'value', ...axis(lines.flatMap(({ points }) => points.map(([, value]) => value))) },
    series: lines.map(
      ({ column, points }, at): LineSeriesOption => ({
        name: column.name,
        type: 'line',
        silent: true,
        symbol: 'none',
        lineStyle: { color: LINE[at] ?? LINE[0], width: 2, type: dash(at) },
        itemStyle: { color: LINE[at] ?? LINE[0] },
        data: points,
      }),
    ),
  };
  return [figure({ title, caption, alt: `${title} over time: ${said.join(', ')}.` }, HEIGHT, option)];
}
