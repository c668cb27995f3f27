import { NO_DATA_SOURCES } from './sources';

/**
 * The healthy path of the generator: a search answer is 2 KB of JSON inside a JSON string, and decoding it twice costs
 * more than sending the request. Both ways in which Python writes JSON are known here, with and without spaces; an
 * answer in any other form is decoded, which is slower and never wrong.
 */
interface Form {
  readonly head: string;
  readonly cachedPrice: string;
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
const TASK_HEAD = `${ENVELOPE}{\\"`;
const STATUS = '\\"status\\":';
const UNENDED = ['\\"running\\",', ' \\"running\\",', '\\"pending\\",', ' \\"pending\\",'];
const SYMBOL_END = '\\",';

const form = (space: string): Form => ({
  head: `${ENVELOPE}{\\"symbol\\":${space}\\"`,
  cachedPrice: `,${space}\\"cached\\":${space}{\\"price\\":${space}`,
  change: `,${space}\\"change\\":`,
  source: `,${space}\\"source\\":${space}\\"`,
  ttl: `\\",${space}\\"ttl\\":${space}`,
  confidence: `,${space}\\"confidence\\":${space}`,
  pending: `\\"status\\":${space}\\"pending\\",`,
});

const COMPACT = form('');
const SPACED = form(' ');
/** Above it JavaScript and Python write numbers differently. */
const LARGEST = 1e15;

/**
 * What was looked at closely last: a server names few providers, and most of its prices and confidences come again. Each call
 * of a function costs a virtual user half a microsecond and more, a comparison nothing.
 */
/** With the time that the price is kept for. */
let knownProvider = '';
let knownPrice = '';
let knownConfidence = '';

/**
 * True only for an answer whose envelope begins and ends as a success, which is about `symbol`, and whose price,
 * confidence, source and status are those of real data. False means: decode it and see.
 */
export function searchLooksHealthy(body: string, symbol: string): boolean {
  if (!body.endsWith(TAIL)) return false;
  const asked = symbol + SYMBOL_END;
  const style = body.startsWith(COMPACT.head + asked) ? COMPACT : body.startsWith(SPACED.head + asked) ? SPACED : null;
  if (style === null) return false;

  // The first object within the answer is the price, and holds no other: its fields are nobody else's.
  const cachedAt = body.indexOf(style.cachedPrice, ENVELOPE.length);
  const priceAt = body.indexOf('{', ENVELOPE.length + 1);
  const end = body.indexOf('},', ENVELOPE.length);
  const nextAt = body.indexOf('{', priceAt + 1);
  const numberAt = cachedAt + style.cachedPrice.length;
  if (cachedAt < 0 || priceAt < cachedAt || priceAt >= numberAt || end < numberAt || (nextAt >= 0 && nextAt < end)) {
    return false;
  }
  const price = body.slice(numberAt, body.indexOf(style.change, numberAt));
  if (price !== knownPrice) {
    if (!isPositive(price)) return false;
    knownPrice = price;
  }
  const sourceAt = body.indexOf(style.source, numberAt);
  if (sourceAt < 0) return false;
  const nameAt = sourceAt + style.source.length;
  // The object ends as it always does, so that no later field replaces one of these.
  const ttlEnd = body.indexOf(style.confidence, nameAt);
  const provider = body.slice(nameAt, ttlEnd);
  if (provider !== knownProvider) {
    const [name = '', ttl = '', ...others] = provider.split(style.ttl);
    if (ttlEnd < 0 || !isProvider(name) || !isPositive(ttl) || others.length > 0) return false;
    knownProvider = provider;
  }
  const confidence = body.slice(ttlEnd + style.confidence.length, end);
  if (confidence !== knownConfidence) {
    if (!isPositive(confidence)) return false;
    knownConfidence = confidence;
  }

  const pendingAt = body.indexOf(style.pending);
  return (
    pendingAt > 0 &&
    // A decoder takes the last of a key that comes twice: an answer with a second one is no answer we know.
    body.indexOf('status\\"') === pendingAt + 2 &&
    body.indexOf('status\\"', pendingAt + 3) < 0 &&
    body.indexOf('symbol\\"', style.head.length) < 0 &&
    body.indexOf('cached\\"', priceAt) < 0 &&
    body.indexOf('price\\"', numberAt) < 0 &&
    endsItsText(body)
  );
}

/** Within the text every quote is escaped: the first that is not, after a comma, follows it. */
const endsItsText = (body: string): boolean => body.indexOf(',"', ENVELOPE.length) === body.length - AFTER_TEXT.length;

/**
 * True only for an answer about a task that surely has not ended: most polls get one, and ask for nothing else of it. False
 * means: decode it and see.
 */
export function taskLooksUnended(body: string): boolean {
  if (!body.endsWith(TAIL) || !body.startsWith(TASK_HEAD)) return false;
  const statusAt = body.indexOf(STATUS, TASK_HEAD.length);
  const valueAt = statusAt + STATUS.length;
  return (
    statusAt > 0 &&
    UNENDED.some((value) => body.startsWith(value, valueAt)) &&
    body.indexOf('status\\"', valueAt) < 0 &&
    // It is the task's own and no other object's: what has not ended has no result.
    body.indexOf('{', TASK_HEAD.length) < 0 &&
    endsItsText(body)
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

/** A source, written without escapes, that is none of those by which the server says that it has no data. */
const isProvider = (name: string): boolean =>
  name !== '' && !name.includes('"') && !name.includes('\\') && !NO_DATA_SOURCES.includes(name);
