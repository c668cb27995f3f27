import { Counter, Gauge, Rate } from 'k6/metrics';

// What the server monitor and the probes see. Apart from them, since k6 makes metrics before the load only, and they come later.
export const { add: addRssBytes } = new Gauge('fiml_server_rss_bytes');
export const { add: addStartTime } = new Gauge('fiml_server_start_time');
export const { add: addCpuShare } = new Gauge('fiml_server_cpu_share');
export const { add: addHitRate } = new Gauge('fiml_cache_hit_rate');
export const { add: addCacheReads } = new Counter('fiml_cache_reads');
export const { add: addUp } = new Rate('fiml_up');
export const { add: addUnmeasurable } = new Counter('fiml_unmeasurable');
