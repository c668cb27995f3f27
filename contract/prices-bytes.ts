import { isPositive, isProvider, learn, nothingKnown } from './bytes';

const HEAD = '{"prices":';
const PRICE = ',"price":';
const CHANGE = ',"change":';
const SOURCE = ',"source":"';
const TIME = '","timestamp":"';
const NO_ERROR = ',"error":null';

const knownSources = nothingKnown();

/**
 * True only for a list of prices that has an entry for each symbol, in the order in which they were asked for, each with a
 * price above zero of a provider that has data and without an error. False means: decode it and see.
 */
export function pricesLookHealthy(body: string, symbols: readonly string[]): boolean {
  if (!body.startsWith(HEAD)) return false;
  let at = HEAD.length;
  // By number: k6 makes what it iterates with for each virtual user.
  for (let nth = 0; nth < symbols.length; nth++) {
    const symbol = symbols[nth] as string;
    const head = `${at === HEAD.length ? '{' : '},'}"${symbol}":{"symbol":"${symbol}",`;
    const entryAt = at + head.length;
    const end = body.indexOf('}', entryAt);
    const nextAt = body.indexOf('{', entryAt);
    const priceAt = body.indexOf(PRICE, entryAt) + PRICE.length;
    const secondAt = body.indexOf(PRICE, priceAt);
    const sourceAt = body.indexOf(SOURCE, priceAt) + SOURCE.length;
    if (!body.startsWith(head, at) || priceAt < entryAt || sourceAt < priceAt || sourceAt > end) return false;
    if (secondAt >= 0 && secondAt < end) return false;
    // An entry is of plain values, and the last of them says that nothing went wrong.
    if ((nextAt >= 0 && nextAt < end) || !body.startsWith(NO_ERROR, end - NO_ERROR.length)) return false;
    if (!isPositive(body.slice(priceAt, body.indexOf(CHANGE, priceAt)))) return false;
    const source = body.slice(sourceAt, body.indexOf(TIME, sourceAt));
    if (knownSources.texts[source] !== true) {
      if (!isProvider(source)) return false;
      learn(knownSources, source);
    }
    at = end;
  }
  return body.slice(at) === `}},"count":${symbols.length}}`;
}
