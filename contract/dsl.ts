/** An FK-DSL query that parses, with what the server's simulated executor does for it. */
export interface DslQuery {
  readonly query: string;
  readonly steps: number;
  /** Sum of the steps' sleeps along the longest chain, ms. */
  readonly sleepMs: number;
}

const query = (text: string, steps: number, sleepMs: number): DslQuery => ({ query: text, steps, sleepMs });

/** The queries that traffic sends: one of each statement and length. All of them parse and complete. */
export const DSL_QUERIES: readonly DslQuery[] = [
  query('GET PRICE FOR AAPL', 1, 100),
  query('TRACK AAPL WHEN PRICE > 150', 1, 50),
  query('FIND AAPL WITH PRICE > 150 AND RSI < 30', 2, 150),
  query('FIND SECTOR TECH WITH PE < 20', 2, 150),
  query('FIND TOP 10 BY MARKETCAP WITH PE < 20', 2, 150),
  query('FIND ALL IN NASDAQ WITH PRICE > 100', 2, 150),
  query('COMPARE AAPL, MSFT, GOOGL BY PRICE, VOLUME', 4, 150),
  query('COMPARE BTC vs ETH ON: VOLUME(7d), LIQUIDITY, MOMENTUM(14d)', 3, 150),
  query('EVALUATE AAPL: PRICE, VOLUME', 2, 200),
  query('ANALYZE AAPL FOR TECHNICALS', 3, 300),
  query('ANALYZE AAPL FOR RISK', 3, 300),
  query('ANALYZE BTC FOR SENTIMENT', 3, 350),
  query('EVALUATE NVDA: RSI, MACD, SMA 20, EMA 50', 7, 350),
  query('COMPARE AAPL, MSFT BY PE, EPS', 3, 350),
  query('COMPARE AAPL vs MSFT vs GOOGL ON: PE, EPS', 4, 350),
  query('EVALUATE BTC: SENTIMENT, BUZZ', 5, 400),
  query('CORRELATE AAPL WITH SPY', 3, 400),
  query('CORRELATE BTC WITH ETH WINDOW 4w', 3, 400),
  query('CORRELATE TSLA WITH BTC, SPY WINDOW 90d', 4, 400),
  query('MACRO: US10Y, CPI, VIX -> CORRELATION ON SPY', 5, 400),
  query('EVALUATE TSLA: PRICE, VOLATILITY(30d), CORRELATE(BTC, SPY), TECHNICAL(RSI, MACD)', 6, 450),
  query('ANALYZE AAPL FOR FUNDAMENTALS', 3, 500),
  query('MACRO: US10Y, CPI, VIX, DXY -> REGRESSION ON SPY', 6, 500),
  query('EVALUATE MSFT: MOMENTUM, LIQUIDITY, BETA', 5, 550),
  query('SCAN NASDAQ WHERE VOLUME > AVG_VOLUME(30d) * 2 AND PRICE_CHANGE(1d) > 5%', 2, 550),
  query('SCAN NASDAQ WHERE PE BETWEEN 10 AND 20', 2, 550),
];

/** Their texts alone: k6 shares one copy among its VUs. */
export const dslQueries = (): string[] => DSL_QUERIES.map((one) => one.query);
