import stringWidth from 'string-width';

/**
 * Text in columns, two spaces apart and without lines: it survives being pasted anywhere.
 *
 * @param right columns, from 0, that hold figures.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string {
  if (rows.length === 0) return `no ${head[0]}s`;
  return inColumns([head, ...rows], right)
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}

/**
 * The lines of rows, each as its cells, which are filled with spaces to the width that their column takes on a terminal. A
 * cell of several lines makes its row as high; one that a row lacks is empty.
 *
 * @param right columns, from 0, whose cells are filled on their left.
 */
export function inColumns(rows: readonly (readonly string[])[], right: readonly number[]): string[][] {
  const widths: number[] = [];
  const lines = rows.flatMap((row) => {
    const cells = row.map((cell) => cell.split('\n').map((text) => ({ text, width: widthOf(text) })));
    cells.forEach((cell, column) => {
      widths[column] = Math.max(1, widths[column] ?? 0, ...cell.map(({ width }) => width));
    });
    return Array.from({ length: Math.max(1, ...cells.map(({ length }) => length)) }, (_, line) =>
      cells.map((cell) => cell[line]),
    );
  });
  return lines.map((cells) =>
    widths.map((wanted, column) => {
      const { text, width } = cells[column] ?? { text: '', width: 0 };
      const spaces = ' '.repeat(wanted - width);
      return right.includes(column) ? spaces + text : text + spaces;
    }),
  );
}

/** Most cells are plain ASCII, whose width nobody has to look up character by character. */
const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));
