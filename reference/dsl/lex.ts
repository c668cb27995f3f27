/** Why a query does not parse, in the words of the server's parser. */
export class DslError extends Error {}

export interface Token {
  readonly type: string;
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

const PUNCTUATION: Readonly<Record<string, string>> = {
  '(': 'LPAR',
  ')': 'RPAR',
  ',': 'COMMA',
  ':': 'COLON',
  '*': 'STAR',
  '-': 'MINUS',
  '%': 'PERCENT',
  ';': 'SEMICOLON',
  '->': 'ARROW',
  '→': 'ARROW',
  '>=': 'OPERATOR',
  '<=': 'OPERATOR',
  '!=': 'OPERATOR',
  '>': 'OPERATOR',
  '<': 'OPERATOR',
  '=': 'OPERATOR',
};
const TOKEN = /\s+|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|("[^"]*")|(->|→|>=|<=|!=|[-(),:*%;<>=])/y;

/** @throws DslError at a character that begins no word. Ends with the `$END` token, placed where the last one is. */
export function lex(query: string): Token[] {
  // White space collapses, and columns count in what is left.
  const text = query.trim().replace(/\s+/g, ' ');
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      throw new DslError(
        `No terminal matches '${text[at]}' in the current parser context, at line 1 col ${at + 1}\n\n${text}\n${' '.repeat(at)}^\n`,
      );
    }
    const [word, name, number, quoted] = match;
    if (word.trim() === '') continue;
    const type = name !== undefined ? 'CNAME' : number !== undefined ? 'NUMBER' : quoted !== undefined ? 'STRING' : '';
    tokens.push({ type: type || (PUNCTUATION[word] ?? word), text: word, column: at + 1 });
  }
  tokens.push({ type: '$END', text: '', column: tokens.at(-1)?.column ?? 1 });
  return tokens;
}
