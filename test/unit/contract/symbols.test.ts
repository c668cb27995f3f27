import { coldEquities, HOT_COINS, HOT_EQUITIES } from '../../../contract';

const COLD = coldEquities();
const ALL = [...HOT_EQUITIES, ...HOT_COINS, ...COLD];
/** The symbols that the server takes for coins in lists of prices; TRX it would take for a stock. */
const COINS_IN_LISTS = 'BTC ETH SOL XRP ADA DOT AVAX MATIC LINK UNI ATOM LTC DOGE SHIB BNB'.split(' ');

test('a symbol needs no escaping, neither in JSON nor in an address, and is a name to the DSL', () => {
  for (const symbol of ALL) expect(symbol).toMatch(/^[A-Z][A-Z0-9]{0,9}$/);
});

test('no symbol comes twice, so that a cold one is never in the cache for another reason', () => {
  expect(ALL.filter((symbol, index) => ALL.indexOf(symbol) !== index)).toEqual([]);
});

test('no stock is taken for a coin', () => {
  expect([...HOT_EQUITIES, ...COLD].filter((symbol) => COINS_IN_LISTS.includes(symbol))).toEqual([]);
});

test('the cold tail outlasts the longest price TTL at the fastest rate it is made for', () => {
  expect(COLD.length).toBeGreaterThan(20 * 40);
});
