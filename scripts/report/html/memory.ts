import type { LineSeriesOption, ScatterSeriesOption } from 'echarts';
import type { Result } from '../../result/result';
import type { Run } from '../../result/run';
import type { TargetRow } from '../../result/verdict';
import { formatBytes, percent } from '../../text/format';
import { memoryOf } from '../memory';
import { LINE } from './colors';
import { AXIS, dash, extent, type Figure, figure, niceStep } from './figure';
import { limitLine, overTime, phasesInWords, placeInWords, TIME_HEIGHT, type Time } from './time';

/**
 * Resident memory of the server's process; null where nobody told.
 *
 * @param leak the target that limits its growth, if there is one.
 */
export function memoryFigure(run: Run, result: Result, time: Time, leak: TargetRow | null): Figure | null {
  const { source, looks, trend } = memoryOf(run, result);
  const shown = thinned(looks, time.slots).map(({ atMs, bytes }): Point => [time.at(atMs), bytes]);
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined || shown.length < 2) return null;
  const line = trend?.map(({ atMs, bytes }): Point => [time.at(atMs), bytes]) ?? [];
  const limit = leak === null || line[0] === undefined ? null : line[0][1] * (1 + leak.limit);
  const said = [
    line.length === 2 && line[0] !== undefined && line[1] !== undefined
      ? `Over the judged phases its trend leads from ${formatBytes(line[0][1])} to ${formatBytes(line[1][1])} (${signed(line[1][1] - line[0][1])}), by the median of all slopes (Theil and Sen).`
      : `From ${formatBytes(first[1])} at ${placeInWords(time, first[0])} to ${formatBytes(last[1])} at ${placeInWords(time, last[0])}.`,
    ...(limit === null || leak === null
      ? []
      : [`It may grow by less than ${percent(leak.limit, 0)}: to ${formatBytes(limit)} at its end.`]),
  ].join(' ');
  return figure(
    {
      title: 'Memory of the server',
      caption: `Resident memory of its process, as ${source === 'read' ? 'the suite has read it' : 'the server tells it'}. ${said} The scale does not begin at 0.`,
      alt: `Resident memory of the server over time. ${said}${phasesInWords(time)}`,
    },
    TIME_HEIGHT,
    overTime({
      time,
      legendShows: 'symbols',
      legend: ['looked at', ...(line.length === 0 ? [] : ['trend'])],
      yAxis: {
        ...AXIS,
        type: 'value',
        ...bytesAxis([...shown.map(([, bytes]) => bytes), ...(limit === null ? [] : [limit])]),
        axisLabel: { ...AXIS.axisLabel, formatter: formatBytes },
      },
      series: [
        {
          name: 'looked at',
          type: 'scatter',
          silent: true,
          // One path for all points.
          large: true,
          largeThreshold: 0,
          symbolSize: 4,
          itemStyle: { color: LINE[0], opacity: 1 },
          data: shown,
        } satisfies ScatterSeriesOption,
        ...(line.length === 0
          ? []
          : [
              {
                name: 'trend',
                type: 'line',
                silent: true,
                symbol: 'none',
                lineStyle: { color: LINE[1], width: 2, type: dash(1) },
                itemStyle: { color: LINE[1] },
                data: line,
                markLine: {
                  silent: true,
                  symbol: 'none',
                  data: limit === null ? [] : [limitLine(limit, `limit: ${formatBytes(limit)}`)],
                },
              } satisfies LineSeriesOption,
            ]),
      ],
    }),
  );
}

type Point = [at: number, bytes: number];

export const thinned = <Each>(looks: readonly Each[], most: number): readonly Each[] => {
  const step = Math.max(1, Math.ceil(looks.length / most));
  return looks.filter((_, index) => index % step === 0);
};

/** Whole steps of megabytes around all values, so that no two marks read alike and no point lies on the axis. */
export function bytesAxis(values: readonly number[]): { min: number; max: number; interval: number } {
  const [low, high] = extent(values);
  const interval = niceStep(Math.max(high - low, 4e6) / 4);
  return {
    min: Math.max(0, Math.floor(low / interval - 0.2) * interval),
    max: Math.ceil(high / interval + 0.2) * interval,
    interval,
  };
}

const signed = (bytes: number): string => `${bytes < 0 ? '−' : '+'}${formatBytes(Math.abs(bytes))}`;
