import { given } from '../../support/evidence';

/** The chapters of a report by their headings, in their order. */
export function chaptersOf(markdown: string): Map<string, string> {
  const [, ...parts] = markdown.split(/^## /m);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1).trim()];
    }),
  );
}

/** Tables of a text as a reader of Markdown sees them: rows of cells, without the line below the heading. */
export function tablesIn(text: string): string[][][] {
  const tables: string[][][] = [];
  let open = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      open = false;
      continue;
    }
    if (!open) tables.push([]);
    open = true;
    if (!/^\|[-:|]+\|$/.test(line)) given(tables.at(-1)).push(cellsOf(line));
  }
  return tables;
}

/** A backslash takes the next character's meaning away, a separator's as well. */
function cellsOf(line: string): string[] {
  const cells = [''];
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '\\') {
      cells.push(`${cells.pop()}${line.slice(at, at + 2)}`);
      at += 1;
    } else if (line[at] === '|') cells.push('');
    else cells.push(`${cells.pop()}${line[at]}`);
  }
  return cells.slice(1, -1).map((cell) => cell.trim());
}

/** Rows of a chapter's table by what stands in their first cell. */
export function rowsOf(chapter: string | undefined): Map<string, string[]> {
  const [, ...rows] = given(tablesIn(given(chapter))[0]);
  return new Map(rows.map((cells) => [given(cells[0]), cells.slice(1)]));
}

/** What stands outside of code, where Markdown and HTML mean something. */
export const proseOf = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```$/gm, '');
