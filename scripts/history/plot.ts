import type { EChartsOption, SeriesOption } from 'echarts';
import { formatChange, formatMeasure } from '../compare/text';
import type { HistoryNote } from '../result/history';
import type { Observation } from '../result/observation';
import {
  BAD,
  drawSvg,
  FAINT,
  FIGURE_FONT_SIZE,
  FIGURE_WIDTH,
  FONT,
  type Form,
  GOOD,
  GRID,
  INK,
  PAPER,
  SOFT,
  STRONG,
} from '../text/chart';
import { plural } from '../text/format';
import { printable } from '../text/printable';
import { effectOf, formatTime } from './text';
import type { HistoryView, Trend } from './trend';

interface Layout {
  readonly width: number;
  readonly left: number;
  readonly right: number;
  /** Height of what stands above the panels: the title. 0: there is none, of a panel neither. */
  readonly head: number;
  readonly fontSize: number;
  /** How many dates have room below a panel. */
  readonly dates: number;
  /** Whether the notes are written below the panels; whoever shows a figure writes them beside it. */
  readonly listsNotes: boolean;
}

const LAYOUTS: Readonly<Record<Form, Layout>> = {
  file: { width: 1200, left: 90, right: 40, head: 48, fontSize: 11, dates: 8, listsNotes: true },
  figure: {
    width: FIGURE_WIDTH,
    left: 84,
    right: 24,
    head: 0,
    fontSize: FIGURE_FONT_SIZE,
    dates: 4,
    listsNotes: false,
  },
};
/** Of a panel: its title and the labels of its changes, the drawing, and the dates below it. */
const PANEL_TOP = 62;
const PANEL_DRAWING = 150;
const PANEL_BOTTOM = 44;
const PANEL = PANEL_TOP + PANEL_DRAWING + PANEL_BOTTOM;
const NOTE_LINE = 18;
/** Labels of changes that lie nearer than this would be written over each other: one goes above the other, a third is left out. */
/** In sizes of the letters. */
const LABEL_WIDTH = 7;
const LABEL_ROW = 1.2;
const LABEL_ROWS = 2;
const MARK_WIDTH = 18;

/**
 * Draws a history as SVG: a panel for each measure with its runs, levels, changes and notes. Runs lie evenly, as they follow
 * each other: on a scale of time a session's runs would be drawn over each other, and weeks without any would take the room.
 */
export function plot(view: HistoryView, form: Form = 'file', runId: string | null = null): string {
  const layout = LAYOUTS[form];
  const notes = marksOf(view, layout);
  const below = notes.length === 0 || !layout.listsNotes ? 12 : 40 + view.notes.length * NOTE_LINE;
  return drawSvg(layout.width, layout.head + view.trends.length * PANEL + below, optionOf(view, notes, layout, runId));
}

function optionOf(view: HistoryView, notes: readonly NoteMark[], layout: Layout, runId: string | null): EChartsOption {
  const { trends, runs } = view;
  const { left, right, head, fontSize } = layout;
  const dated = datedRuns(runs, layout);
  // Within a day all dates are the same.
  const isADay = runs[0] !== undefined && dateOf(runs[0]) === dateOf(runs.at(-1) ?? runs[0]);
  const whenOf = isADay ? timeOfDay : dateOf;
  const grids = trends.map((_, at) => ({
    left,
    right,
    top: head + at * PANEL + PANEL_TOP,
    height: PANEL_DRAWING,
  }));
  return {
    animation: false,
    backgroundColor: PAPER,
    textStyle: { fontFamily: FONT, color: INK },
    title: [
      ...(head === 0 ? [] : [{ text: headOf(view), left, top: 12, textStyle: { fontSize: 17, color: INK } }]),
      ...trends.map(({ measure }, at) => ({
        text: head === 0 ? '' : `${printable(measure.title)} (${unitInWords(measure.unit)})`,
        left,
        top: head + at * PANEL + 6,
        textStyle: { fontSize: fontSize + 2, color: INK },
      })),
      ...(view.notes.length === 0 || !layout.listsNotes ? [] : notesBelow(view, layout)),
    ],
    grid: grids,
    xAxis: trends.map((_, at) => ({
      type: 'value' as const,
      gridIndex: at,
      min: -0.5,
      max: runs.length - 0.5,
      axisLine: { onZero: false, lineStyle: { color: FAINT } },
      axisTick: { customValues: dated, lineStyle: { color: FAINT } },
      axisLabel: {
        customValues: dated,
        formatter: (index: number) => whenOf(runs[index] as Observation),
        // Between the axis and the dates stand the numbers of notes.
        margin: 1.7 * fontSize,
        color: INK,
        fontSize,
      },
      splitLine: { show: false },
    })),
    yAxis: trends.map(({ measure }, at) => ({
      type: 'value' as const,
      gridIndex: at,
      scale: true,
      boundaryGap: ['8%', '8%'],
      axisLine: { show: true, onZero: false, lineStyle: { color: FAINT } },
      axisTick: { lineStyle: { color: FAINT } },
      splitNumber: 3,
      axisLabel: { formatter: marksOfAxis(measure.unit), color: INK, fontSize },
      splitLine: { lineStyle: { color: GRID } },
    })),
    series: trends.flatMap((trend, at) =>
      seriesOf(
        trend,
        at,
        notes,
        layout,
        runs.findIndex((run) => run.runId === runId),
      ),
    ),
  };
}

/** Shares of failures are so small that two decimals write the same mark several times. */
const marksOfAxis = (unit: Trend['measure']['unit']) => (value: number) =>
  unit === 'share' ? `${Number((value * 100).toPrecision(3))} %` : formatMeasure(value, unit);

function headOf({ name, runs, invalid, foreign }: HistoryView): string {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return `${printable(name)}: no run to show yet`;
  const leftOut = invalid + foreign;
  return `${printable(name)}: ${plural(runs.length, 'run')}, ${dateOf(first)} to ${dateOf(last)}${leftOut === 0 ? '' : `, ${leftOut} left out`}`;
}

function unitInWords(unit: Trend['measure']['unit']): string {
  return unit === 'share' ? '%' : unit === 's' ? 'time' : unit;
}

function seriesOf(
  trend: Trend,
  at: number,
  notes: readonly NoteMark[],
  layout: Layout,
  marked: number,
): SeriesOption[] {
  const { fontSize } = layout;
  const { values, levels, measure } = trend;
  // ECharts fails at a large series without values.
  if (levels.length === 0) return [];
  const axes = { xAxisIndex: at, yAxisIndex: at, silent: true };
  return [
    {
      ...axes,
      type: 'scatter',
      // One path for all points: an element each would take most of the time, and of the file.
      large: true,
      largeThreshold: 0,
      data: values.flatMap((value, index) => (value === null ? [] : [[index, value]])),
      symbolSize: values.length > 300 ? 3 : values.length > 100 ? 4 : 6,
      itemStyle: { color: SOFT, opacity: 1 },
    },
    ...markOf(values, marked).map((data) => ({
      ...axes,
      type: 'scatter' as const,
      symbol: 'diamond',
      symbolSize: 13,
      z: 5,
      itemStyle: { color: INK, opacity: 1 },
      data: [data],
    })),
    {
      ...axes,
      type: 'line',
      showSymbol: false,
      lineStyle: { color: STRONG, width: 2 },
      // A gap after each level, so that no line leads from one to the next.
      data: levels.flatMap(({ from, until, median }) => [
        [from - 0.5, median],
        [until - 0.5, median],
        [until - 0.5, null],
      ]),
      markLine: {
        silent: true,
        symbol: 'none',
        data: [
          ...notes.map(({ position, label }) => ({
            xAxis: position,
            lineStyle: { color: FAINT, width: 1, type: 'dotted' as const },
            label: {
              ...LABEL,
              position: 'start' as const,
              distance: 7,
              formatter: label,
              color: FAINT,
              fontSize: fontSize - 1,
            },
          })),
          ...changeMarks(trend, layout).map(({ change, row }) => {
            const color = effectOf(change, measure) === 'worse' ? BAD : GOOD;
            return {
              xAxis: change.index - 0.5,
              lineStyle: {
                color,
                width: 1.5,
                type: change.status === 'confirmed' ? ('solid' as const) : ('dashed' as const),
              },
              label: {
                ...LABEL,
                show: row !== null,
                position: 'end' as const,
                distance: 4 + (row ?? 0) * LABEL_ROW * fontSize,
                formatter: formatChange(measure, change.change),
                color,
                fontSize,
              },
            };
          }),
        ],
      },
    },
  ];
}

const markOf = (values: Trend['values'], index: number): [number, number][] => {
  const value = values[index] ?? null;
  return value === null ? [] : [[index, value]];
};

/** Without a rim of the paper's colour, which would not be that of a page. */
const LABEL = { textBorderWidth: 0 } as const;

/** Changes that last, each with the row above the drawing in which its label has room; null when there is none. */
function changeMarks({ changes, values }: Trend, layout: Layout) {
  const ends: number[] = [];
  return changes
    .filter(({ status }) => status !== 'went away')
    .map((change) => {
      const x = change.index * pixelsPerRun(values.length, layout);
      const row = Array.from({ length: LABEL_ROWS }, (_, at) => at).find((at) => (ends[at] ?? 0) <= x) ?? null;
      if (row !== null) ends[row] = x + LABEL_WIDTH * layout.fontSize;
      return { change, row };
    });
}

/** A note's place between the runs; notes too near to each other to be told apart share one. */
interface NoteMark {
  readonly position: number;
  /** Numbers of the notes, as in the list below the panels. */
  readonly label: string;
}

function marksOf({ notes, runs }: HistoryView, layout: Layout): NoteMark[] {
  const groups: { position: number; numbers: number[] }[] = [];
  notes.forEach(({ atMs }, at) => {
    const position = runs.filter(({ startedAtMs }) => startedAtMs < atMs).length - 0.5;
    const last = groups.at(-1);
    if (last !== undefined && (position - last.position) * pixelsPerRun(runs.length, layout) < MARK_WIDTH) {
      last.numbers.push(at + 1);
    } else groups.push({ position, numbers: [at + 1] });
  });
  return groups.map(({ position, numbers }) => ({
    position,
    label: numbers.length === 1 ? String(numbers[0]) : `${numbers[0]}–${numbers.at(-1)}`,
  }));
}

const timeOfDay = ({ startedAtMs }: Observation): string => formatTime(startedAtMs).slice(11);
const dateOf = ({ startedAtMs }: Observation): string => formatTime(startedAtMs).slice(0, 10);

const pixelsPerRun = (runs: number, { width, left, right }: Layout): number => (width - left - right) / runs;

const LONGEST_NOTE = 130;

function notesBelow({ notes, trends }: HistoryView, { head, left }: Layout) {
  const top = head + trends.length * PANEL + 12;
  const line = ({ atMs, text }: HistoryNote, at: number) => {
    const shown = printable(text);
    const cut = shown.length > LONGEST_NOTE ? `${shown.slice(0, LONGEST_NOTE - 1)}…` : shown;
    return `${at + 1}   ${formatTime(atMs)}   ${cut}`;
  };
  return notes.map((note, at) => ({
    text: line(note, at),
    left,
    top: top + at * NOTE_LINE,
    textStyle: { fontSize: 12, fontWeight: 'normal' as const, color: INK },
  }));
}

/** Runs whose dates are written below a panel: few enough to be read. */
function datedRuns(runs: readonly Observation[], { dates }: Layout): number[] {
  const step = Math.max(1, Math.ceil(runs.length / dates));
  return runs.map((_, index) => index).filter((index) => index % step === 0);
}
