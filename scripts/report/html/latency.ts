import type { LineSeriesOption } from 'echarts';
import type { Selector } from '../../../thresholds';
import { Histogram } from '../../result/histogram';
import { answered, selectSeries } from '../../result/query';
import type { Bucket, Result } from '../../result/result';
import { type TargetRow, VERDICTS, type Verdict } from '../../result/verdict';
import { formatClaim } from '../../text/format';
import { ONE_ANSWER } from '../phases';
import { LINE } from './colors';
import { dash, type Figure, figure, inMs, logAxis } from './figure';
import {
  inSlots,
  limitLine,
  middleOf,
  overTime,
  phasesInWords,
  placeInWords,
  slotInWords,
  TIME_HEIGHT,
  type Time,
} from './time';

/** More would be read by nobody, and the worst come first. */
const MOST = 3;
const QUANTILES = [
  { name: 'P50', q: 0.5 },
  { name: 'P95', q: 0.95 },
  { name: 'P99', q: 0.99 },
] as const;

/** Requests of which a target limits the latency, with all targets that do. */
interface Population {
  readonly title: string;
  readonly metric: string;
  readonly selector: Selector;
  readonly rows: readonly TargetRow[];
}

/** Latency percentiles over time of what the targets are about, missed ones first; of users' requests where none is. */
export function latencyFigures(verdict: Verdict, result: Result, time: Time): Figure[] {
  const found: Figure[] = [];
  for (const population of populationsOf(verdict)) {
    if (found.length === MOST) break;
    const drawn = latencyFigure(population, result, time);
    if (drawn !== null) found.push(drawn);
  }
  if (found.length > 0) return found;
  const users = {
    title: 'latency, price and analysis queries and probes',
    metric: 'http_req_duration',
    selector: ONE_ANSWER,
    rows: [],
  };
  return [latencyFigure(users, result, time) ?? []].flat();
}

/** Statistics of a latency, as a limit names them; that of a mean has no line here to be held against. */
const LIMITED: Readonly<Record<string, string>> = {
  p50: 'P50',
  p95: 'P95',
  p99: 'P99',
  mean: 'mean',
  'p95-at-capacity': 'P95',
};

function populationsOf({ targets }: Verdict): Population[] {
  const populations = new Map<string, Population>();
  const worstFirst = [...targets].sort((a, b) => rankOf(a) - rankOf(b));
  for (const row of worstFirst) {
    if (row.unit !== 'ms' || LIMITED[row.statistic] === undefined || row.samples === 0) continue;
    const { phase: _, ...selector } = row.selector;
    const key = JSON.stringify([row.metric, selector]);
    const known = populations.get(key);
    const title = row.title
      .replace(/^(?:P\d+|Mean) (?=\w)/, '')
      .replace(' at capacity', ', from the lowest rate to the highest');
    populations.set(
      key,
      known === undefined
        ? { title, metric: row.metric, selector, rows: [row] }
        : { ...known, rows: [...known.rows, row] },
    );
  }
  return [...populations.values()];
}

const rankOf = ({ verdict }: TargetRow): number => {
  const rank = (VERDICTS as readonly string[]).indexOf(verdict);
  return rank < 0 ? VERDICTS.length : rank;
};

function latencyFigure({ title, metric, selector, rows }: Population, result: Result, time: Time): Figure | null {
  const series = selectSeries(result, metric, selector).filter(answered);
  const slots = inSlots(time, series).map(quantilesOf);
  const p95 = slots.map((values) => values?.[1] ?? null);
  const highest = p95.reduce<number>((best, value, at) => ((value ?? -1) > (p95[best] ?? -1) ? at : best), 0);
  const peak = p95[highest] ?? null;
  if (peak === null) return null;
  const limits = rows.filter(isDrawn).map((row) => ({ limit: row.limit, text: limitInWords(row) }));
  const means = rows
    .filter((row) => !isDrawn(row))
    .map(meanInWords)
    .join('');
  const capital = `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
  const where = `${inMs(peak)} at ${placeInWords(time, middleOf(time, highest))}`;
  return figure(
    {
      title: `${capital}, over time`,
      caption:
        `Each point is ${slotInWords(time)}. Half of the answers took no longer than the P50 line, 19 of 20 no longer than P95, ` +
        `99 of 100 no longer than P99. Highest P95: ${where}. ${sentenceOf(limits)}${means}A step of the scale is ten times as much.`,
      alt: `P50, P95 and P99 of ${title} over time. ${figuresByPhase(result, time, { metric, selector })}Highest P95 ${where}. ${sentenceOf(limits)}${means}${phasesInWords(time)}`,
    },
    TIME_HEIGHT,
    overTime({
      time,
      legend: QUANTILES.map(({ name }) => name),
      yAxis: logAxis([...slots.flatMap((values) => values ?? []), ...limits.map(({ limit }) => limit)]),
      series: QUANTILES.map(({ name }, at): LineSeriesOption => {
        const line: LineSeriesOption = {
          name,
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: { color: LINE[at] ?? '', width: 2, type: dash(at) },
          itemStyle: { color: LINE[at] ?? '' },
          data: slots.map((values, slot) => [middleOf(time, slot), positive(values?.[at])]),
        };
        return at > 0
          ? line
          : {
              ...line,
              markLine: { silent: true, symbol: 'none', data: limits.map(({ limit, text }) => limitLine(limit, text)) },
            };
      }),
    }),
  );
}

/** A logarithm has no place for 0. */
const positive = (ms: number | null | undefined): number | null =>
  ms === undefined || ms === null || ms <= 0 ? null : ms;

function quantilesOf(buckets: readonly Bucket[]): (number | null)[] | null {
  if (buckets.length === 0) return null;
  const histogram = new Histogram();
  for (const { histogram: sparse = [] } of buckets) histogram.addSparse(sparse);
  return QUANTILES.map(({ q }) => histogram.quantile(q));
}

const isDrawn = ({ statistic }: TargetRow): boolean => statistic !== 'mean';

const meanInWords = ({ value, operator, limit, unit }: TargetRow): string =>
  `Their mean, which is not drawn, is ${inMs(value)}; it must be ${formatClaim(operator, limit, unit)}. `;

const limitInWords = ({ statistic, operator, limit, unit }: TargetRow): string =>
  `limit: ${LIMITED[statistic]} ${formatClaim(operator, limit, unit)}`;

const sentenceOf = (limits: readonly { text: string }[]): string =>
  limits.length === 0 ? '' : `${limits.map(({ text }) => text.charAt(0).toUpperCase() + text.slice(1)).join('; ')}. `;

function figuresByPhase(
  result: Result,
  time: Time,
  { metric, selector }: Pick<Population, 'metric' | 'selector'>,
): string {
  const judged = [...new Set(time.phases.filter(({ isJudged }) => isJudged).map(({ phase }) => phase))];
  return judged
    .flatMap((phase) => {
      const histogram = new Histogram();
      for (const { histogram: sparse = [] } of selectSeries(result, metric, { ...selector, phase }).filter(answered)) {
        histogram.addSparse(sparse);
      }
      if (histogram.count === 0) return [];
      return [
        `Phase ${phase}: ${QUANTILES.map(({ name, q }) => `${name} ${inMs(histogram.quantile(q))}`).join(', ')}. `,
      ];
    })
    .join('');
}
