import type { EChartsOption } from 'echarts';
import { type Breakpoint, breakpointInWords, type SeenStep } from '../judge/breakpoint';
import { drawSvg, FAINT, FONT, INK } from '../text/chart';

const WIDTH = 900;
const HEIGHT = 640;
const LEFT = 90;
const RIGHT = 40;
const UPPER = { top: 70, height: 220 } as const;
const LOWER = { top: 350, height: 220 } as const;
const HOLDS = '#1f3b63';
const MISSES = '#c0392b';
/** Between which a capacity lies. */
const BREAK = '#f6dcd8';

/** A limit that is drawn as a line; null when it is not in force. */
export interface KneeLimits {
  readonly p95Ms: number | null;
}

/**
 * Draws what a server made of a rising load as SVG: carried out beside offered, where the knee is to be seen, and P95 below
 * it on a scale of powers of ten, since a queue makes it grow a hundredfold within a step.
 */
export const knee = (breakpoint: Breakpoint, limits: KneeLimits): string =>
  drawSvg(WIDTH, HEIGHT, optionOf(breakpoint, limits));

function optionOf(breakpoint: Breakpoint, { p95Ms }: KneeLimits): EChartsOption {
  const { steps } = breakpoint;
  const rates = steps.map(({ ratePerS }) => ratePerS);
  const [lowest, highest] = [Math.min(...rates), Math.max(...rates)];
  const title = (text: string, top: number, fontSize: number) => ({
    text,
    left: LEFT,
    top,
    textStyle: { fontSize, color: INK, fontWeight: fontSize > 14 ? ('bold' as const) : ('normal' as const) },
  });
  const xAxis = (gridIndex: number) => ({
    type: 'value' as const,
    gridIndex,
    scale: true,
    name: gridIndex === 1 ? 'offered, iterations per second' : '',
    nameLocation: 'middle' as const,
    nameGap: 30,
    axisLine: { lineStyle: { color: FAINT } },
    axisLabel: { color: INK, fontSize: 11 },
    splitLine: { show: false },
  });
  const yAxis = { axisLabel: { color: INK, fontSize: 11 }, splitLine: { lineStyle: { color: '#ececec' } } };
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT, color: INK },
    title: [
      title(breakpointInWords(breakpoint), 12, 15),
      title('Carried out, iterations per second (dotted: all that is offered)', UPPER.top - 26, 12),
      title('P95 of interactive requests, ms', LOWER.top - 26, 12),
    ],
    grid: [
      { left: LEFT, right: RIGHT, ...UPPER },
      { left: LEFT, right: RIGHT, ...LOWER },
    ],
    xAxis: [xAxis(0), xAxis(1)],
    yAxis: [
      { ...yAxis, type: 'value', gridIndex: 0, scale: true },
      { ...yAxis, type: 'log', gridIndex: 1, ...decades(steps, p95Ms) },
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
        markArea: intervalOf(breakpoint),
      },
      {
        ...points(steps, 1, ({ p95Ms: value }) => (value === 0 ? null : value)),
        markArea: intervalOf(breakpoint),
        markLine: {
          silent: true,
          symbol: 'none',
          data: p95Ms === null ? [] : [{ yAxis: p95Ms }],
          lineStyle: { color: FAINT, type: 'dashed' },
          label: { formatter: 'limit', position: 'insideStartTop', color: FAINT },
        },
      },
    ],
  };
}

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
    symbol: 'circle',
    symbolSize: 7,
    lineStyle: { color: FAINT, width: 1 },
    data: steps.map((step) => ({
      value: [step.ratePerS, figure(step)],
      itemStyle: { color: step.holds ? HOLDS : MISSES },
    })),
  };
}

/** From the last step that holds to the first that does not. */
function intervalOf({ steps, last, first }: Breakpoint) {
  const [from, to] = [last === null ? undefined : steps[last], first === null ? undefined : steps[first]];
  return {
    silent: true,
    itemStyle: { color: BREAK },
    data:
      from === undefined || to === undefined
        ? []
        : [[{ xAxis: from.ratePerS }, { xAxis: to.ratePerS }] as [{ xAxis: number }, { xAxis: number }]],
  };
}
