/**
 * The healthy path of the generator: a search answer is 2 KB of JSON inside a JSON string, and decoding it twice costs
 * more than sending the request. Both ways in which Python writes JSON are known here, with and without spaces; an
 * answer in any other form is decoded, which is slower and never wrong.
 */
interface Form {
  readonly head: string;
  readonly cached: string;
  readonly price: string;
  readonly change: string;
  readonly source: string;
  readonly ttl: string;
  readonly confidence: string;
  readonly pending: string;
}

const ENVELOPE = '{"content":[{"type":"text","text":"';
const AFTER_TEXT = ',"isError":false}';
const TAIL = `}"}]${AFTER_TEXT}`;
const NO_NARRATIVE = { compact: `,\\"narrative\\":null${TAIL}`, spaced: `, \\"narrative\\": null${TAIL}` };
const SYMBOL_END = '\\",';

const form = (space: string): Form => ({
  head: `${ENVELOPE}{\\"symbol\\":${space}\\"`,
  cached: `,${space}\\"cached\\":${space}`,
  price: `{\\"price\\":${space}`,
  change: `,${space}\\"change\\":`,
  source: `,${space}\\"source\\":${space}\\"`,
  ttl: `\\",${space}\\"ttl\\":`,
  confidence: `,${space}\\"confidence\\":${space}`,
  pending: `status\\":${space}\\"pending\\",`,
});

const COMPACT = form('');
const SPACED = form(' ');
/** Above it JavaScript and Python write numbers differently. */
const LARGEST = 1e15;

/**
 * True only for an answer whose envelope begins and ends as a success, which is about `symbol`, and whose price,
 * confidence, source and status are those of real data. False means: decode it and see.
 */
export function searchLooksHealthy(body: string, symbol: string): boolean {
  if (!body.endsWith(TAIL)) return false;
  const style = body.startsWith(COMPACT.head) ? COMPACT : body.startsWith(SPACED.head) ? SPACED : null;
  if (style === null || !body.startsWith(symbol + SYMBOL_END, style.head.length)) return false;

  // The first object within the answer is the price, and holds no other: its fields are nobody else's.
  const priceAt = body.indexOf('{', ENVELOPE.length + 1);
  const end = body.indexOf('},', ENVELOPE.length);
  if (
    !body.startsWith(style.price, priceAt) ||
    !body.startsWith(style.cached, priceAt - style.cached.length) ||
    end < priceAt ||
    body.indexOf('{', priceAt + 1) < end
  ) {
    return false;
  }
  const numberAt = priceAt + style.price.length;
  const numberEnd = body.indexOf(',', numberAt);
  if (!body.startsWith(style.change, numberEnd) || !isPositive(body.slice(numberAt, numberEnd))) return false;
  const sourceAt = body.indexOf(style.source, numberEnd);
  if (sourceAt < 0) return false;
  const nameAt = sourceAt + style.source.length;
  const nameEnd = body.indexOf('\\', nameAt);
  if (!namesProvider(body, nameAt, nameEnd) || !body.startsWith(style.ttl, nameEnd)) return false;
  // The object ends as it always does, so that no later field replaces one of these.
  const ttlEnd = body.indexOf(',', nameEnd + style.ttl.length);
  if (!body.startsWith(style.confidence, ttlEnd) || !isPositive(body.slice(ttlEnd + style.confidence.length, end))) {
    return false;
  }

  const statusAt = body.indexOf('status\\"');
  return (
    body.startsWith(style.pending, statusAt) &&
    // A decoder takes the last of a key that comes twice: an answer with a second one is no answer we know.
    body.indexOf('status\\"', statusAt + 1) < 0 &&
    body.indexOf('symbol\\"', style.head.length) < 0 &&
    body.indexOf('cached\\"', priceAt) < 0 &&
    body.indexOf('price\\"', numberAt) < 0 &&
    // Within the text every quote is escaped: the first that is not, after a comma, follows it.
    body.indexOf(',"', ENVELOPE.length) === body.length - AFTER_TEXT.length
  );
}

/**
 * Whether an answer surely holds no narrative: it says so at its very end, where FIML and Python's dictionaries keep it. False
 * means: decode it and see.
 */
export const endsWithoutNarrative = (body: string): boolean =>
  body.endsWith(NO_NARRATIVE.compact) || body.endsWith(NO_NARRATIVE.spaced);

/** A number above zero as Python and JavaScript both write it; any other form is better decoded. */
function isPositive(text: string): boolean {
  const value = Number(text);
  return value > 0 && value < LARGEST && (text === `${value}.0` || text === `${value}`);
}

/** A source, written without escapes, that is none of the three by which the server says that it has no data. */
function namesProvider(body: string, start: number, end: number): boolean {
  return (
    end > start &&
    body.indexOf('"', start) === end + 1 &&
    !body.startsWith('unknown\\', start) &&
    !body.startsWith('error\\', start) &&
    !body.startsWith('compliance_blocked\\', start)
  );
}
