import { isPositive, isProvider, Known } from './bytes';

const HEAD = '{"prices":';
const PRICE = ',"price":';
const CHANGE = ',"change":';
const SOURCE = ',"source":"';
const TIME = '","timestamp":"';
const NO_ERROR = ',"error":null';

/** Price and provider of an entry, up to their time. */
const knownQuotes = new Known();

/**
 * True only for a list of prices that has an entry for each symbol, in the order in which they were asked for, each with a
 * price above zero of a provider that has data and without an error. False means: decode it and see.
 */
export function pricesLookHealthy(body: string, symbols: readonly string[]): boolean {
  if (!body.startsWith(HEAD)) return false;
  let at = HEAD.length;
  for (const symbol of symbols) {
    const head = `${at === HEAD.length ? '{' : '},'}"${symbol}":{"symbol":"${symbol}",`;
    const entryAt = at + head.length;
    const quoteAt = body.indexOf(PRICE, entryAt) + PRICE.length;
    const end = body.indexOf('}', entryAt);
    if (!body.startsWith(head, at) || quoteAt < entryAt || quoteAt > end) return false;
    const quote = knownQuotes.bySymbol[symbol];
    if ((quote === undefined || !body.startsWith(quote, quoteAt)) && !learnQuote(body, quoteAt, symbol)) return false;
    const nextAt = body.indexOf('{', entryAt);
    // An entry is of plain values, and the last of them says that nothing went wrong.
    if ((nextAt >= 0 && nextAt < end) || !body.startsWith(NO_ERROR, end - NO_ERROR.length)) return false;
    at = end;
  }
  return body.slice(at) === `}},"count":${symbols.length}}`;
}

function learnQuote(body: string, quoteAt: number, symbol: string): boolean {
  const end = body.indexOf(TIME, quoteAt);
  const [figures = '', source = ''] = body.slice(quoteAt, end).split(SOURCE);
  const [price = '', ...others] = figures.split(CHANGE);
  if (end < 0 || !isPositive(price) || others.length !== 1 || figures.includes(PRICE) || !isProvider(source))
    return false;
  knownQuotes.learn(symbol, figures + SOURCE + source + TIME);
  return true;
}
