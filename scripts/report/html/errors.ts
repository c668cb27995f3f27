import type { BarSeriesOption } from 'echarts';
import { selectSeries } from '../../result/query';
import type { Result } from '../../result/result';
import { shortened } from '../../text/shortened';
import { LINE } from './colors';
import { AXIS, type Figure, figure } from './figure';
import {
  HEADROOM,
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

const LONGEST_LAYER = 12;

/** Failures by the layer they happened in, the most frequent first; null where nothing failed. */
export function errorsFigure(result: Result, time: Time): Figure | null {
  const failures = selectSeries(result, 'fiml_failures');
  const layers = [...new Set(failures.map(({ tags }) => tags.layer ?? 'unknown'))]
    .map((layer) => {
      const series = failures.filter(({ tags }) => (tags.layer ?? 'unknown') === layer);
      const data = inSlots(time, series).map((buckets, slot): [number, number] => [
        middleOf(time, slot),
        buckets.reduce((sum, bucket) => sum + bucket.sum, 0),
      ]);
      const most = data.reduce<[number, number]>((best, one) => (one[1] > best[1] ? one : best), [0, 0]);
      return { layer, count: series.reduce((sum, one) => sum + one.sum, 0), data, most };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    // There are five; a script that is not the suite's may have its own.
    .slice(0, LINE.length);
  if (layers.length === 0) return null;
  const said = layers.map(
    ({ layer, count, most: [at, most] }) =>
      `${shortened(layer, LONGEST_LAYER)} ${count}, at most ${most} within ${slotInWords(time)}, at ${placeInWords(time, at)}`,
  );
  return figure(
    {
      title: 'Errors by layer, over time',
      caption: `A bar is the failures of ${slotInWords(time)}, the layers on top of each other, in all phases. ${said.join('; ')}.`,
      alt: `Failed requests by layer over time: ${said.join('; ')}.${phasesInWords(time)}`,
    },
    TIME_HEIGHT,
    overTime({
      time,
      legendShows: 'symbols',
      legend: layers.map(({ layer }) => shortened(layer, LONGEST_LAYER)),
      yAxis: {
        ...AXIS,
        type: 'value',
        min: 0,
        splitNumber: 4,
        boundaryGap: HEADROOM,
        minInterval: 1,
      },
      series: layers.map(
        ({ layer, data }, at): BarSeriesOption => ({
          name: shortened(layer, LONGEST_LAYER),
          type: 'bar',
          stack: 'all',
          silent: true,
          barWidth: Math.max(2, pixels(time, middleOf(time, 1) - middleOf(time, 0)) - 1),
          itemStyle: { color: LINE[at] ?? '' },
          data: data.filter(([, count]) => count > 0),
        }),
      ),
    }),
  );
}
