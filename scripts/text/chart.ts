import { createRequire } from 'node:module';
import type { EChartsOption } from 'echarts';

/** What all drawings share. A page that is also read on a dark screen replaces each colour by that of the screen. */
export const FONT = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';
export const PAPER = '#ffffff';
export const INK = '#222222';
export const FAINT = '#666666';
export const GRID = '#ececec';
export const STRONG = '#1f3b63';
export const SOFT = '#7a99c0';
export const BAD = '#c0392b';
export const GOOD = '#1e8449';
/** Behind what is bad. */
export const BAD_BAND = '#fbebe8';

/**
 * How a drawing is shown: as a file of its own, with everything that must be said about it, or as a figure of a page, which
 * has the words beside it and may be a phone's.
 */
export type Form = 'file' | 'figure';
/** A figure's: two fit beside each other on a screen, and on a phone, where it is scaled, letters can still be read. */
export const FIGURE_WIDTH = 560;
export const FIGURE_FONT_SIZE = 15;

/** Draws a chart as SVG, without a browser. */
export function drawSvg(width: number, height: number, option: EChartsOption): string {
  const chart = echarts().init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/**
 * Loaded from its package when something is drawn. In the bundle its 3 MB would be parsed at the start of every command,
 * which makes each a third slower to start. Its minified file is the same code in half the time: no source map comes with it.
 */
const echarts = (): typeof import('echarts') => createRequire(__filename)('echarts/dist/echarts.min.js');
