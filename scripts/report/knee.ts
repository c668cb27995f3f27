import type { EChartsOption } from 'echarts';
import { type Breakpoint, breakpointInWords, type SeenStep } from '../judge/breakpoint';
import {
  BAD,
  BAD_BAND,
  drawSvg,
  FAINT,
  FIGURE_FONT_SIZE,
  FIGURE_WIDTH,
  FONT,
  type Form,
  GRID,
  INK,
  PAPER,
  STRONG,
} from '../text/chart';

const FILE_WIDTH = 900;
const FILE_FONT_SIZE = 11;
const HEIGHT = 640;
const LEFT = 90;
const RIGHT = 40;
const UPPER = { top: 70, height: 220 } as const;
const LOWER = { top: 350, height: 220 } as const;

/** A limit that is drawn as a line; null when it is not in force. */
export interface KneeLimits {
  readonly p95Ms: number | null;
}

/**
 * Draws what a server made of a rising load as SVG: carried out beside offered, where the knee is to be seen, and P95 below
 * it on a scale of powers of ten, since a queue makes it grow a hundredfold within a step.
 */
export const knee = (breakpoint: Breakpoint, limits: KneeLimits, form: Form = 'file'): string =>
  drawSvg(form === 'file' ? FILE_WIDTH : FIGURE_WIDTH, HEIGHT - headOf(form), optionOf(breakpoint, limits, form));

/** Room for the sentence on top, which a figure has beside it. */
const HEAD = 40;
const headOf = (form: Form): number => (form === 'file' ? 0 : HEAD);

function optionOf(breakpoint: Breakpoint, { p95Ms }: KneeLimits, form: Form): EChartsOption {
  const fontSize = form === 'file' ? FILE_FONT_SIZE : FIGURE_FONT_SIZE;
  const upper = { ...UPPER, top: UPPER.top - headOf(form) };
  const lower = { ...LOWER, top: LOWER.top - headOf(form) };
  const { steps } = breakpoint;
  const rates = steps.map(({ ratePerS }) => ratePerS);
  const [lowest, highest] = [Math.min(...rates), Math.max(...rates)];
  const title = (text: string, top: number, size: number, fontWeight: 'normal' | 'bold' = 'normal') => ({
    text,
    left: form === 'file' ? LEFT : 0,
    top,
    textStyle: { fontSize: size, color: INK, fontWeight },
  });
  const xAxis = (gridIndex: number) => ({
    type: 'value' as const,
    gridIndex,
    scale: true,
    name: gridIndex === 1 ? 'offered, iterations per second' : '',
    nameLocation: 'middle' as const,
    nameGap: 30,
    nameTextStyle: { color: INK, fontSize: fontSize + 1 },
    axisLine: { lineStyle: { color: FAINT } },
    axisTick: { lineStyle: { color: FAINT } },
    axisLabel: { color: INK, fontSize },
    splitLine: { show: false },
  });
  const yAxis = {
    axisLine: { lineStyle: { color: FAINT } },
    axisTick: { lineStyle: { color: FAINT } },
    axisLabel: { color: INK, fontSize },
    splitLine: { lineStyle: { color: GRID } },
  };
  return {
    animation: false,
    backgroundColor: PAPER,
    textStyle: { fontFamily: FONT, color: INK },
    title: [
      ...(form === 'file' ? [title(breakpointInWords(breakpoint), 12, 15, 'bold')] : []),
      title('Carried out a second (dotted: offered; ▲ does not hold)', upper.top - 32, fontSize + 1),
      title('P95 of interactive requests', lower.top - 32, fontSize + 1),
    ],
    grid: [
      { left: LEFT, right: RIGHT, ...upper },
      { left: LEFT, right: RIGHT, ...lower },
    ],
    xAxis: [xAxis(0), xAxis(1)],
    yAxis: [
      { ...yAxis, type: 'value', gridIndex: 0, scale: true },
      {
        ...yAxis,
        axisLabel: { ...yAxis.axisLabel, formatter: inUnits },
        type: 'log',
        gridIndex: 1,
        ...decades(steps, p95Ms),
      },
    ],
    series: [
      {
        type: 'line',
        xAxisIndex: 0,
        yAxisIndex: 0,
        silent: true,
        showSymbol: false,
        lineStyle: { color: FAINT, width: 1, type: 'dotted' },
        data: [
          [lowest, lowest],
          [highest, highest],
        ],
      },
      {
        ...points(steps, 0, ({ carriedOutPerS }) => carriedOutPerS),
        markArea: intervalOf(breakpoint, fontSize),
      },
      {
        ...points(steps, 1, ({ p95Ms: value }) => (value === 0 ? null : value)),
        markArea: intervalOf(breakpoint),
        markLine: {
          silent: true,
          symbol: 'none',
          data: p95Ms === null ? [] : [{ yAxis: p95Ms }],
          lineStyle: { color: FAINT, type: 'dashed' },
          label: {
            formatter: `limit: ${p95Ms} ms`,
            position: 'insideStartTop',
            color: FAINT,
            fontSize: fontSize + 1,
            textBorderWidth: 0,
          },
        },
      },
    ],
  };
}

const inUnits = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`);

/** The powers of ten between which all P95 and their limit lie; whatever stands for no answer has none. */
function decades(steps: readonly SeenStep[], limitMs: number | null): { min?: number; max?: number } {
  const shown = [...steps.map((step) => step.p95Ms), limitMs].filter((ms): ms is number => ms !== null && ms > 0);
  if (shown.length === 0) return {};
  return {
    min: 10 ** Math.floor(Math.log10(Math.min(...shown))),
    max: 10 ** Math.ceil(Math.log10(Math.max(...shown))),
  };
}

function points(steps: readonly SeenStep[], at: number, figure: (step: SeenStep) => number | null) {
  return {
    type: 'line' as const,
    xAxisIndex: at,
    yAxisIndex: at,
    silent: true,
    symbolSize: 8,
    lineStyle: { color: FAINT, width: 1 },
    data: steps.map((step) => ({
      value: [step.ratePerS, figure(step)],
      symbol: step.holds ? 'circle' : 'triangle',
      itemStyle: { color: step.holds ? STRONG : BAD },
    })),
  };
}

/** From the last step that holds to the first that does not. */
function intervalOf({ steps, last, first }: Breakpoint, fontSize: number | null = null) {
  const [from, to] = [last === null ? undefined : steps[last], first === null ? undefined : steps[first]];
  return {
    silent: true,
    itemStyle: { color: BAD_BAND },
    label: {
      show: fontSize !== null,
      position: 'insideBottomLeft' as const,
      align: 'right' as const,
      color: BAD,
      fontSize: fontSize ?? 0,
      textBorderWidth: 0,
      formatter: `capacity ${Math.round(from?.ratePerS ?? 0)} /s`,
    },
    data:
      from === undefined || to === undefined
        ? []
        : [[{ xAxis: from.ratePerS }, { xAxis: to.ratePerS }] as [{ xAxis: number }, { xAxis: number }]],
  };
}
