import { median } from '../statistics';

const BLOCKS = [...'▁▂▃▄▅▆▇█'];
const MIDDLE = BLOCKS[3] as string;

/**
 * A series in one line of block characters, from its lowest value to its highest; of more values than `width` columns the
 * medians. A column without any value is empty.
 */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const columns: number[][] = Array.from({ length: Math.min(width, values.length) }, () => []);
  values.forEach((value, index) => {
    if (value !== null) columns[columnOf(index, values.length, width)]?.push(value);
  });
  const heights = columns.map((column) => (column.length === 0 ? null : median(column)));
  const present = heights.filter((height) => height !== null);
  const [low, high] = [Math.min(...present), Math.max(...present)];
  return heights
    .map((height) => {
      if (height === null) return ' ';
      if (high === low) return MIDDLE;
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(((height - low) / (high - low)) * BLOCKS.length))];
    })
    .join('');
}

/** The column in which the value of that index is drawn. */
export const columnOf = (index: number, count: number, width: number): number =>
  count <= width ? index : Math.floor((index * width) / count);
