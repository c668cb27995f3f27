import { createRequire } from 'node:module';
import type { EChartsOption } from 'echarts';

/** What all drawings share. */
export const FONT = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';
export const INK = '#222222';
export const FAINT = '#8a8a8a';

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
 * which makes each a third slower to start.
 */
const echarts = (): typeof import('echarts') => createRequire(__filename)('echarts');
