import { ENVELOPE, endsAsSuccess, isPositive, isProvider, learn, nothingKnown, TAIL } from './bytes';

/** Answers of searches in both ways in which Python writes JSON, with and without spaces. */
interface Form {
  readonly head: string;
  readonly cachedPrice: string;
  readonly change: string;
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
const PRICE = 'price\\"';
const STATUS = 'status\\"';

/** With which the objects of prices ended: a provider, how long it lets a price be kept, and its confidence. */
const knownOrigins = nothingKnown();

/**
 * True only for an answer whose envelope begins and ends as a success, which is about `symbol`, and whose price,
 * confidence, source and status are those of real data. False means: decode it and see.
 */
export function searchLooksHealthy(body: string, symbol: string): boolean {
  const asked = symbol + SYMBOL_END;
  const style = body.startsWith(COMPACT.head + asked) ? COMPACT : body.startsWith(SPACED.head + asked) ? SPACED : null;
  if (style === null) return false;

  // The first object within the answer is the price, and holds no other: its fields are nobody else's.
  const cachedAt = body.indexOf(style.cachedPrice, ENVELOPE.length);
  if (cachedAt < 0 || body.indexOf('{', ENVELOPE.length + 1) < cachedAt) return false;
  const priceAt = cachedAt + style.cachedPrice.length;
  const end = body.indexOf('},', priceAt);
  const objectAt = body.indexOf('{', priceAt);
  const secondAt = body.indexOf(PRICE, priceAt);
  if ((objectAt >= 0 && objectAt < end) || (secondAt >= 0 && secondAt < end)) return false;

  if (!isPositive(body.slice(priceAt, body.indexOf(style.change, priceAt)))) return false;
  const originAt = body.indexOf(style.source, priceAt);
  const origin = originAt < 0 ? '' : body.slice(originAt, end);
  if (knownOrigins.texts[origin] !== true) {
    if (!isOrigin(origin, style)) return false;
    learn(knownOrigins, origin);
  }

  const statusEnd = body.indexOf(STATUS) + STATUS.length;
  return body.startsWith(style.pending, statusEnd) && body.indexOf(STATUS, statusEnd) < 0 && endsAsSuccess(body);
}

/** Whether a price's object ends with a provider that has data, how long the price is kept, and a confidence above zero. */
function isOrigin(text: string, { source, ttl, confidence }: Form): boolean {
  const ttlAt = text.indexOf(ttl);
  const confidenceAt = text.indexOf(confidence, ttlAt);
  return (
    ttlAt > 0 &&
    confidenceAt > 0 &&
    isProvider(text.slice(source.length, ttlAt)) &&
    isPositive(text.slice(ttlAt + ttl.length, confidenceAt)) &&
    isPositive(text.slice(confidenceAt + confidence.length))
  );
}

/**
 * Whether a healthy answer of a search holds a narrative: it says so at its very end, where FIML and Python's dictionaries keep
 * it. Null where its bytes do not tell.
 */
export function holdsNarrative(body: string): boolean | null {
  if (body.endsWith(COMPACT.noNarrative) || body.endsWith(SPACED.noNarrative)) return false;
  return body.includes(COMPACT.narrative) || body.includes(SPACED.narrative) ? true : null;
}
