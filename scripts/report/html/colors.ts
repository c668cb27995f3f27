import { BAD, BAD_BAND, FAINT, GOOD, GRID, INK, PAPER, SOFT, STRONG } from '../../text/chart';

/** Of the lines of a plot; each has a dash of its own as well, since not everybody tells colours apart. */
export const LINE = ['#1f5fa8', '#7d2b8b', '#a34a00', '#0f6b62', '#7a6200'] as const;
/** Behind the phases of a run. */
export const JUDGED_BAND = '#edf3fb';
export const UNJUDGED_BAND = '#f4f4f4';
/** From few to many. */
export const HEAT = ['#c2d8f0', '#98bde4', '#6396cf', '#2f6db3', '#0c3a70'] as const;

/**
 * Every colour of a drawing, as it is drawn on light paper, with its name and what it is on a dark screen. Letters and lines
 * that carry meaning keep a contrast of 4.5 and 3 to the ground on both; a test computes it.
 */
export const COLORS: readonly (readonly [light: string, name: string, dark: string])[] = [
  [PAPER, 'paper', '#15171c'],
  [INK, 'ink', '#e6e7ea'],
  [FAINT, 'faint', '#a3a7b0'],
  [GRID, 'grid', '#2d313a'],
  [STRONG, 'strong', '#a9c8f5'],
  [SOFT, 'soft', '#6f96cc'],
  [BAD, 'bad', '#ff8f80'],
  [GOOD, 'good', '#63cf8d'],
  [BAD_BAND, 'bad-band', '#4a2826'],
  [JUDGED_BAND, 'judged-band', '#1d2634'],
  [UNJUDGED_BAND, 'unjudged-band', '#1c1e23'],
  [LINE[0], 'line-0', '#7db4f5'],
  [LINE[1], 'line-1', '#d79be3'],
  [LINE[2], 'line-2', '#f0a35e'],
  [LINE[3], 'line-3', '#5fcabd'],
  [LINE[4], 'line-4', '#d8bf5c'],
  [HEAT[0], 'heat-0', '#274363'],
  [HEAT[1], 'heat-1', '#345f90'],
  [HEAT[2], 'heat-2', '#4379b5'],
  [HEAT[3], 'heat-3', '#74abe6'],
  [HEAT[4], 'heat-4', '#c4e0ff'],
];

const NAMES: ReadonlyMap<string, string> = new Map(COLORS.map(([light, name]) => [light, name]));

/** A drawing whose colours are those of the page it stands in. */
export const inPageColors = (svg: string): string =>
  svg.replace(/(fill|stroke)="(#[0-9a-f]{6})"/g, (whole, attribute: string, color: string) => {
    const name = NAMES.get(color);
    return name === undefined ? whole : `${attribute}="var(--${name})"`;
  });

const declarations = (at: 0 | 2): string => COLORS.map((color) => `--${color[1]}:${color[at]};`).join('');

/** Paper has no dark side: only screens are asked for the reader's taste. */
export const colorCss = (): string =>
  `:root{color-scheme:light dark;${declarations(0)}}@media screen and (prefers-color-scheme:dark){:root{${declarations(2)}}}`;
