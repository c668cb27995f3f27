/**
 * The healthy path of the generator: a search answer is 2 KB of JSON inside a JSON string, and decoding it twice costs
 * more than sending the request. Both ways in which Python writes JSON are known here, with and without spaces; an
 * answer in any other form is decoded, which is slower and never wrong.
 */
interface Form {
  readonly head: string;
  readonly price: string;
  readonly change: string;
  readonly source: string;
  readonly ttl: string;
  readonly confidence: string;
  readonly status: string;
}

const form = (space: string): Form => ({
  head: `{"content":[{"type":"text","text":"{\\"symbol\\":${space}\\"`,
  price: `\\"cached\\":${space}{\\"price\\":${space}`,
  change: `,${space}\\"change\\":`,
  source: `\\"source\\":${space}\\"`,
  ttl: `\\",${space}\\"ttl\\":`,
  confidence: `\\"confidence\\":${space}`,
  status: `\\"status\\":${space}\\"`,
});

const COMPACT = form('');
const SPACED = form(' ');
const QUOTE = '\\"';
const TAIL = '}"}],"isError":false}';
/** The price object is about 200 characters; fields further away belong to something else. */
const PRICE_OBJECT_LENGTH = 400;
const NUMBER_LENGTH = 25;

/**
 * True only for an answer whose envelope begins and ends as a success, which is about `symbol`, and whose price,
 * confidence, source and status are those of real data. False means: decode it and see.
 */
export function searchLooksHealthy(body: string, symbol: string): boolean {
  if (!body.endsWith(TAIL)) return false;
  const style = body.startsWith(COMPACT.head) ? COMPACT : body.startsWith(SPACED.head) ? SPACED : null;
  if (style === null || !body.startsWith(symbol + QUOTE, style.head.length)) return false;

  const priceAt = body.indexOf(style.price);
  if (priceAt < 0) return false;
  const priceEnd = positiveNumberEnd(body, priceAt + style.price.length);
  if (priceEnd < 0 || !body.startsWith(style.change, priceEnd)) return false;
  const sourceAt = body.indexOf(style.source, priceEnd);
  if (sourceAt < 0 || sourceAt > priceAt + PRICE_OBJECT_LENGTH) return false;
  const nameAt = sourceAt + style.source.length;
  if (!namesProvider(body, nameAt)) return false;
  // The object must end as it always does: a field that comes twice, of which a decoder takes the last, does not fit.
  const ttlAt = body.indexOf(QUOTE, nameAt);
  if (!body.startsWith(style.ttl, ttlAt)) return false;
  const confidenceAt = body.indexOf(style.confidence, ttlAt);
  if (confidenceAt < 0 || confidenceAt > priceAt + PRICE_OBJECT_LENGTH) return false;
  const confidenceEnd = positiveNumberEnd(body, confidenceAt + style.confidence.length);
  if (confidenceEnd < 0 || body.charCodeAt(confidenceEnd) !== 0x7d) return false;

  // One price object and one status, the task's: an answer with a second one is no answer we know.
  const statusAt = body.indexOf(style.status);
  return (
    statusAt > 0 &&
    body.startsWith('pending', statusAt + style.status.length) &&
    body.indexOf(style.status, statusAt + 1) < 0 &&
    body.indexOf(style.price, priceAt + 1) < 0
  );
}

/**
 * Where a JSON decimal above zero that begins at `start` ends; -1 when there is none, or one that is better decoded
 * (sign, exponent, more than 25 characters).
 */
function positiveNumberEnd(body: string, start: number): number {
  let significant = false;
  let pointAt = -1;
  for (let at = start; at < start + NUMBER_LENGTH; at++) {
    const character = body.charCodeAt(at);
    if (character >= 0x30 && character <= 0x39) {
      // JSON has no leading zeros: `01` is damage.
      if (at === start + 1 && body.charCodeAt(start) === 0x30) return -1;
      if (character !== 0x30) significant = true;
    } else if (character === 0x2e && pointAt < 0 && at > start) {
      pointAt = at;
    } else {
      return significant && at !== pointAt + 1 && (character === 0x2c || character === 0x7d) ? at : -1;
    }
  }
  return -1;
}

/** A source that is none of the three by which the server says that it has no data. */
function namesProvider(body: string, start: number): boolean {
  return (
    body.charCodeAt(start) !== 0x5c &&
    !body.startsWith('unknown\\', start) &&
    !body.startsWith('error\\', start) &&
    !body.startsWith('compliance_blocked\\', start)
  );
}
