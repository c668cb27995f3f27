import { ENVELOPE, endsAsSuccess, isPositive, isProvider, Known, TAIL } from './bytes';

/** Answers of searches in both ways in which Python writes JSON, with and without spaces. */
interface Form {
  readonly head: string;
  readonly cachedPrice: string;
  readonly change: string;
  readonly asOf: string;
  readonly source: string;
  readonly ttl: string;
  readonly confidence: string;
  readonly pending: string;
  readonly noNarrative: string;
  readonly narrative: string;
}

const form = (space: string): Form => ({
  head: `${ENVELOPE}{\\"symbol\\":${space}\\"`,
  cachedPrice: `,${space}\\"cached\\":${space}{\\"price\\":${space}`,
  change: `,${space}\\"change\\":${space}`,
  asOf: `,${space}\\"as_of\\":${space}\\"`,
  source: `\\",${space}\\"source\\":${space}\\"`,
  ttl: `\\",${space}\\"ttl\\":${space}`,
  confidence: `,${space}\\"confidence\\":${space}`,
  pending: `:${space}\\"pending\\",`,
  noNarrative: `,${space}\\"narrative\\":${space}null${TAIL}`,
  narrative: `,${space}\\"narrative\\":${space}{`,
});

const COMPACT = form('');
const SPACED = form(' ');
const SYMBOL_END = '\\",';
const STATUS = 'status\\"';
/** Two times with their names are shorter: there is room for nothing else that decides. */
const TIMES_AT_MOST = 120;

/** What no figures hold, and what would give them another meaning. */
const FOREIGN = ['{', 'price\\"'];

/** The figures of a price, up to its time. */
const knownFigures = new Known();
/** What follows its times: a provider, how long the price is kept, and its confidence. */
const knownOrigins = new Known();
/** How long the times of an answer were. */
let knownTimes = 0;

/**
 * True only for an answer whose envelope begins and ends as a success, which is about `symbol`, and whose price,
 * confidence, source and status are those of real data. False means: decode it and see.
 */
export function searchLooksHealthy(body: string, symbol: string): boolean {
  const asked = symbol + SYMBOL_END;
  const style = body.startsWith(COMPACT.head + asked) ? COMPACT : body.startsWith(SPACED.head + asked) ? SPACED : null;
  if (style === null) return false;

  // The first object within the answer is the price, and holds no other: its fields are nobody else's.
  const priceAt = body.indexOf(style.cachedPrice, ENVELOPE.length);
  if (priceAt < 0 || body.indexOf('{', ENVELOPE.length + 1) < priceAt) return false;
  const figuresAt = priceAt + style.cachedPrice.length;
  let figures = knownFigures.bySymbol[symbol];
  if (figures === undefined || !body.startsWith(figures, figuresAt)) {
    figures = figuresIn(body, figuresAt, style);
    if (figures === '') return false;
    knownFigures.learn(symbol, figures);
  }
  const timesAt = figuresAt + figures.length;
  const origin = knownOrigins.bySymbol[symbol];
  if (origin === undefined || !body.startsWith(origin, timesAt + knownTimes)) {
    const found = originIn(body, timesAt, style);
    if (found === '') return false;
    knownOrigins.learn(symbol, found);
  }

  const statusEnd = body.indexOf(STATUS) + STATUS.length;
  return body.startsWith(style.pending, statusEnd) && body.indexOf(STATUS, statusEnd) < 0 && endsAsSuccess(body);
}

/** A price above zero, whatever other figures stand between it and its time, and the name of that; empty when there is none. */
function figuresIn(body: string, figuresAt: number, style: Form): string {
  const end = body.indexOf(style.asOf, figuresAt);
  const figures = body.slice(figuresAt, end);
  const [price = '', ...others] = figures.split(style.change);
  const foreign = others.length !== 1 || FOREIGN.some((one) => figures.includes(one));
  return end < 0 || foreign || !isPositive(price) ? '' : figures + style.asOf;
}

/**
 * A provider that has data, how long its price is kept, and a confidence above zero, with which the price's object ends; empty
 * when there is none.
 */
function originIn(body: string, timesAt: number, style: Form): string {
  const sourceAt = body.indexOf(style.source, timesAt);
  const end = body.indexOf('},', sourceAt);
  if (sourceAt < 0 || sourceAt - timesAt > TIMES_AT_MOST || end < 0) return '';
  const origin = body.slice(sourceAt + style.source.length, end);
  const [source = '', rest = ''] = origin.split(style.ttl);
  const [ttl = '', confidence = ''] = rest.split(style.confidence);
  const whole = source + style.ttl + ttl + style.confidence + confidence;
  if (!isProvider(source) || !isPositive(ttl) || !isPositive(confidence) || origin !== whole) return '';
  knownTimes = sourceAt - timesAt;
  return `${style.source}${origin}},`;
}

/**
 * Whether a healthy answer of a search holds a narrative: it says so at its very end, where FIML and Python's dictionaries keep
 * it. Null where its bytes do not tell.
 */
export function holdsNarrative(body: string): boolean | null {
  if (body.endsWith(COMPACT.noNarrative) || body.endsWith(SPACED.noNarrative)) return false;
  return body.includes(COMPACT.narrative) || body.includes(SPACED.narrative) ? true : null;
}
