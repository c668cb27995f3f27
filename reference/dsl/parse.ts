import { DslError, lex, type Token } from './lex';
import type { Statement } from './plan';

const KEYWORDS = new Set(['EVALUATE', 'COMPARE', 'CORRELATE', 'MACRO', 'SCAN', 'FIND', 'TRACK', 'ANALYZE', 'GET']);
const PLAIN_METRICS = new Set(
  'PRICE VOLUME MARKETCAP PE BETA RSI MACD MOMENTUM LIQUIDITY SENTIMENT CHANGE EPS ROE DEBT REVENUE GROWTH STOCH ATR BUZZ NEWS_SCORE'.split(
    ' ',
  ),
);
const PERIODS = new Set(['SMA', 'EMA']);
const INDICATORS = ['US10Y', 'CPI', 'VIX', 'DXY', 'UNEMPLOYMENT', 'GDP', 'FED_RATE'];
const ANALYSES = ['REGRESSION', 'CORRELATION', 'CAUSALITY', 'IMPACT'];
const TOPICS = ['TECHNICALS', 'FUNDAMENTALS', 'SENTIMENT', 'CORRELATIONS', 'RISK'];
const TIMEFRAME = /^(1m|5m|15m|1h|4h|1d|1w)$/;
const SPAN = /^[dhwmy]$/;

/** @throws DslError as the server's parser words it. */
export function parseDsl(query: string): Statement {
  const reader = new Reader(lex(query));
  const first = statement(reader);
  let several = false;
  while (reader.take('SEMICOLON')) {
    several = true;
    if (!reader.at('$END')) statement(reader);
  }
  reader.expect('$END');
  return several ? { kind: 'several' } : first;
}

class Reader {
  private at_ = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  get token(): Token {
    return this.tokens[Math.min(this.at_, this.tokens.length - 1)] as Token;
  }

  /** The token after the next one. */
  peek(): Token {
    return this.tokens[Math.min(this.at_ + 1, this.tokens.length - 1)] as Token;
  }

  at(typeOrWord: string): boolean {
    return this.token.type === typeOrWord || (this.token.type === 'CNAME' && this.token.text === typeOrWord);
  }

  take(typeOrWord: string): boolean {
    if (!this.at(typeOrWord)) return false;
    this.at_++;
    return true;
  }

  expect(...typesOrWords: string[]): Token {
    const token = this.token;
    if (!typesOrWords.some((word) => this.at(word))) this.fail(typesOrWords);
    this.at_++;
    return token;
  }

  fail(expected: readonly string[]): never {
    const { type, text, column } = this.token;
    const list = expected.map((name) => `\t* ${name}\n`).join('');
    throw new DslError(
      `Unexpected token Token('${type}', '${text}') at line 1, column ${column}.\nExpected one of: \n${list}`,
    );
  }
}

function statement(reader: Reader): Statement {
  switch (reader.expect(...KEYWORDS).text) {
    case 'EVALUATE': {
      const asset = reader.expect('CNAME').text;
      reader.expect('COLON');
      return { kind: 'evaluate', asset, metrics: metrics(reader) };
    }
    case 'COMPARE':
      return compare(reader);
    case 'CORRELATE': {
      const asset = reader.expect('CNAME').text;
      reader.expect('WITH');
      const assets = [asset, ...names(reader)];
      if (reader.take('WINDOW')) span(reader);
      return { kind: 'correlate', assets };
    }
    case 'MACRO': {
      reader.expect('COLON');
      const indicators = [reader.expect(...INDICATORS).text];
      while (reader.take('COMMA')) indicators.push(reader.expect(...INDICATORS).text);
      reader.expect('ARROW');
      const analysis = reader.expect(...ANALYSES).text;
      reader.expect('ON');
      return { kind: 'macro', indicators, analysis, asset: reader.expect('CNAME').text };
    }
    case 'SCAN': {
      const asset = reader.expect('CNAME').text;
      reader.expect('WHERE');
      conditions(reader);
      return { kind: 'scan', asset };
    }
    case 'FIND':
      return filtered(reader, 'find', 'WITH');
    case 'TRACK':
      return filtered(reader, 'track', 'WHEN');
    case 'ANALYZE': {
      const asset = spec(reader);
      reader.expect('FOR');
      return { kind: 'analyze', asset, topic: reader.expect(...TOPICS).text };
    }
    default: {
      const what = reader.expect('PRICE', 'NEWS', 'FUNDAMENTALS', 'OHLCV').text;
      reader.expect('FOR');
      const asset = reader.expect('CNAME').text;
      if (what === 'OHLCV' && reader.at('NUMBER')) timeframe(reader);
      return { kind: 'get', asset };
    }
  }
}

function filtered(reader: Reader, kind: 'find' | 'track', word: string): Statement {
  const asset = spec(reader);
  reader.expect(word);
  conditions(reader);
  return { kind, asset };
}

function compare(reader: Reader): Statement {
  const assets = [spec(reader)];
  if (reader.at('vs')) {
    while (reader.take('vs')) assets.push(reader.expect('CNAME').text);
    reader.expect('ON');
    reader.expect('COLON');
  } else {
    while (reader.take('COMMA')) assets.push(spec(reader));
    reader.expect('BY');
  }
  return { kind: 'compare', assets, metrics: metrics(reader) };
}

function spec(reader: Reader): string {
  const name = reader.expect('CNAME').text;
  let result = name;
  if (name === 'SECTOR') result = reader.expect('CNAME').text;
  if (name === 'TOP' || name === 'BOTTOM') {
    reader.expect('NUMBER');
    reader.expect('BY');
    metric(reader);
  }
  if (reader.take('IN')) reader.expect('CNAME');
  return result;
}

function names(reader: Reader): string[] {
  const found = [reader.expect('CNAME').text];
  while (reader.take('COMMA')) found.push(reader.expect('CNAME').text);
  return found;
}

function metrics(reader: Reader): string[] {
  const found = [metric(reader)];
  while (reader.take('COMMA')) found.push(metric(reader));
  return found;
}

function metric(reader: Reader): string {
  if (!/^[A-Z][A-Z0-9_]*$/.test(reader.token.text)) reader.fail(['METRIC', 'FUNCTION']);
  const name = reader.expect('CNAME').text;
  if (PERIODS.has(name)) {
    reader.expect('NUMBER');
  } else if (reader.take('LPAR')) {
    do parameter(reader);
    while (reader.take('COMMA'));
    reader.expect('RPAR');
  } else if (!PLAIN_METRICS.has(name)) {
    // Any other upper-case name is a function.
    reader.fail(['LPAR']);
  }
  return name;
}

function parameter(reader: Reader): void {
  if (reader.at('NUMBER') && SPAN.test(reader.peek().text)) span(reader);
  else reader.expect('CNAME', 'NUMBER', 'STRING');
}

function span(reader: Reader): void {
  reader.expect('NUMBER');
  if (!SPAN.test(reader.token.text)) reader.fail(['d', 'h', 'w', 'm', 'y']);
  reader.expect('CNAME');
}

function timeframe(reader: Reader): void {
  const text = reader.token.text + reader.peek().text;
  if (!TIMEFRAME.test(text)) reader.fail(['TIMEFRAME']);
  reader.expect('NUMBER');
  reader.expect('CNAME');
}

function conditions(reader: Reader): void {
  do condition(reader);
  while (reader.take('AND'));
}

function condition(reader: Reader): void {
  if ((reader.at('TREND') || reader.at('SIGNAL')) && reader.peek().text === 'IS') brokenCondition(reader);
  metric(reader);
  if (reader.take('BETWEEN')) {
    value(reader);
    reader.expect('AND');
    value(reader);
  } else if (reader.take('ABOVE') || reader.take('BELOW')) {
    metric(reader);
  } else {
    reader.expect('OPERATOR', 'BETWEEN', 'ABOVE', 'BELOW');
    value(reader);
  }
}

function value(reader: Reader): void {
  if (reader.take('NUMBER')) {
    reader.take('PERCENT');
  } else if (!reader.take('STRING')) {
    metric(reader);
    if (reader.take('STAR')) reader.expect('NUMBER');
  }
}

/** In the grammar, but what the grammar calls takes no argument: the server has never accepted one of these. */
function brokenCondition(reader: Reader): never {
  const rule = reader.at('TREND') ? 'trend_type' : 'signal_type';
  throw new DslError(
    `Error trying to process rule "${rule}":\n\nFKDSLTransformer.${rule}() missing 1 required positional argument: 't'`,
  );
}
