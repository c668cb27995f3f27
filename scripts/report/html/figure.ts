import { createHash } from 'node:crypto';
import type { EChartsOption, LegendComponentOption } from 'echarts';
import { drawSvg, FAINT, FIGURE_FONT_SIZE, FIGURE_WIDTH, GRID, INK, PAPER } from '../../text/chart';
import { formatValue } from '../../text/format';
import { inPageColors } from './colors';

/** A plot as it stands in a page. */
export interface Figure {
  readonly title: string;
  /** What it shows and how to read it, in a sentence or two that everybody sees. */
  readonly caption: string;
  /** What is to be seen in it, in numbers, for whoever does not see it. */
  readonly alt: string;
  readonly viewBox: string;
  /** What stands within the `svg` element. */
  readonly body: string;
}

/** Texts of a figure, beside which it is drawn. */
export type FigureText = Pick<Figure, 'title' | 'caption' | 'alt'>;

/** @param height in the units of {@link FIGURE_WIDTH}. */
export const figure = (text: FigureText, height: number, option: EChartsOption): Figure =>
  figureOf(text, drawSvg(FIGURE_WIDTH, height, { animation: false, textStyle: { color: INK }, ...option }));

/** A drawing in the form of a figure: without its ground, in the page's letters and colours, and a third of the size. */
export function figureOf(text: FigureText, drawn: string): Figure {
  const [, viewBox = ''] = /viewBox="([\d. ]+)"/.exec(drawn) ?? [];
  const body = drawn
    .replace(/^<svg [^>]*>\n?<rect [^>]*><\/rect>/, '')
    .replace(/<style ><!\[CDATA\[[\s\S]*?\]\]>\s*<\/style>/, '')
    .replace(/<\/svg>$/, '')
    .replace(/ (?:class="zr[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="visible"|xml:space="preserve")/g, '')
    .replace(/ style="font-size:([\d.]+)px;[^"]*?(font-weight:bold;)?"/g, (_, size: string, bold?: string) =>
      bold === undefined ? ` font-size="${size}"` : ` font-size="${size}" font-weight="bold"`,
    )
    // What nobody would see.
    .replace(/<path [^>]*(?:d=""|fill-opacity="0")[^>]*><\/path>/g, '')
    .replace(/ stroke="[^"]*" stroke-width="0"/g, '')
    .replaceAll('fill="#000"', 'fill="none"')
    .replaceAll('\n', '');
  // Drawings number what they refer to within themselves, all from the same count.
  const neutral = body.replace(/zr\d+-/g, '');
  const id = createHash('sha256').update(text.title).update(neutral).digest('hex').slice(0, 8);
  return { ...text, viewBox, body: inPageColors(body.replace(/zr\d+-/g, `${id}-`)) };
}

/** A label in a plot; without a rim, which would have the colour of the paper and not that of what lies behind it. */
export const label = (color: string, size = FIGURE_FONT_SIZE) => ({ color, fontSize: size, textBorderWidth: 0 });

export const AXIS = {
  axisLine: { show: true, lineStyle: { color: FAINT } },
  axisTick: { lineStyle: { color: FAINT } },
  axisLabel: { color: INK, fontSize: FIGURE_FONT_SIZE },
  splitLine: { lineStyle: { color: GRID } },
} as const;

export const nameBelow = (name: string) => ({
  name,
  nameLocation: 'middle' as const,
  nameGap: 28,
  nameTextStyle: { color: INK, fontSize: FIGURE_FONT_SIZE },
});

/**
 * Above a plot, from its left edge on.
 *
 * @param shown what stands before each name: a piece of its line with its dash, or the symbol of its points.
 */
export const legendOf = (names: readonly string[], shown: 'lines' | 'symbols' = 'lines'): LegendComponentOption => ({
  data: names.map((name) => (shown === 'lines' ? { name, itemStyle: { opacity: 0 } } : { name })),
  left: 0,
  top: 0,
  itemWidth: 30,
  itemHeight: 12,
  itemGap: 16,
  textStyle: { color: INK, fontSize: FIGURE_FONT_SIZE },
  inactiveColor: PAPER,
});

/** Dashes by which lines are told apart without their colour. */
export const DASHES = ['solid', [8, 4], [2, 3], [10, 3, 2, 3], [4, 8]] as const;
export const dash = (at: number): 'solid' | number[] => {
  const found = DASHES[at % DASHES.length] ?? 'solid';
  return found === 'solid' ? found : [...found];
};

/** An axis of latencies in powers of ten: a queue makes them grow a hundredfold within seconds. */
export function logAxis(values: readonly (number | null)[]) {
  const shown = values.filter((value): value is number => value !== null && value > 0 && Number.isFinite(value));
  const [low, high] = shown.length === 0 ? [1, 1000] : extent(shown);
  const min = 10 ** Math.floor(Math.log10(low));
  const max = 10 ** Math.ceil(Math.log10(high));
  return {
    ...AXIS,
    type: 'log' as const,
    min,
    max: max > min ? max : min * 10,
    axisLabel: { ...AXIS.axisLabel, formatter: roundMs },
  };
}

/** The round number next above: 1, 2 or 5 and noughts. */
export function niceStep(atLeast: number): number {
  const decade = 10 ** Math.floor(Math.log10(atLeast));
  return decade * ([1, 2, 5].find((step) => step * decade >= atLeast * (1 - 1e-9)) ?? 10);
}

/** Without spreading them into a call, whose arguments may not be as many as there are. */
export const extent = (values: readonly number[]): [low: number, high: number] =>
  values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );

/** `100 ms`, `1 s`: the marks of an axis of latencies. */
export const roundMs = (ms: number): string =>
  ms >= 1000 ? `${Number((ms / 1000).toPrecision(3))} s` : `${Number(ms.toPrecision(3))} ms`;

export const inMs = (ms: number | null): string => (ms === null ? 'no answer' : formatValue(ms, 'ms'));

/** Rough: there is no browser here that could tell. */
export const widthOf = (text: string, size = FIGURE_FONT_SIZE): number => [...text].length * size * 0.56;

/**
 * For labels in one line at increasing places, the row in which each has room; null when it has none.
 *
 * @param spans from left to right.
 */
export function inRows(
  spans: readonly { readonly left: number; readonly width: number }[],
  rows: number,
): (number | null)[] {
  const ends: number[] = [];
  return spans.map(({ left, width }) => {
    const row = Array.from({ length: rows }, (_, at) => at).find(
      (at) => (ends[at] ?? Number.NEGATIVE_INFINITY) <= left,
    );
    if (row === undefined) return null;
    ends[row] = left + width;
    return row;
  });
}
