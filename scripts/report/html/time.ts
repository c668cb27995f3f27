import type { EChartsOption, LineSeriesOption } from 'echarts';
import { isJudged } from '../../../profiles';
import { loadBeganMs } from '../../result/phases';
import type { Bucket, Result, Series } from '../../result/result';
import type { Run } from '../../result/run';
import { BAD, BAD_BAND, FAINT, FIGURE_WIDTH, INK, PAPER } from '../../text/chart';
import { shortened } from '../../text/shortened';
import { MARKS, type TimeLine } from '../fault-time-line';
import { JUDGED_BAND, UNJUDGED_BAND } from './colors';
import { AXIS, inRows, label, legendOf, nameBelow, widthOf } from './figure';

/** Points of a line: two pixels each where the plot is largest, so that more would only be bytes. */
const MOST_SLOTS = 240;
/** Of all plots over time: beside each other their axes lie on one line. */
export const TIME_HEIGHT = 320;
const LEFT = 74;
const RIGHT = 16;
const BOTTOM = 50;
const LEGEND = 24;
const MARK_ROW = 20;
const MARK_ROWS = 2;
const MARK_FONT = 14;
const LONGEST_PHASE = 12;

/** The time of a run as its plots show it. */
export interface Time {
  /** From this moment on, epoch ms, slots lie side by side. */
  readonly startMs: number;
  /** A whole number of the result's time buckets. */
  readonly slotMs: number;
  readonly slots: number;
  /** Of the axis, that begins with the load: `s`, `min` or `h`. */
  readonly unit: string;
  /** Place of a moment on the axis. */
  readonly at: (ms: number) => number;
  readonly end: number;
  readonly phases: readonly PhaseBand[];
  readonly marks: readonly { readonly at: number; readonly text: string }[];
  readonly bucketsPerSlot: number;
}

interface PhaseBand {
  readonly phase: string;
  readonly from: number;
  readonly to: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly isJudged: boolean;
}

const UNITS = [
  { unit: 's', lengthMs: 1000, upToMs: 180_000 },
  { unit: 'min', lengthMs: 60_000, upToMs: 4 * 3_600_000 },
  { unit: 'h', lengthMs: 3_600_000, upToMs: Number.POSITIVE_INFINITY },
] as const;

/** @param longest slots that a plot may have at most. */
export function timeOf(run: Run, result: Result, timeLine: TimeLine | null, longest = MOST_SLOTS): Time {
  const { startMs, endMs, bucketMs } = result;
  const beganMs = loadBeganMs(run, result) ?? startMs;
  const buckets = Math.max(1, Math.ceil((endMs - startMs) / bucketMs));
  const bucketsPerSlot = Math.ceil(buckets / longest);
  const spanMs = Math.max(bucketMs, endMs - beganMs);
  const { unit, lengthMs } = UNITS.find(({ upToMs }) => spanMs <= upToMs) ?? UNITS[2];
  const at = (ms: number) => (ms - beganMs) / lengthMs;
  return {
    startMs,
    slotMs: bucketMs * bucketsPerSlot,
    slots: Math.ceil(buckets / bucketsPerSlot),
    unit,
    at,
    end: at(beganMs + spanMs),
    phases: (run.plan?.phases ?? []).map(({ phase, startMs: from, endMs: to }) => ({
      phase,
      from: at(beganMs + from),
      to: Math.min(at(beganMs + to), at(beganMs + spanMs)),
      startMs: beganMs + from,
      endMs: beganMs + to,
      isJudged: isJudged(phase),
    })),
    marks: (timeLine?.moments ?? []).flatMap(({ what, atS }) => {
      const text = MARKS.get(what);
      return text === undefined || atS === null || timeLine === null
        ? []
        : [{ at: at(timeLine.beganMs + atS * 1000), text }];
    }),
    bucketsPerSlot,
  };
}

/** The buckets of some series by slot, each with as many entries as there are series with samples in it. */
export function inSlots({ slots, bucketsPerSlot }: Time, series: readonly Series[]): Bucket[][] {
  const found: Bucket[][] = Array.from({ length: slots }, () => []);
  for (const { buckets = [] } of series) {
    // A clock that stepped back leaves some before the first.
    for (const bucket of buckets) found[Math.floor(bucket.i / bucketsPerSlot)]?.push(bucket);
  }
  return found;
}

/** Place of a slot's middle. */
export const middleOf = ({ startMs, slotMs, at, end }: Time, slot: number): number =>
  Math.min(end, at(startMs + (slot + 0.5) * slotMs));

/** `1 s`, `20 s`: how much time a point stands for. */
export const slotInWords = ({ slotMs }: Pick<Time, 'slotMs'>): string => `${slotMs / 1000} s`;

/**
 * What happened a second, slot by slot. The last slot is left out where the run ended within it: it would look like a
 * collapse.
 */
export function perSecond(time: Time, result: Pick<Result, 'endMs'>, series: readonly Series[]): [number, number][] {
  const { startMs, slotMs } = time;
  return inSlots(time, series).flatMap((buckets, slot): [number, number][] => {
    if (startMs + (slot + 1) * slotMs > result.endMs) return [];
    return [[middleOf(time, slot), buckets.reduce((sum, bucket) => sum + bucket.sum, 0) / (slotMs / 1000)]];
  });
}

/** A value at a place, as sentences say it: `12 s`, `3.5 min`. */
export const placeInWords = ({ unit }: Time, at: number): string =>
  `${Number(at.toFixed(unit === 's' ? 0 : 1))} ${unit}`;

/** Phases with their places, in a sentence for whoever does not see them. */
export const phasesInWords = (time: Time): string =>
  time.phases.length === 0
    ? ''
    : ` Phases: ${time.phases.map(({ phase, from, to }) => `${phase} from ${placeInWords(time, from)} to ${placeInWords(time, to)}`).join(', ')}.` +
      time.marks.map(({ at, text }) => ` At ${placeInWords(time, at)}: ${text}.`).join('');

export interface TimePlot {
  readonly time: Time;
  readonly yAxis: EChartsOption['yAxis'];
  readonly series: NonNullable<EChartsOption['series']>;
  /** Names of the series that the legend explains; none: there is no legend. */
  readonly legend: readonly string[];
  readonly legendShows?: 'lines' | 'symbols';
}

/** A plot over time: phases shaded, and what was made or undone marked. */
export function overTime({ time, yAxis, series, legend, legendShows = 'lines' }: TimePlot): EChartsOption {
  const rows = markRows(time);
  const used = Math.max(0, ...rows.map((row) => (row ?? 0) + 1));
  const top = (legend.length === 0 ? 6 : LEGEND) + (used + 1) * MARK_ROW + 4;
  const option: EChartsOption = {
    grid: { left: LEFT, right: RIGHT, top, bottom: BOTTOM, height: TIME_HEIGHT - top - BOTTOM },
    xAxis: {
      ...AXIS,
      type: 'value',
      min: 0,
      max: time.end,
      ...nameBelow(`${time.unit} after the load began`),
      axisLabel: { ...AXIS.axisLabel, showMaxLabel: false },
      splitLine: { show: false },
    },
    yAxis: yAxis ?? {},
    series: [background(time, rows), ...[series].flat()],
  };
  return legend.length === 0 ? option : { ...option, legend: legendOf(legend, legendShows) };
}

/** Above the highest value of a scale of counts, so that no line lies on the rim. */
export const HEADROOM: [string, string] = ['0%', '6%'];

/** A length of time in the units of the drawing. */
export const pixels = ({ end }: Time, length: number): number => (length / end) * (FIGURE_WIDTH - LEFT - RIGHT);

const markRows = (time: Time): (number | null)[] =>
  inRows(
    time.marks.map(({ at, text }) => {
      const width = widthOf(text, MARK_FONT) + 8;
      return { left: pixels(time, at) - width / 2, width };
    }),
    MARK_ROWS,
  );

function background(time: Time, rows: readonly (number | null)[]): LineSeriesOption {
  return {
    type: 'line',
    silent: true,
    data: [],
    markArea: {
      silent: true,
      data: time.phases.map(({ phase, from, to, isJudged: judged }) => {
        const name = shortened(phase, LONGEST_PHASE);
        const fits = widthOf(name, MARK_FONT) < pixels(time, to - from);
        const color = phase === 'fault' || phase === 'spike' ? BAD_BAND : judged ? JUDGED_BAND : UNJUDGED_BAND;
        return [
          {
            xAxis: from,
            itemStyle: { color },
            label: { ...label(FAINT, MARK_FONT), show: fits, position: 'top', formatter: () => name },
          },
          { xAxis: to },
        ];
      }),
    },
    markLine: {
      silent: true,
      symbol: 'none',
      data: time.marks.map(({ at, text }, index) => ({
        xAxis: at,
        lineStyle: { color: BAD, type: 'solid', width: 1.5 },
        label: {
          ...label(INK, MARK_FONT),
          show: rows[index] !== null,
          position: 'end',
          distance: 4 + ((rows[index] ?? 0) + 1) * MARK_ROW,
          formatter: () => text,
        },
      })),
    },
  };
}

/** A limit across a plot, solid as no line of values beside it is but the first, with its words on ground of their own. */
export const limitLine = (value: number, text: string) => ({
  yAxis: value,
  lineStyle: { color: BAD, type: 'solid' as const, width: 1.5 },
  label: {
    ...label(BAD, MARK_FONT),
    backgroundColor: PAPER,
    padding: [1, 4],
    position: 'insideEndTop' as const,
    formatter: () => text,
  },
});
