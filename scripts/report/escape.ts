import { oneLine } from '../text/printable';

/** A text that Markdown shows as it is, in a table's cell as well: no markup, HTML, mention or second line. */
export const markdown = (text: string): string =>
  oneLine(text)
    .replace(/[\\`*[\]|~$]/g, '\\$&')
    // Between letters or digits an underscore is no markup, and most names have them.
    .replace(/(?<![^\W_])_|_(?![^\W_])/g, '\\_')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    // GitHub looks for mentions and numbers of issues in what was rendered, where an entity is a character again.
    .replace(/@|#(?=\d)|\bGH-(?=\d)/gi, '$&&#8203;')
    .replace(/^(?:#+|-+|\+)(?=\s|$)/, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');

/** A text within an HTML element of a Markdown text, where Markdown's own marks mean nothing. */
export const html = (text: string): string =>
  oneLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@|#(?=\d)|\bGH-(?=\d)/gi, '$&&#8203;');

/** A Markdown table. Cells are Markdown already. @param right columns, from 0, that hold figures. */
export const markdownTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string =>
  [head, head.map((_, column) => (right.includes(column) ? '---:' : '---')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** Every text in a value, at any depth, made safe for Markdown. */
export function markdownDeep<T>(value: T): T {
  if (typeof value === 'string') return markdown(value) as T;
  if (Array.isArray(value)) return value.map(markdownDeep) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, markdownDeep(part)])) as T;
}
