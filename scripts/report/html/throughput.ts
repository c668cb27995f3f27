import type { LineSeriesOption } from 'echarts';
import { selectSeries, sumIn } from '../../result/query';
import type { Result } from '../../result/result';
import type { Run } from '../../result/run';
import { formatValue, plural } from '../../text/format';
import { USERS } from '../phases';
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

const TRAFFIC = { scenario: 'traffic' } as const;

/** What was carried out beside what was offered; null of a run without either. */
export function throughputFigure(run: Run, result: Result, time: Time): Figure | null {
  const iterations = selectSeries(result, 'iterations', TRAFFIC);
  const counted = iterations.length > 0 ? 'iterations' : 'requests';
  const done = perSecond(time, result, iterations.length > 0 ? iterations : selectSeries(result, 'http_reqs', USERS));
  if (!done.some(([, rate]) => rate > 0)) return null;
  const offered = iterations.length > 0 ? offeredOf(run, time) : [];
  const dropped = sumIn(result, 'dropped_iterations', TRAFFIC);
  const never = dropped === 0 ? [] : perSecond(time, result, selectSeries(result, 'dropped_iterations', TRAFFIC));
  const [highestAt, highest] = done.reduce((best, one) => (one[1] > best[1] ? one : best));
  const lines = [
    { name: 'carried out', data: done },
    ...(offered.length === 0 ? [] : [{ name: 'offered', data: offered }]),
    ...(never.length === 0 ? [] : [{ name: 'never began', data: never }]),
  ];
  const lost =
    dropped === 0
      ? ''
      : ` ${plural(Math.round(dropped), 'iteration')} never began: no virtual user was free, since answers took too long.`;
  const reading =
    offered.length === 0
      ? 'Users who wait for their answers offer what they can: there is no rate to hold it against.'
      : 'Offered is what the plan asks for, on average over each phase or step: where less is carried out, the server did not keep up.';
  const most = `At most ${formatValue(highest, 'per-second')}, at ${placeInWords(time, highestAt)}.`;
  return figure(
    {
      title: `Throughput: ${counted} a second`,
      caption: `Each point is ${slotInWords(time)}. ${counted === 'iterations' ? reading : ''} ${most}${lost}`,
      alt: `${counted} carried out a second over time. ${most}${offeredInWords(run)}${lost}${phasesInWords(time)}`,
    },
    TIME_HEIGHT,
    overTime({
      time,
      legend: lines.map(({ name }) => name),
      yAxis: {
        ...AXIS,
        type: 'value',
        min: 0,
        splitNumber: 4,
        boundaryGap: HEADROOM,
        axisLabel: { ...AXIS.axisLabel, formatter: '{value} /s' },
      },
      series: lines.map(
        ({ name, data }, at): LineSeriesOption => ({
          name,
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: { color: LINE[at] ?? '', width: 2, type: dash(at) },
          itemStyle: { color: LINE[at] ?? '' },
          data,
        }),
      ),
    }),
  );
}

/** The offered rate as corners of a line; a load that rises in steps has one for each. */
function offeredOf({ plan }: Run, { phases, at, end }: Time): [number, number | null][] {
  const beganMs = phases[0] === undefined || plan === null ? 0 : phases[0].startMs - (plan.phases[0]?.startMs ?? 0);
  const steps =
    plan?.steps ??
    (plan?.phases ?? []).flatMap(({ offered, startMs, endMs }) =>
      offered === undefined || endMs <= startMs
        ? []
        : [{ startMs, endMs, ratePerS: offered / ((endMs - startMs) / 1000) }],
    );
  return steps.flatMap(({ startMs, endMs, ratePerS }): [number, number | null][] => {
    const [from, to] = [at(beganMs + startMs), Math.min(end, at(beganMs + endMs))];
    return from >= end
      ? []
      : [
          [from, ratePerS],
          [to, ratePerS],
        ];
  });
}

function offeredInWords({ plan }: Run): string {
  const said = (plan?.phases ?? []).flatMap(({ phase, offered, startMs, endMs }) =>
    offered === undefined || endMs <= startMs
      ? []
      : [`${formatValue(offered / ((endMs - startMs) / 1000), 'per-second')} in ${phase}`],
  );
  return said.length === 0 ? '' : ` Offered: ${said.join(', ')}.`;
}
