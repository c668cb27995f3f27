import type { Answer } from '../../../contract';

/** JSON that can be damaged in ways no object can: keys that come twice, tokens that are no values, text within text. */
export type Node = Entries | Token | Text | readonly Node[] | string | number | boolean | null;

export class Entries {
  constructor(readonly pairs: [key: string, value: Node][]) {}

  /** The last value of a key, which is the one that a decoder takes. */
  get(key: string): Node | undefined {
    return this.pairs.filter(([name]) => name === key).at(-1)?.[1];
  }
}

/** Written as it is: `100.0`, `NaN`, `1e400`. */
export class Token {
  constructor(readonly text: string) {}
}

/** A document in a string, as tools answer. */
export class Text {
  constructor(readonly document: Node) {}
}

const float = (text: string): Token => new Token(text);
const entries = (object: Readonly<Record<string, Node>>): Entries => new Entries(Object.entries(object));

/**
 * As Python's `json.dumps` writes: by default with spaces, and without where it was told so.
 *
 * @param textSpaced whether a document within a string has spaces.
 */
export function write(node: Node, spaced: boolean, textSpaced = spaced): string {
  const inner = (value: Node) => write(value, spaced, textSpaced);
  const [comma, colon] = spaced ? [', ', ': '] : [',', ':'];
  if (node instanceof Token) return node.text;
  if (node instanceof Text) return JSON.stringify(write(node.document, textSpaced));
  if (node instanceof Entries) {
    return `{${node.pairs.map(([key, value]) => JSON.stringify(key) + colon + inner(value)).join(comma)}}`;
  }
  return Array.isArray(node) ? `[${node.map(inner).join(comma)}]` : JSON.stringify(node);
}

/** The whole body of a tool's answer. The envelope has no spaces, whatever the text in it has. */
export const toolBody = (text: string, isError = false): string =>
  `{"content":[{"type":"text","text":${JSON.stringify(text)}}],"isError":${isError}}`;

export const answered = (body: string, status = 200): Answer => ({ status, body });

/** An answer of a tool with a plain object in its text. */
export const toolAnswer = (object: object): Answer => answered(toolBody(JSON.stringify(object)));

const AT = '2026-01-01T12:00:00.334718Z';

const cachedOf = (price: string, ttl: number, source: string, confidence: string): Entries =>
  entries({
    price: float(price),
    change: float('-1.5'),
    change_percent: float('-1.48'),
    as_of: AT,
    last_updated: AT,
    source,
    ttl,
    confidence: float(confidence),
  });

const taskOf = (id: string, type: string, status: string): Entries =>
  entries({
    id,
    type,
    status,
    resource_url: `mcp://task/${id}`,
    estimated_completion: AT,
    progress: float('0.0'),
    created_at: AT,
    updated_at: AT,
    query: null,
    completed_steps: null,
    total_steps: null,
    started_at: null,
    completed_at: null,
    result: null,
    error: null,
  });

const NARRATIVE = entries({
  summary: 'Apple, as seen by "analysts":\nsteady.',
  key_insights: ['A {strong} balance sheet'],
  risk_factors: ['Rates'],
  macro_context: null,
  technical_context: null,
  language: 'en',
  sections: [entries({ title: 'Market', type: 'market_context', confidence: float('0.9') })],
});

export interface SearchExample {
  readonly kind: 'equity' | 'coin';
  readonly symbol: string;
  /** quick: neither fundamentals nor narrative; standard and deep: both, where the server has an LLM. */
  readonly depth: 'quick' | 'standard';
  readonly llm: boolean;
  readonly source: string;
}

/** The decoded text of a search, as in the contract's examples. */
export function searchText({ kind, symbol, depth, llm, source }: SearchExample): Entries {
  const known = !['unknown', 'error', 'compliance_blocked'].includes(source);
  const price = known ? (kind === 'equity' ? '100.0' : '40000.0') : '0.0';
  const ttl = source === 'error' ? 0 : kind === 'equity' ? 300 : 30;
  const cached = cachedOf(price, ttl, source, known ? '1.0' : '0.0');
  const id = `${kind === 'equity' ? 'analysis' : 'crypto'}-${symbol.toLowerCase()}-375717fd`;
  const task = taskOf(id, `${kind}_analysis`, source === 'error' ? 'failed' : 'pending');
  const end = {
    task,
    disclaimer: 'Not investment advice. [DEBUG ERROR: Azure OpenAI endpoint is not configured]',
    data_lineage: entries({
      providers: known ? [source] : [],
      arbitration_score: float('0.0'),
      conflict_resolved: false,
      source_count: known ? 1 : 0,
      timestamp: AT,
    }),
    narrative: depth === 'standard' && llm ? NARRATIVE : null,
  };
  if (kind === 'coin') {
    return entries({
      symbol,
      name: symbol,
      exchange: 'binance',
      pair: `${symbol}/USDT`,
      cached,
      crypto_metrics: entries({ dominance: float('0.0'), ath: float('0.0'), athDate: '', volume24h: 1_000_000 }),
      ...end,
    });
  }
  return entries({
    symbol,
    name: `${symbol} Inc.`,
    exchange: 'NASDAQ',
    market: 'US',
    currency: 'USD',
    cached,
    structural_data:
      depth === 'quick'
        ? null
        : entries({ market_cap: float('100000000000.0'), pe_ratio: float('25.5'), sector: 'Technology', beta: null }),
    ...end,
  });
}

/** The envelope around a text, as a document of its own. */
export const envelopeOf = (text: Node): Entries =>
  entries({ content: [entries({ type: 'text', text: new Text(text) })], isError: false });

export const QUICK: SearchExample = {
  kind: 'equity',
  symbol: 'AAPL',
  depth: 'quick',
  llm: false,
  source: 'mock_provider',
};

export const searchAnswer = (changes: Partial<SearchExample> = {}, spaced = false): Answer =>
  answered(toolBody(write(searchText({ ...QUICK, ...changes }), spaced)));
