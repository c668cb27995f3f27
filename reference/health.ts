import { isoTime } from './clock';
import { type Fiml, VERSION } from './fiml';
import { float } from './json';

const PROVIDERS = ['mock_provider', 'yahoo_finance', 'coingecko', 'defillama'];

export const HEALTH = { status: 'healthy', version: VERSION, environment: 'test' };

export const ROOT = {
  service: 'FIML',
  version: VERSION,
  docs: '/docs',
  health: '/health',
  health_endpoints: {
    database: '/health/db',
    cache: '/health/cache',
    providers: '/health/providers',
  },
  metrics: '/metrics',
  metrics_endpoints: {
    performance: '/api/metrics/performance',
    cache: '/api/metrics/cache',
    tasks: '/api/metrics/tasks',
    watchdog: '/api/metrics/watchdog',
  },
};

/** "Healthy" means that it was initialised: a provider of which every call fails still reads so. */
function provider(fiml: Fiml) {
  return {
    is_healthy: true,
    uptime_percent: float(1),
    avg_latency_ms: float(10),
    success_rate: float(fiml.providerDown() ? 0 : 1),
    last_check: isoTime(fiml.clock.now()),
    error_count_24h: 0,
  };
}

export const providersHealth = (fiml: Fiml) => ({
  status: 'healthy',
  service: 'data_providers',
  total_providers: PROVIDERS.length,
  healthy_providers: PROVIDERS.length,
  providers: Object.fromEntries(PROVIDERS.map((name) => [name, provider(fiml)])),
});

/** Null: there is no such provider. */
export const providerHealth = (fiml: Fiml, name: string) =>
  PROVIDERS.includes(name) ? { status: 'healthy', provider: name, ...provider(fiml) } : null;
