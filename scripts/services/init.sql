-- The tables of a FIML database, as the server's own scripts/init-db.sql makes them: plain PostgreSQL, no TimescaleDB.
-- Its defect is kept: `sessions` lacks the columns that the server selects, so that reading the archive fails.
CREATE TYPE asset_type AS ENUM ('equity', 'crypto', 'forex', 'commodity', 'index', 'etf');

CREATE TABLE assets (
  id SERIAL PRIMARY KEY,
  symbol VARCHAR(50) NOT NULL UNIQUE,
  name VARCHAR(255),
  asset_type asset_type NOT NULL,
  market VARCHAR(20),
  exchange VARCHAR(50),
  currency VARCHAR(10)
);

CREATE TABLE price_cache (
  time TIMESTAMPTZ NOT NULL,
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  provider VARCHAR(50) NOT NULL,
  price NUMERIC(20, 8) NOT NULL,
  change NUMERIC(20, 8),
  change_percent NUMERIC(10, 4),
  volume BIGINT,
  confidence NUMERIC(3, 2),
  session_metadata JSONB,
  PRIMARY KEY (time, asset_id, provider)
);

CREATE TABLE ohlcv_cache (
  time TIMESTAMPTZ NOT NULL,
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  provider VARCHAR(50) NOT NULL,
  open NUMERIC(20, 8) NOT NULL,
  high NUMERIC(20, 8) NOT NULL,
  low NUMERIC(20, 8) NOT NULL,
  close NUMERIC(20, 8) NOT NULL,
  volume BIGINT,
  timeframe VARCHAR(10) NOT NULL,
  PRIMARY KEY (time, asset_id, provider, timeframe)
);

CREATE TABLE fundamentals_cache (
  id SERIAL PRIMARY KEY,
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  provider VARCHAR(50) NOT NULL,
  data JSONB NOT NULL,
  timestamp TIMESTAMPTZ NOT NULL DEFAULT NOW(),
  ttl_seconds INTEGER NOT NULL DEFAULT 3600,
  UNIQUE (asset_id, provider)
);

CREATE TABLE generic_cache (
  key VARCHAR(255) PRIMARY KEY,
  value JSONB NOT NULL,
  timestamp TIMESTAMPTZ NOT NULL DEFAULT NOW(),
  ttl_seconds INTEGER NOT NULL DEFAULT 3600
);

CREATE TABLE tasks (
  id VARCHAR(255) PRIMARY KEY,
  type VARCHAR(50) NOT NULL,
  status VARCHAR(20) NOT NULL,
  result JSONB,
  created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE TABLE provider_health (
  id SERIAL PRIMARY KEY,
  provider VARCHAR(50) NOT NULL,
  is_healthy BOOLEAN NOT NULL,
  checked_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE TABLE sessions (
  id UUID PRIMARY KEY,
  user_id VARCHAR(255),
  data JSONB,
  created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE TABLE events (
  id SERIAL PRIMARY KEY,
  type VARCHAR(50) NOT NULL,
  data JSONB,
  created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE TABLE audit_log (
  id SERIAL PRIMARY KEY,
  action VARCHAR(100) NOT NULL,
  data JSONB,
  created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

INSERT INTO assets (symbol, name, asset_type, market, exchange, currency) VALUES
  ('AAPL', 'Apple Inc.', 'equity', 'US', 'NASDAQ', 'USD'),
  ('TSLA', 'Tesla Inc.', 'equity', 'US', 'NASDAQ', 'USD'),
  ('BTC', 'Bitcoin', 'crypto', 'CRYPTO', 'binance', 'USD'),
  ('ETH', 'Ethereum', 'crypto', 'CRYPTO', 'binance', 'USD');
