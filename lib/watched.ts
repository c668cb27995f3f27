import { Counter, Gauge } from 'k6/metrics';

// What the server monitor sees. Apart from it, since k6 makes metrics before the load only, and the monitor comes later.
export const rssBytes = new Gauge('fiml_server_rss_bytes');
export const startTime = new Gauge('fiml_server_start_time');
export const cpuShare = new Gauge('fiml_server_cpu_share');
export const hitRate = new Gauge('fiml_cache_hit_rate');
export const cacheReads = new Counter('fiml_cache_reads');
export const unmeasurable = new Counter('fiml_unmeasurable');
