import type { LineSeriesOption, ScatterSeriesOption } from 'echarts';
import { trend } from '../../drift';
import { selectSeries } from '../../result/query';
import type { Result } from '../../result/result';
import type { Run } from '../../result/run';
import { median } from '../../statistics';
import { formatBytes } from '../../text/format';
import { LINE } from './colors';
import { AXIS, dash, type Figure, figure } from './figure';
import {
  HEADROOM,
  inSlots,
  middleOf,
  overTime,
  phasesInWords,
  placeInWords,
  slotInWords,
  TIME_HEIGHT,
  type Time,
} from './time';

/** Of fewer looks a line would be a guess. */
const FEWEST_FOR_TREND = 12;

/** Resident memory of the server's process, as it told or as the suite read it; null where neither did. */
export function memoryFigure(run: Run, result: Result, time: Time): Figure | null {
  const looks = looksOf(run, result, time);
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || looks.length < 2) return null;
  const line = trendOf(
    looks.filter(([at]) => time.phases.some(({ isJudged, from, to }) => isJudged && at >= from && at <= to)),
  );
  const span = `from ${formatBytes(first[1])} at ${placeInWords(time, first[0])} to ${formatBytes(last[1])} at ${placeInWords(time, last[0])}`;
  const said =
    line === null
      ? ''
      : ` Its trend over the judged phases: ${signed((line.at(-1)?.[1] ?? 0) - (line[0]?.[1] ?? 0))}, by the median of all slopes (Theil and Sen).`;
  return figure(
    {
      title: 'Memory of the server',
      caption: `Resident memory, a point each ${slotInWords(time)}: ${span}.${said}`,
      alt: `Resident memory of the server over time, ${span}.${said}${phasesInWords(time)}`,
    },
    TIME_HEIGHT,
    overTime({
      time,
      legendShows: 'symbols',
      legend: ['looked at', ...(line === null ? [] : ['trend'])],
      yAxis: {
        ...AXIS,
        type: 'value',
        scale: true,
        splitNumber: 4,
        boundaryGap: HEADROOM,
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
          data: looks,
        } satisfies ScatterSeriesOption,
        ...(line === null
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
              } satisfies LineSeriesOption,
            ]),
      ],
    }),
  );
}

type Look = [at: number, bytes: number];

/** What the suite has read from the process itself, where one was named, comes before what the server tells: as for the judge. */
function looksOf({ serverMemory }: Run, result: Result, time: Time): Look[] {
  if (serverMemory !== undefined) {
    const step = Math.max(1, Math.ceil(serverMemory.length / time.slots));
    return serverMemory.filter((_, index) => index % step === 0).map(({ atMs, bytes }) => [time.at(atMs), bytes]);
  }
  const told = selectSeries(result, 'fiml_server_rss_bytes');
  return inSlots(time, told).flatMap((buckets, slot): Look[] =>
    buckets.length === 0 ? [] : [[middleOf(time, slot), median(buckets.map(({ sum, count }) => sum / count))]],
  );
}

/** Both ends of the line; null where there is too little. */
function trendOf(looks: readonly Look[]): Look[] | null {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || looks.length < FEWEST_FOR_TREND) return null;
  const perLook = trend(looks.map(([, bytes]) => bytes)).slope;
  const start = median(looks.map(([, bytes], at) => bytes - perLook * at));
  return [
    [first[0], start],
    [last[0], start + perLook * (looks.length - 1)],
  ];
}

const signed = (bytes: number): string => `${bytes < 0 ? '−' : '+'}${formatBytes(Math.abs(bytes))}`;
