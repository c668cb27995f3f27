import MarkdownIt from 'markdown-it';

/** CommonMark with tables, strike-through and HTML, as GitHub reads it. */
const READER = new MarkdownIt({ html: true });

export interface SeenMarkdown {
  /** Everything but text: headings, lists, tables, cells, links, emphasis, code, HTML, in their order and depth. */
  readonly structure: string;
  /** What is shown, a text each: a cell, an item, a paragraph. */
  readonly texts: readonly string[];
  /** Elements of HTML, as they stand there. */
  readonly html: readonly string[];
}

/** What a reader of Markdown makes of a text. */
export function seenIn(markdown: string): SeenMarkdown {
  const structure: string[] = [];
  const texts: string[] = [];
  const html: string[] = [];
  for (const token of READER.parse(markdown, {})) {
    if (token.type === 'html_block') html.push(token.content);
    // An empty text has no paragraph.
    if (/^paragraph/.test(token.type)) continue;
    if (token.type !== 'inline') {
      structure.push(`${token.level} ${token.type} ${token.tag}`);
      continue;
    }
    const children = token.children ?? [];
    texts.push(children.map(({ content }) => content).join(''));
    for (const child of children) {
      if (child.type === 'html_inline') html.push(child.content);
      if (child.type !== 'text' && child.type !== 'text_special')
        structure.push(`${token.level} in line ${child.type}`);
    }
  }
  return { structure: structure.join('\n'), texts, html };
}
