import { type Comparison, get } from './comparison';

/** Prometheus families by kind. Those of sessions and watchdogs appear only once something asked for them. */
const FAMILIES: Readonly<Record<string, string>> = {
  fiml_requests_total: 'counter',
  fiml_request_duration_seconds: 'histogram',
  fiml_active_requests: 'gauge',
  fiml_cache_hits_total: 'counter',
  fiml_cache_misses_total: 'counter',
  fiml_cache_latency_seconds: 'histogram',
  fiml_cache_hit_rate: 'gauge',
  fiml_cache_size_bytes: 'gauge',
  fiml_cache_evictions_total: 'counter',
  fiml_provider_requests_total: 'counter',
  fiml_provider_latency_seconds: 'histogram',
  fiml_slow_queries_total: 'counter',
  fiml_task_completion_rate: 'gauge',
  fiml_narrative_generation_seconds: 'histogram',
  fiml_dsl_execution_seconds: 'histogram',
  process_resident_memory_bytes: 'gauge',
  process_start_time_seconds: 'gauge',
  process_cpu_seconds_total: 'counter',
  process_open_fds: 'gauge',
  python_gc_collections_total: 'counter',
};
const SOMETIMES = /^fiml_(sessions?_|watchdog_|.*_created$)/;
const ONE = 'process_start_time_seconds';

/** The Prometheus page: its redirect, its form, its families, and the filter by name. */
export async function metricsRoutes(comparison: Comparison): Promise<void> {
  await redirect(comparison);
  const route = 'GET /metrics/';
  const page = await comparison.ask(route, get('/metrics/'), [200]);
  if (page !== null && page.status === 200) {
    const type = page.headers['content-type'] ?? '';
    if (!/^text\/plain;\s*version=0\.0\.4/.test(type)) {
      comparison.differ(route, 'content-type', 'text/plain; version=0.0.4', type === '' ? 'nothing' : type);
    }
    families(comparison, route, page.text);
  }
  await filter(comparison);
}

async function redirect(comparison: Comparison): Promise<void> {
  const route = 'GET /metrics';
  const reply = await comparison.ask(route, get('/metrics'), [307]);
  if (reply === null) return;
  const location = reply.headers.location ?? 'nothing';
  if (!location.endsWith('/metrics/')) comparison.differ(route, 'location', '/metrics/', location);
}

function families(comparison: Comparison, route: string, page: string): void {
  const kinds = new Map([...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => [name, kind]));
  for (const [name, kind] of Object.entries(FAMILIES)) {
    const found = kinds.get(name) ?? 'nothing';
    if (found !== kind) comparison.differ(route, name, `a ${kind}`, found);
  }
  for (const name of kinds.keys()) {
    if (name.startsWith('fiml_') && !(name in FAMILIES) && !SOMETIMES.test(name)) comparison.extra(route, name);
  }
}

async function filter(comparison: Comparison): Promise<void> {
  const route = 'GET /metrics/?name[]=…';
  const page = await comparison.ask(route, get(`/metrics/?name%5B%5D=${ONE}`), [200]);
  if (page === null || page.status !== 200) return;
  const samples = page.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const other = samples.find((line) => !line.startsWith(`${ONE} `));
  if (samples.length !== 1 || other !== undefined) {
    comparison.differ(route, 'samples', `one of ${ONE}`, other ?? `${samples.length} samples`);
  }
}
