import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { TARGETS } from '../thresholds';
import { dashboard, overTime, UNIT, value, variable } from './panels';
import { series } from './promql';

const INSTANCE = 'instance=~"$instance"';
const rate = (metric: string, ...matching: string[]): string =>
  `rate(${series(metric, [INSTANCE, ...matching])}[$__rate_interval])`;
/** The server writes numbers of bucket bounds as Python does, newer Prometheus normalises them. */
const ONE_SECOND = 'le=~"1(\\\\.0)?"';

const target = (id: string) => TARGETS.find((one) => one.id === id);
/** Looking at the counters is none of what users ask for. */
const USERS = 'endpoint!~"/metrics.*"';

const HITS = `sum(${rate('fiml_cache_hits_total')})`;
const MISSES = `sum(${rate('fiml_cache_misses_total')})`;

/**
 * What a FIML server says of itself and can be believed. It also has metrics of providers, tasks, narratives, DSL, slow
 * queries and evictions, which nothing ever moves: those figures are on the run's dashboard, as clients see them.
 */
export function serverDashboard(): DashboardBuilder {
  return dashboard(
    'fiml-perf-server',
    'fiml-perf · Server',
    'FIML’s own metrics, by a scrape of /metrics/. Only what the server really counts: providers, tasks, narratives and DSL are on the run’s dashboard.',
  )
    .time({ from: 'now-30m', to: 'now' })
    .refresh('10s')
    .withVariable(
      variable('instance', 'Server', 'label_values(fiml_active_requests, instance)')
        .multi(true)
        .includeAll(true)
        .allValue('.+'),
    )
    .withPanel(
      value('Up', 'Whether the last scrape was answered.', UNIT.count, [[`min(up{job="fiml",${INSTANCE}})`, 'up']]),
    )
    .withPanel(
      value('Restarts', 'How often the process’ start changed.', UNIT.count, [
        [`sum(changes(${series('process_start_time_seconds', ['job="fiml"', INSTANCE])}[$__range]))`, 'restarts'],
      ]),
    )
    .withRow(new RowBuilder('Requests'))
    .withPanel(
      overTime(
        'Requests by status',
        'As the server counts them: an unhandled error counts as 200 here, and most failures are answered with 200. The run’s dashboard has failures by layer.',
        UNIT.perSecond,
        [[`sum by (status) (${rate('fiml_requests_total', USERS)})`, '{{status}}']],
      ),
    )
    .withPanel(
      overTime('Requests by endpoint', 'The ten busiest.', UNIT.perSecond, [
        [`topk(10, sum by (method, endpoint) (${rate('fiml_requests_total', USERS)}))`, '{{method}} {{endpoint}}'],
      ]),
    )
    .withPanel(
      overTime(
        'Duration',
        'By the server’s histogram, whose bounds are 10, 50, 100, 200, 500 ms and more: between two of them it is interpolated.',
        UNIT.seconds,
        [0.5, 0.95, 0.99].map((q) => [
          `histogram_quantile(${q}, sum by (le) (${rate('fiml_request_duration_seconds_bucket', USERS)}))`,
          `P${q * 100}`,
        ]),
      ),
    )
    .withPanel(
      overTime('Slow requests', 'Those that took more than 1 s.', UNIT.perSecond, [
        [
          // Each side is extrapolated by itself: without any slow one the difference may be a little less than nothing.
          `clamp_min(sum(${rate('fiml_request_duration_seconds_count', USERS)}) - sum(${rate('fiml_request_duration_seconds_bucket', USERS, ONE_SECOND)}), 0)`,
          'over 1 s',
        ],
      ]),
    )
    .withPanel(
      overTime('Requests under way', 'The scrape itself is one of them.', UNIT.count, [
        [`sum(${series('fiml_active_requests', [INSTANCE])})`, 'active'],
      ]),
    )
    .withRow(new RowBuilder('Cache'))
    .withPanel(
      overTime(
        'Cache hit rate',
        'L1, prices: nothing else is read through the cache. The line is the limit.',
        UNIT.ratio,
        [[`${HITS} / (${HITS} + (${MISSES} or vector(0)))`, 'hits']],
        target('cache-hit-rate'),
      ).max(1),
    )
    .withPanel(
      overTime(
        'Cache latency',
        'Reads of L1, hits and misses. The line is the limit of the P95.',
        UNIT.seconds,
        [0.5, 0.95, 0.99].map((q) => [
          `histogram_quantile(${q}, sum by (le) (${rate('fiml_cache_latency_seconds_bucket')}))`,
          `P${q * 100}`,
        ]),
        target('component-l1'),
      ),
    )
    .withPanel(
      overTime('Cache reads', 'Of L1.', UNIT.perSecond, [
        [HITS, 'hits'],
        [`${MISSES} or vector(0)`, 'misses'],
      ]),
    )
    .withRow(new RowBuilder('Process'))
    .withPanel(
      overTime('Memory', 'Resident memory.', UNIT.bytes, [
        [series('process_resident_memory_bytes', ['job="fiml"', INSTANCE]), '{{instance}}'],
      ]),
    )
    .withPanel(
      overTime('CPU', 'A FIML process can use one core.', UNIT.count, [
        [rate('process_cpu_seconds_total', 'job="fiml"'), '{{instance}}'],
      ]),
    )
    .withPanel(
      overTime('File descriptors', 'Open ones: connections that are not closed show here first.', UNIT.count, [
        [series('process_open_fds', ['job="fiml"', INSTANCE]), '{{instance}}'],
      ]),
    );
}
