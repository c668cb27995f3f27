/** What each kind of step sleeps, ms: the executor simulates, and this is all it does. */
export const STEP_SLEEP_MS = {
  price: 100,
  ohlcv: 200,
  fundamentals: 300,
  news: 150,
  macro: 200,
  technical: 100,
  sentiment: 150,
  volatility: 100,
  correlation: 200,
  regression: 300,
  filter: 50,
  compare: 50,
  scan: 500,
  aggregate: 50,
} as const;

export type StepKind = keyof typeof STEP_SLEEP_MS;

export interface Step {
  readonly kind: StepKind;
  readonly symbol: string;
  /** Places in the plan of the steps that must have ended before. */
  readonly after: readonly number[];
}

export type Statement =
  | { readonly kind: 'evaluate'; readonly asset: string; readonly metrics: readonly string[] }
  | { readonly kind: 'compare'; readonly assets: readonly string[]; readonly metrics: readonly string[] }
  | { readonly kind: 'correlate'; readonly assets: readonly string[] }
  | {
      readonly kind: 'macro';
      readonly indicators: readonly string[];
      readonly analysis: string;
      readonly asset: string;
    }
  | { readonly kind: 'analyze'; readonly asset: string; readonly topic: string }
  | { readonly kind: 'find' | 'scan' | 'track' | 'get'; readonly asset: string }
  /** Several statements parse and do nothing. */
  | { readonly kind: 'several' };

const FUNDAMENTALS = new Set(['PE', 'BETA', 'EPS', 'ROE', 'DEBT', 'REVENUE', 'GROWTH', 'MARKETCAP']);
/** Read from prices and candles, which every evaluation fetches anyway. */
const FREE = new Set(['PRICE', 'VOLUME', 'LIQUIDITY', 'CHANGE', 'PRICE_CHANGE', 'AVG_VOLUME']);
const SENTIMENT = new Set(['SENTIMENT', 'BUZZ', 'NEWS_SCORE']);

const TOPICS: Readonly<Record<string, StepKind>> = {
  TECHNICALS: 'technical',
  FUNDAMENTALS: 'fundamentals',
  SENTIMENT: 'sentiment',
  CORRELATIONS: 'correlation',
  RISK: 'volatility',
};

function metricStep(metric: string): StepKind | null {
  if (FREE.has(metric)) return null;
  if (FUNDAMENTALS.has(metric)) return 'fundamentals';
  if (SENTIMENT.has(metric)) return 'sentiment';
  if (metric === 'VOLATILITY') return 'volatility';
  return metric === 'CORRELATE' ? 'correlation' : 'technical';
}

/** The steps that a statement is run as. */
export function planOf(statement: Statement): Step[] {
  const step = (kind: StepKind, symbol: string, after: readonly number[] = []): Step => ({ kind, symbol, after });
  switch (statement.kind) {
    case 'several':
      return [];
    case 'get':
      return [step('price', 'UNKNOWN')];
    case 'track':
      return [step('filter', statement.asset)];
    case 'find':
      return [step('price', statement.asset), step('filter', statement.asset, [0])];
    case 'scan':
      return [step('scan', statement.asset), step('filter', statement.asset, [0])];
    case 'analyze': {
      const { asset, topic } = statement;
      return [step('price', asset), step('ohlcv', asset), step(TOPICS[topic] ?? 'technical', asset, [0, 1])];
    }
    case 'evaluate': {
      const { asset, metrics } = statement;
      const work = metrics.map(metricStep).filter((kind) => kind !== null);
      const steps = [step('price', asset), step('ohlcv', asset), ...work.map((kind) => step(kind, asset, [0, 1]))];
      return work.length === 0
        ? steps
        : [
            ...steps,
            step(
              'aggregate',
              asset,
              work.map((_, i) => i + 2),
            ),
          ];
    }
    case 'compare': {
      const kind = statement.metrics.some((metric) => FUNDAMENTALS.has(metric)) ? 'fundamentals' : 'price';
      return joined(
        statement.assets.map((asset) => step(kind, asset)),
        'compare',
      );
    }
    case 'correlate':
      return joined(
        statement.assets.map((asset) => step('ohlcv', asset)),
        'correlation',
      );
    case 'macro': {
      const sources = [...statement.indicators.map((name) => step('macro', name)), step('ohlcv', statement.asset)];
      return joined(sources, statement.analysis === 'CORRELATION' ? 'correlation' : 'regression');
    }
  }
}

/** Sleeps along the longest chain, ms. */
export function sleepOf(steps: readonly Step[]): number {
  const ends: number[] = [];
  for (const { kind, after } of steps) {
    ends.push(Math.max(0, ...after.map((index) => ends[index] ?? 0)) + STEP_SLEEP_MS[kind]);
  }
  return Math.max(0, ...ends);
}

const joined = (steps: Step[], kind: StepKind): Step[] => [
  ...steps,
  { kind, symbol: steps.map(({ symbol }) => symbol).join(','), after: steps.map((_, i) => i) },
];
