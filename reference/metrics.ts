import { readdirSync } from 'node:fs';
import { writeFloat } from './json';

const REQUEST_BUCKETS_S = [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const CACHE_BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const SESSION_BUCKETS_S = [0.1, 0.5, 1, 2, 5, 10, 30];
/** Hits whose latency `/api/metrics/cache` looks back on. */
const KEPT_LATENCIES = 1000;
/** Second workers start this much later than the ones before them, s: a start time tells them apart. */
const WORKER_START_GAP_S = 0.25;

class Histogram {
  readonly counts: number[];
  sum = 0;
  count = 0;
  constructor(readonly bucketsS: readonly number[]) {
    this.counts = bucketsS.map(() => 0);
  }
  observe(valueS: number): void {
    this.sum += valueS;
    this.count++;
    const index = this.bucketsS.findIndex((limit) => valueS <= limit);
    if (index >= 0) this.counts[index] = (this.counts[index] ?? 0) + 1;
  }
}

interface RouteCount {
  readonly labels: string;
  readonly byStatus: Map<number, number>;
  readonly duration: Histogram;
}

/** One worker's counters. Nothing of them is shared with another's, as between processes. */
export class Metrics {
  hits = 0;
  misses = 0;
  providerErrors = 0;
  active = 0;
  readonly startTimeS: number;
  /** Latencies of the latest hits, ms. */
  readonly hitLatenciesMs: number[] = [];
  /** The families of sessions and watchdogs appear once they were asked about. */
  sessionsSeen = false;
  watchdogsSeen = false;
  private cacheHitRate = 0;
  private readonly cacheLatency = new Histogram(CACHE_BUCKETS_S);
  private readonly routes = new Map<string, RouteCount>();

  constructor(workerIndex: number) {
    const startedAtS = Date.now() / 1000 - process.uptime();
    this.startTimeS = Math.round((startedAtS + workerIndex * WORKER_START_GAP_S) * 100) / 100;
  }

  /** Counts a read of a price through the L1 cache. */
  cacheRead(hit: boolean, latencyMs: number): void {
    this.cacheLatency.observe(latencyMs / 1000);
    if (!hit) {
      this.misses++;
      return;
    }
    this.hitLatenciesMs[this.hits % KEPT_LATENCIES] = latencyMs;
    this.hits++;
  }

  /** @param path as it was asked for: the page grows by every path that ever was, as the real one does. */
  request(method: string, path: string, status: number, durationMs: number): void {
    const key = `${method} ${path}`;
    let route = this.routes.get(key);
    if (route === undefined) {
      const labels = `endpoint="${escapeLabel(path)}",method="${method}"`;
      route = { labels, byStatus: new Map(), duration: new Histogram(REQUEST_BUCKETS_S) };
      this.routes.set(key, route);
    }
    route.byStatus.set(status, (route.byStatus.get(status) ?? 0) + 1);
    route.duration.observe(durationMs / 1000);
  }

  hitRatePercent(): number {
    const reads = this.hits + this.misses;
    return reads === 0 ? 0 : (100 * this.hits) / reads;
  }

  /** The gauge of the hit rate moves only when `/api/metrics/cache` is asked for. */
  refreshHitRate(): void {
    this.cacheHitRate = this.hitRatePercent();
  }

  /** The Prometheus page. @param names samples to keep (`name[]`); empty: all. */
  exposition(names: ReadonlySet<string>): string {
    return this.families()
      .map((family) => family.text(names))
      .join('');
  }

  private families(): Family[] {
    const cpu = process.cpuUsage();
    const created = this.startTimeS;
    const price = 'cache_level="l1",data_type="price"';
    const families = [
      new Family('python_gc_collections', 'counter', 'Number of times this generation was collected').counter(
        [0, 1, 2].map((generation) => [`generation="${generation}"`, 0]),
      ),
      new Family('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.').gauge(
        process.memoryUsage.rss(),
      ),
      new Family('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.').gauge(
        this.startTimeS,
      ),
      new Family('process_cpu_seconds', 'counter', 'Total user and system CPU time spent in seconds.').counter([
        ['', (cpu.user + cpu.system) / 1e6],
      ]),
      new Family('process_open_fds', 'gauge', 'Number of open file descriptors.').gauge(openFiles()),
      new Family('fiml_requests', 'counter', 'Requests').counter(
        [...this.routes.values()].flatMap(({ labels, byStatus }) =>
          [...byStatus].map(([status, count]): [string, number] => [`${labels},status="${status}"`, count]),
        ),
        created,
      ),
      new Family('fiml_request_duration_seconds', 'histogram', 'Request duration').histogram(
        [...this.routes.values()].map(({ labels, duration }) => [labels, duration]),
        created,
      ),
      new Family('fiml_active_requests', 'gauge', 'Active requests').gauge(this.active),
      new Family('fiml_cache_hits', 'counter', 'Cache hits').counter(
        this.hits > 0 ? [[price, this.hits]] : [],
        created,
      ),
      new Family('fiml_cache_misses', 'counter', 'Cache misses').counter(
        this.misses > 0 ? [[price, this.misses]] : [],
        created,
      ),
      new Family('fiml_cache_latency_seconds', 'histogram', 'Cache latency').histogram(
        this.cacheLatency.count > 0 ? [[`${price},operation="get"`, this.cacheLatency]] : [],
        created,
      ),
      new Family('fiml_cache_hit_rate', 'gauge', 'Cache hit rate').gauge(this.cacheHitRate, 'data_type="price"'),
      new Family('fiml_cache_size_bytes', 'gauge', 'Cache size'),
      new Family('fiml_cache_evictions', 'counter', 'Cache evictions'),
      new Family('fiml_provider_requests', 'counter', 'Provider requests'),
      new Family('fiml_provider_latency_seconds', 'histogram', 'Provider latency'),
      new Family('fiml_slow_queries', 'counter', 'Slow queries'),
      new Family('fiml_task_completion_rate', 'gauge', 'Task completion rate').gauge(0),
      new Family('fiml_narrative_generation_seconds', 'histogram', 'Narrative generation'),
      new Family('fiml_dsl_execution_seconds', 'histogram', 'DSL execution'),
    ];
    if (this.sessionsSeen) families.push(...zeroFamilies(SESSION_FAMILIES, created));
    if (this.watchdogsSeen) families.push(...zeroFamilies(WATCHDOG_FAMILIES, created));
    return families;
  }
}

type Sample = readonly [labels: string, value: number];
type Kind = 'counter' | 'gauge' | 'histogram';

const SESSION_FAMILIES: readonly (readonly [string, Kind])[] = [
  ['fiml_sessions_created', 'counter'],
  ['fiml_sessions_active_total', 'gauge'],
  ['fiml_sessions_abandoned', 'counter'],
  ['fiml_session_duration_seconds', 'histogram'],
  ['fiml_session_queries', 'counter'],
];
const WATCHDOG_FAMILIES: readonly (readonly [string, Kind])[] = [
  ['fiml_watchdog_events', 'counter'],
  ['fiml_watchdog_checks', 'counter'],
  ['fiml_watchdog_errors', 'counter'],
  ['fiml_watchdog_active', 'gauge'],
  ['fiml_watchdog_healthy', 'gauge'],
  ['fiml_watchdog_uptime_seconds', 'gauge'],
  ['fiml_watchdog_success_rate', 'gauge'],
  ['fiml_watchdog_detection_rate', 'gauge'],
];

const zeroFamilies = (list: readonly (readonly [string, Kind])[], created: number): Family[] =>
  list.map(([name, kind]) => {
    const family = new Family(name, kind, name);
    if (kind === 'counter') return family.counter([['', 0]], created);
    return kind === 'gauge' ? family.gauge(0) : family.histogram([['', new Histogram(SESSION_BUCKETS_S)]], created);
  });

/** One metric of the page: its samples under each name that they have there. */
class Family {
  private readonly samples: (readonly [name: string, labels: string, value: number])[] = [];
  constructor(
    private readonly name: string,
    private readonly kind: Kind,
    private readonly help: string,
  ) {}

  gauge(value: number, labels = ''): this {
    this.samples.push([this.name, labels, value]);
    return this;
  }

  /** @param createdS adds the `_created` gauges; the process' own counters have none. */
  counter(samples: readonly Sample[], createdS?: number): this {
    for (const [labels, value] of samples) this.samples.push([`${this.name}_total`, labels, value]);
    if (createdS !== undefined)
      for (const [labels] of samples) this.samples.push([`${this.name}_created`, labels, createdS]);
    return this;
  }

  histogram(histograms: readonly (readonly [string, Histogram])[], createdS: number): this {
    for (const [labels, { bucketsS, counts, sum, count }] of histograms) {
      const before = labels === '' ? '' : `${labels},`;
      let below = 0;
      bucketsS.forEach((limit, index) => {
        below += counts[index] ?? 0;
        this.samples.push([`${this.name}_bucket`, `${before}le="${writeFloat(limit)}"`, below]);
      });
      this.samples.push([`${this.name}_bucket`, `${before}le="+Inf"`, count]);
      this.samples.push([`${this.name}_count`, labels, count], [`${this.name}_sum`, labels, sum]);
      this.samples.push([`${this.name}_created`, labels, createdS]);
    }
    return this;
  }

  text(names: ReadonlySet<string>): string {
    const kept = names.size === 0 ? this.samples : this.samples.filter(([name]) => names.has(name));
    if (names.size > 0 && kept.length === 0) return '';
    const shown = this.kind === 'counter' ? `${this.name}_total` : this.name;
    const main = kept.filter(([name]) => !name.endsWith('_created')).map(line);
    const created = kept.filter(([name]) => name.endsWith('_created'));
    const tail =
      created.length === 0
        ? ''
        : `# HELP ${this.name}_created ${this.help}\n# TYPE ${this.name}_created gauge\n${created.map(line).join('')}`;
    return `# HELP ${shown} ${this.help}\n# TYPE ${shown} ${this.kind}\n${main.join('')}${tail}`;
  }
}

const line = ([name, labels, value]: readonly [string, string, number]): string =>
  `${name}${labels === '' ? '' : `{${labels}}`} ${writeFloat(value)}\n`;

const escapeLabel = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    // Only Linux lists them.
    return 0;
  }
}
