import fc from 'fast-check';
import { classify, NO_DATA_SOURCES } from '../../../contract';
import { pricesLookHealthy } from '../../../contract/prices-bytes';

const SYMBOLS = ['AAPL', 'BTC'];

const entryOf = (symbol: string, price = 100.5, source = 'mock_provider'): Record<string, unknown> => ({
  symbol,
  name: `${symbol} Inc.`,
  price,
  change: -1.5,
  change_percent: -1.48,
  source,
  timestamp: '2026-01-01T12:00:00.334718Z',
  asset_type: 'stock',
  error: null,
});
const bodyOf = (entries: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ prices: entries, count: Object.keys(entries).length });
const decodes = (body: string): boolean =>
  classify({ status: 200, body }, { kind: 'prices', symbols: SYMBOLS }, 'full').ok;

test('a list with what was asked for passes without being decoded, whatever its prices and providers are', () => {
  for (const price of [100.5, 100.5, 40_000, 0.25]) {
    for (const source of ['mock_provider', 'yahoo_finance']) {
      const entries = { AAPL: entryOf('AAPL', price, source), BTC: entryOf('BTC', 3 * price, source) };
      expect(pricesLookHealthy(bodyOf(entries), SYMBOLS)).toBe(true);
      expect(pricesLookHealthy(bodyOf({ AAPL: entryOf('AAPL', price, source) }), ['AAPL'])).toBe(true);
    }
  }
});

test('an entry with a second price is decoded', () => {
  const body = bodyOf({ AAPL: entryOf('AAPL'), BTC: entryOf('BTC') });
  for (const where of ['"change":', '"change_percent":', '"asset_type":']) {
    const damaged = body.replace(where, `"price":0,${where}`);
    expect(decodes(damaged)).toBe(false);
    expect(pricesLookHealthy(damaged, SYMBOLS)).toBe(false);
  }
});

test.each(NO_DATA_SOURCES)('an entry of the source %s is decoded', (source) => {
  for (const broken of SYMBOLS) {
    const entries = { AAPL: entryOf('AAPL'), BTC: entryOf('BTC'), [broken]: entryOf(broken, 100.5, source) };
    expect(pricesLookHealthy(bodyOf(entries), SYMBOLS)).toBe(false);
  }
});

const VALUES: readonly unknown[] = [
  ...[null, 0, -1, 100, '', 'unknown', 'error', 'mock_provider', 'timeout', true, [], {}],
  ...['AAPL', 'x","price":1,"source":"mock_provider'],
  ...[entryOf('AAPL'), { AAPL: entryOf('AAPL') }, { price: 0 }],
];
const KEYS = ['symbol', 'name', 'price', 'change', 'change_percent', 'source', 'timestamp', 'error', 'x'];

const anyDamaged = fc
  .record({
    symbol: fc.constantFrom(...SYMBOLS),
    entry: fc.option(fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { maxKeys: 2 }), {
      nil: 'drop',
    }),
    lost: fc.array(fc.constantFrom(...KEYS), { maxLength: 1 }),
    turned: fc.boolean(),
    more: fc.boolean(),
  })
  .map(({ symbol, entry, lost, turned, more }) => {
    const entries: Record<string, unknown> = turned
      ? { BTC: entryOf('BTC'), AAPL: entryOf('AAPL') }
      : { AAPL: entryOf('AAPL'), BTC: entryOf('BTC') };
    if (more) entries.MSFT = null;
    if (typeof entry === 'string' || entry === null) delete entries[symbol];
    else {
      const kept = Object.entries(entryOf(symbol)).filter(([key]) => !lost.includes(key));
      entries[symbol] = { ...Object.fromEntries(kept), ...entry };
    }
    return bodyOf(entries);
  });

test('bytes never pass what fails when decoded, however its entries are damaged', () => {
  const seen = { failing: 0, passing: 0 };
  fc.assert(
    fc.property(anyDamaged, (body) => {
      if (!decodes(body)) seen.failing++;
      if (!pricesLookHealthy(body, SYMBOLS)) return;
      seen.passing++;
      expect([body, decodes(body)]).toEqual([body, true]);
    }),
    { numRuns: 5000 },
  );
  // Damage that never hurts, and bytes that never pass, would both make this a property of nothing.
  expect(seen.failing).toBeGreaterThan(1000);
  expect(seen.passing).toBeGreaterThan(100);
});

test('no character that decides can be changed, lost or added, and no end cut off, without being noticed', () => {
  const body = bodyOf({ AAPL: entryOf('AAPL'), BTC: entryOf('BTC') });
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  const deciding = /^\{"prices":\{"AAPL":\{"symbol":"AAPL"|"price":[\d.]+,|"source":"\w+",|"error":null\}[^{]*/g;
  const unnoticed: string[] = [];
  const look = (damaged: string, at: number) => {
    if (pricesLookHealthy(damaged, SYMBOLS) && !decodes(damaged))
      unnoticed.push(damaged.slice(Math.max(0, at - 15), at + 15));
  };
  let stretches = 0;
  for (const { index, 0: text } of body.matchAll(deciding)) {
    stretches++;
    for (let at = index; at < index + text.length; at++) {
      look(body.slice(0, at) + body.slice(at + 1), at);
      for (const character of printable) {
        look(body.slice(0, at) + character + body.slice(at + 1), at);
        if (at > index) look(body.slice(0, at) + character + body.slice(at), at);
      }
    }
  }
  expect(stretches).toBe(7);
  for (let length = 0; length < body.length; length++) look(body.slice(0, length), length);
  expect(unnoticed).toEqual([]);
});
