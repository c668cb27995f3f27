import type { LineSeriesOption } from 'echarts';
import { selectSeries } from '../../result/query';
import type { Result } from '../../result/result';
import { formatValue } from '../../text/format';
import { shortened } from '../../text/shortened';
import { LINE } from './colors';
import { AXIS, dash, type Figure, figure } from './figure';
import {
  HEADROOM,
  overTime,
  perSecond,
  phasesInWords,
  placeInWords,
  slotInWords,
  TIME_HEIGHT,
  type Time,
} from './time';

const LONGEST_LAYER = 12;

/** Failures a second by the layer they happened in, the most frequent first; null where nothing failed. */
export function errorsFigure(result: Result, time: Time): Figure | null {
  const failures = selectSeries(result, 'fiml_failures');
  const layers = [...new Set(failures.map(({ tags }) => tags.layer ?? 'unknown'))]
    .map((layer) => {
      const series = failures.filter(({ tags }) => (tags.layer ?? 'unknown') === layer);
      const data = perSecond(time, result, series);
      const most = data.reduce<[number, number]>((best, one) => (one[1] > best[1] ? one : best), [0, 0]);
      return { layer, count: series.reduce((sum, one) => sum + one.sum, 0), data, most };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    // There are five; a script that is not the suite's may have its own.
    .slice(0, LINE.length);
  if (layers.length === 0) return null;
  const said = layers.map(
    ({ layer, count, most: [at, rate] }) =>
      `${shortened(layer, LONGEST_LAYER)} ${count}, at most ${formatValue(rate, 'per-second')} at ${placeInWords(time, at)}`,
  );
  return figure(
    {
      title: 'Errors by layer, a second, over time',
      caption: `Each point is ${slotInWords(time)}, of all phases. ${said.join('; ')}.`,
      alt: `Failed requests a second by layer over time: ${said.join('; ')}.${phasesInWords(time)}`,
    },
    TIME_HEIGHT,
    overTime({
      time,
      legend: layers.map(({ layer }) => shortened(layer, LONGEST_LAYER)),
      yAxis: {
        ...AXIS,
        type: 'value',
        min: 0,
        splitNumber: 4,
        boundaryGap: HEADROOM,
        axisLabel: { ...AXIS.axisLabel, formatter: '{value} /s' },
      },
      series: layers.map(
        ({ layer, data }, at): LineSeriesOption => ({
          name: shortened(layer, LONGEST_LAYER),
          type: 'line',
          silent: true,
          symbol: 'none',
          step: 'middle',
          lineStyle: { color: LINE[at] ?? '', width: 2, type: dash(at) },
          itemStyle: { color: LINE[at] ?? '' },
          data,
        }),
      ),
    }),
  );
}
