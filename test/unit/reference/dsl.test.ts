import { DSL_QUERIES } from '../../../contract';
import { DslError } from '../../../reference/dsl/lex';
import { parseDsl } from '../../../reference/dsl/parse';
import { planOf, sleepOf } from '../../../reference/dsl/plan';
import { startDsl, statusOf, untilDone } from '../../../reference/dsl/run';
import { VirtualClock } from './virtual-clock';

test.each(DSL_QUERIES)('$query is $steps steps and $sleepMs ms', async ({ query, steps, sleepMs }) => {
  const plan = planOf(parseDsl(query));
  expect(plan).toHaveLength(steps);
  expect(sleepOf(plan)).toBe(sleepMs);

  const clock = new VirtualClock();
  const startedAtMs = clock.now();
  const task = startDsl(query, plan, clock);
  expect(statusOf(task)).toMatchObject({ status: 'running', completed_steps: 0, completed_at: null, result: null });
  await clock.until(untilDone(task, clock));
  expect(statusOf(task)).toMatchObject({ status: 'completed', completed_steps: steps });
  expect(Object.keys(task.result)).toHaveLength(steps);
  const tookMs = clock.now() - startedAtMs;
  expect(tookMs % 100).toBe(0);
  expect(tookMs).toBeGreaterThanOrEqual(sleepMs);
  expect(tookMs).toBeLessThanOrEqual(sleepMs + 100);
});

test.each([
  ['GET PRICE OF AAPL', "Unexpected token Token('CNAME', 'OF') at line 1, column 11.\nExpected one of: \n\t* FOR\n"],
  ['EVALUATE AAPL: PRICE, VOLUME, PE_RATIO', "Unexpected token Token('$END', '') at line 1, column 31."],
  ['get price for AAPL', "Unexpected token Token('CNAME', 'get') at line 1, column 1"],
  ['GET PRICE FOR BTC/USDT', "No terminal matches '/' in the current parser context, at line 1 col 18"],
  ['EVALUATE NVDA: SMA(20)', "Unexpected token Token('LPAR', '(') at line 1, column 19"],
  ['SCAN NASDAQ WHERE TREND IS BULLISH', 'Error trying to process rule "trend_type":'],
  ['', "Unexpected token Token('$END', '') at line 1, column 1"],
  ['COMPARE AAPL WITH MSFT', 'Unexpected token'],
  ['CALCULATE RSI FOR AAPL', 'Unexpected token'],
])('%s does not parse', (query, message) => {
  let error: unknown = null;
  try {
    parseDsl(query);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(DslError);
  expect((error as Error).message.startsWith(message)).toBe(true);
});

test.each([
  'GET OHLCV FOR AAPL 1d',
  'SCAN NASDAQ WHERE SMA 50 ABOVE SMA 200',
  'FIND TOP 5 BY PE IN NYSE WITH RSI < 30',
  'EVALUATE  AAPL:   PRICE',
])('%s parses', (query) => {
  expect(planOf(parseDsl(query)).length).toBeGreaterThan(0);
});

test('two statements parse and do nothing', () => {
  const task = startDsl('', planOf(parseDsl('GET PRICE FOR A; GET PRICE FOR B')), new VirtualClock());
  expect(statusOf(task)).toMatchObject({ total_steps: 0, progress: { value: 0 } });
});
