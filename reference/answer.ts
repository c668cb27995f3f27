import { randomBytes } from 'node:crypto';
import { isoTime } from './clock';
import { float, writeJson } from './json';
import { providerPrice, type Source } from './prices';

/** Depth of the search that a narrative was first written for, or that the LLM failed to write it. */
export type Narrative = 'standard' | 'deep' | 'empty';

export interface SearchQuery {
  readonly kind: 'equity' | 'coin';
  readonly symbol: string;
  readonly depth: string;
  /** The market of an equity, the pair of a coin. */
  readonly place: string;
  readonly exchange: string;
  readonly language: string;
  readonly source: Source;
  /** Null: there is none. */
  readonly narrative: Narrative | null;
}

/** An answer with holes for what differs from one to the next of the same query. */
export interface SearchTemplate {
  /** The whole body of the response. */
  fill(taskId: string, atMs: number, sessionId: string | null): string;
}

const DISCLAIMER =
  'This information is provided for educational purposes only and is not investment advice. Prices may be delayed or wrong, past results say nothing about future ones, and nothing here recommends buying, holding or selling any asset. Ask a licensed adviser before you decide.';
const NO_LLM = ' [DEBUG ERROR: Azure OpenAI endpoint is not configured]';
const EXPECTED_MS = 5000;
/** Templates kept: all symbols of a load, and a bound for a client that invents them. */
const KEPT = 5000;
// No client can guess it, so that no symbol is mistaken for a hole.
const HOLE = randomBytes(8).toString('hex');
const [NOW, LATER, TASK, SESSION] = ['now', 'later', 'task', 'session'].map((name) => `${HOLE}${name}${HOLE}`) as [
  string,
  string,
  string,
  string,
];

/** The envelope of a tool's answer. */
export const envelope = (text: string, isError = false): string =>
  `{"content":[{"type":"text","text":${JSON.stringify(text)}}],"isError":${isError}}`;

/** Writing 2 KB of JSON twice over costs more than all else of a search, so that it is done once per query. */
export function searchTemplates(spaced: boolean): (query: SearchQuery) => SearchTemplate {
  const kept = new Map<string, SearchTemplate>();
  return (query) => {
    const key = `${query.kind} ${query.depth} ${query.source} ${query.narrative} ${query.language} ${query.place} ${query.exchange} ${query.symbol}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = template(query, spaced);
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, made);
    return made;
  };
}

/** Writing a date costs as much as reading a request, and a server that is busy answers many in one millisecond. */
let latest = { atMs: Number.NaN, now: '', later: '' };
function timesAt(atMs: number): { readonly now: string; readonly later: string } {
  if (latest.atMs !== atMs) latest = { atMs, now: isoTime(atMs, 'Z'), later: isoTime(atMs + EXPECTED_MS, 'Z') };
  return latest;
}

function template(query: SearchQuery, spaced: boolean): SearchTemplate {
  const pieces = envelope(writeJson(search(query), spaced)).split(new RegExp(`${HOLE}(now|later|task|session)${HOLE}`));
  return {
    fill: (taskId, atMs, sessionId) => {
      const { now, later } = timesAt(atMs);
      const values: Record<string, string> = {
        now,
        later,
        task: taskId,
        // Twice a string in a string: the inner text is one of the outer.
        session: sessionId === null ? '' : inText(inText(`?session_id=${sessionId}`)),
      };
      let body = pieces[0] ?? '';
      for (let i = 1; i < pieces.length; i += 2) body += (values[pieces[i] ?? ''] ?? '') + (pieces[i + 1] ?? '');
      return body;
    },
  };
}

const inText = (text: string): string => JSON.stringify(text).slice(1, -1);

function search(query: SearchQuery): Record<string, unknown> {
  const { kind, symbol, source, narrative } = query;
  const equity = kind === 'equity';
  const known = source === 'mock_provider';
  const cached = {
    price: float(known ? providerPrice(kind) : 0),
    change: float(known ? -1.5 : 0),
    change_percent: float(known ? -1.48 : 0),
    as_of: NOW,
    last_updated: NOW,
    source,
    ttl: source === 'error' ? 0 : equity ? 300 : 30,
    confidence: float(known ? 1 : 0),
  };
  const shared = {
    task: searchTask(query),
    disclaimer: equity && narrative === null && query.depth !== 'quick' ? DISCLAIMER + NO_LLM : DISCLAIMER,
    data_lineage: {
      providers: known ? ['mock_provider'] : [],
      arbitration_score: float(0),
      conflict_resolved: false,
      source_count: known ? 1 : 0,
      timestamp: NOW,
    },
    narrative: narrative === null || query.depth === 'quick' ? null : narrativeOf(query),
  };
  const named = { symbol, name: equity ? `${symbol} Inc.` : symbol };
  if (!equity) {
    const crypto_metrics = {
      dominance: float(0),
      ath: float(0),
      athDate: '',
      volume24h: 1_000_000,
      high_24h: float(0),
      low_24h: float(0),
    };
    return {
      ...named,
      exchange: query.exchange,
      pair: `${query.symbol}/${query.place}`,
      cached,
      crypto_metrics,
      ...shared,
    };
  }
  const structural_data = query.depth === 'quick' || !known ? null : FUNDAMENTALS;
  return { ...named, exchange: 'NASDAQ', market: query.place, currency: 'USD', cached, structural_data, ...shared };
}

export const FUNDAMENTALS = {
  market_cap: float(100_000_000_000),
  pe_ratio: float(25.5),
  beta: float(1.2),
  avg_volume: null,
  week_52_high: null,
  week_52_low: null,
  sector: 'Technology',
  industry: 'Software',
};

const searchTask = ({ kind, source }: SearchQuery) => ({
  id: TASK,
  type: kind === 'equity' ? 'equity_analysis' : 'crypto_analysis',
  status: source === 'error' ? 'failed' : 'pending',
  resource_url: `mcp://task/${TASK}${SESSION}`,
  estimated_completion: LATER,
  progress: float(0),
  created_at: NOW,
  updated_at: NOW,
  query: null,
  completed_steps: null,
  total_steps: null,
  started_at: null,
  completed_at: null,
  result: null,
  error: null,
});

function narrativeOf({ symbol, narrative, language }: SearchQuery) {
  const rest = { macro_context: null, technical_context: null, language };
  if (narrative === 'empty') return { summary: '', key_insights: [], risk_factors: [], ...rest, sections: [] };
  const types = ['market_context', 'technical', 'fundamental', 'risk', ...(narrative === 'deep' ? ['sentiment'] : [])];
  return {
    summary: `${symbol} moved little today; nothing in the news explains more than that.`,
    key_insights: [`${symbol} trades close to its recent average`, 'Volume is in its usual range'],
    risk_factors: ['Prices can fall as well as rise'],
    ...rest,
    sections: types.map((type) => ({ title: type.replace('_', ' '), type, confidence: 0.8 })),
  };
}
