import Table from 'cli-table3';

const LINES =
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid';

/**
 * Text in columns, two spaces apart and without lines: it survives being pasted anywhere.
 *
 * @param right columns, from 0, that hold figures.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string {
  if (rows.length === 0) return `no ${head[0]}s`;
  const layout = new Table({
    head: [...head],
    chars: { ...Object.fromEntries(LINES.split(' ').map((line) => [line, ''])), middle: '  ' },
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  layout.push(...rows.map((row) => [...row]));
  return layout
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
