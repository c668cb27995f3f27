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
  readonly asOf: string;
  readonly source: string;
  readonly ttl: string;
  readonly confidence: string;
  readonly pending: string;
  readonly noNarrative: string;
  readonly narrative: string;
}

const ENVELOPE = '{"content":[{"type":"text","text":"';
const AFTER_TEXT = ',"isError":false}';
const TAIL = `}"}]${AFTER_TEXT}`;
const TASK_HEAD = `${ENVELOPE}{\\"`;
const STATUS = '\\"status\\":';
const UNENDED = ['\\"running\\",', ' \\"running\\",', '\\"pending\\",', ' \\"pending\\",'];
const SYMBOL_END = '\\",';

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
/** Where the object within the text begins; the next brace is that of the price. */
const TEXT_AT = ENVELOPE.length;
/** Two times with their names are shorter: there is room for nothing else that decides. */
const TIMES_AT_MOST = 120;
/** Above it JavaScript and Python write numbers differently. */
const LARGEST = 1e15;

/**
 * What was looked at closely last: a server names few providers, and most of its prices and confidences come again. Each call
 * of a function costs a virtual user a microsecond and more, a comparison nothing.
 */
let knownFigures = '';
let knownOrigin = '';

/**
 * True only for an answer whose envelope begins and ends as a success, which is about `symbol`, and whose price,
 * confidence, source and status are those of real data. False means: decode it and see.
 *
 * It counts on no key coming twice in one object, which no serializer writes. Every scan less is one per cent less of what a
 * request costs the generator.
 */
export function searchLooksHealthy(body: string, symbol: string): boolean {
  const asked = symbol + SYMBOL_END;
  const style = body.startsWith(COMPACT.head + asked) ? COMPACT : body.startsWith(SPACED.head + asked) ? SPACED : null;
  if (style === null) return false;

  // The first object within the answer is the price, and holds no other: its fields are nobody else's.
  const priceAt = body.indexOf(style.cachedPrice, TEXT_AT);
  const figuresAt = priceAt + style.cachedPrice.length;
  if (priceAt < 0 || body.indexOf('{', TEXT_AT + 1) < priceAt) return false;
  const timesAt = body.indexOf(style.asOf, figuresAt);
  const figures = body.slice(figuresAt, timesAt);
  if (figures !== knownFigures) {
    if (!areFigures(figures, style)) return false;
    knownFigures = figures;
  }
  const sourceAt = body.indexOf(style.source, timesAt);
  if (sourceAt - timesAt > TIMES_AT_MOST) return false;
  const originAt = sourceAt + style.source.length;
  const origin = body.slice(originAt, body.indexOf('},', originAt));
  if (origin !== knownOrigin) {
    if (!isOrigin(origin, style)) return false;
    knownOrigin = origin;
  }

  const aroundStatus = body.split('status\\"');
  return (
    aroundStatus.length === 2 &&
    (aroundStatus[1] as string).startsWith(style.pending) &&
    body.endsWith(TAIL) &&
    endsItsText(body)
  );
}

/** A price above zero, and whatever other figures stand between it and its time. */
function areFigures(figures: string, style: Form): boolean {
  const [price = '', ...others] = figures.split(style.change);
  return isPositive(price) && others.length === 1 && !figures.includes('{') && !figures.includes('"price');
}

/** A provider that has data, how long its price is kept, and a confidence above zero, with which the price's object ends. */
function isOrigin(origin: string, style: Form): boolean {
  const [source = '', rest = ''] = origin.split(style.ttl);
  const [ttl = '', confidence = ''] = rest.split(style.confidence);
  return (
    isProvider(source) &&
    isPositive(ttl) &&
    isPositive(confidence) &&
    origin === source + style.ttl + ttl + style.confidence + confidence
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
 * Whether a healthy answer of a search holds a narrative: it says so at its very end, where FIML and Python's dictionaries keep
 * it. Null where its bytes do not tell.
 */
export function holdsNarrative(body: string): boolean | null {
  if (body.endsWith(COMPACT.noNarrative) || body.endsWith(SPACED.noNarrative)) return false;
  return body.includes(COMPACT.narrative) || body.includes(SPACED.narrative) ? true : null;
}

/** A number above zero as Python and JavaScript both write it; any other form is better decoded. */
function isPositive(text: string): boolean {
  const value = Number(text);
  return value > 0 && value < LARGEST && (text === `${value}.0` || text === `${value}`);
}

/** A source, written without escapes, that is none of those by which the server says that it has no data. */
const isProvider = (name: string): boolean =>
  name !== '' && !name.includes('"') && !name.includes('\\') && !NO_DATA_SOURCES.includes(name);
