import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { BASE_UNITS, SERIES, TARGETS, type Target } from '../thresholds';
import { annotation, dashboard, judgedTargets, limitOf, overTime, rows, runVariable, UNIT, value } from './panels';
import { ANSWERED, JUDGED, series, TRAFFIC, targetQuery } from './promql';

const RUN = 'testid="$testid"';
const of = (metric: string, ...matching: string[]): string => series(metric, [RUN, ...matching]);
const rate = (metric: string, ...matching: string[]): string => `rate(${of(metric, ...matching)}[$__rate_interval])`;
const total = (metric: string, ...matching: string[]): string => `last_over_time(${of(metric, ...matching)}[$__range])`;
const quantile = (q: number, by: string, ...matching: string[]): string =>
  `histogram_quantile(${q}, sum${by} (${rate('k6_http_req_duration_seconds', ...matching, ...ANSWERED)}))`;

const unitOf = ({ unit }: Target): string => {
  const { suffix } = BASE_UNITS[unit];
  return suffix === 'per_second' ? UNIT.perSecond : UNIT[suffix];
};

/** What the value of a target is now, as the judge would read it; green or red by the limit of `thresholds/`. */
function verdictInput(target: Target) {
  const query = targetQuery(target, [RUN], '$__range');
  if (query === null) return [];
  const limit = `${target.operator === '<' ? 'Below' : 'Above'} its limit it is green. ${target.why}`;
  return [value(target.title, limit, unitOf(target), [[query.value, target.id]]).thresholds(limitOf(target))];
}

const inForce = (scenario: string, profile: string): readonly Target[] =>
  TARGETS.filter(
    ({ scenarios, profiles, severity }) =>
      severity !== 'info' && scenarios.includes(scenario) && (profiles?.includes(profile) ?? true),
  );
const target = (id: string): Target => {
  const found = TARGETS.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no target ${id}`);
  return found;
};

/** Targets of everything but a normal day, each once. */
const STRESS = TARGETS.filter(
  (one) => one.severity !== 'info' && !inForce('load', 'smoke').includes(one) && targetQuery(one, []) !== null,
);

const FAILED_SHARE = (by: string) =>
  `(sum${by} (${rate('k6_fiml_failures_total', JUDGED)}) or 0 * sum${by} (${rate('k6_http_reqs_total', JUDGED, TRAFFIC)})) / sum${by} (${rate('k6_http_reqs_total', JUDGED, TRAFFIC)})`;

/** One run, while it goes on and afterwards. */
export function runDashboard(): DashboardBuilder {
  const board = dashboard(
    'fiml-perf-run',
    'fiml-perf · Run',
    'One run of fiml-perf, or of plain k6 with its bundles: live, and afterwards as long as Prometheus keeps it.',
  )
    .time({ from: 'now-30m', to: 'now' })
    .refresh('5s')
    .withVariable(runVariable('testid', 'Run'))
    .annotation(
      annotation(
        'Phases',
        'blue',
        // A phase's series are written every five seconds for as long as it lasts.
        `count by (phase) (timestamp(${of('k6_iterations_total', 'phase!=""')}) > time() - 6)`,
        '{{phase}}',
      ),
    )
    .annotation(
      annotation(
        'Faults',
        'red',
        `max by (event, fault) (timestamp(${of('k6_fiml_fault_events_total')})) * 1000`,
        'fault {{fault}} {{event}}',
      ).useValueForTime(true),
    )
    .withRow(new RowBuilder('What the verdict will be made of, so far'));
  for (const panel of inForce('load', 'smoke').flatMap(verdictInput)) board.withPanel(panel);
  return board
    .withRow(new RowBuilder('Latency'))
    .withPanel(
      overTime(
        'Cached queries',
        'Price queries for symbols that are in the cache. The line is the limit of their P95.',
        UNIT.seconds,
        [0.5, 0.95, 0.99].map((q) => [quantile(q, '', 'cache="hot"'), `P${q * 100}`]),
        target('p95-cached'),
      ),
    )
    .withPanel(
      overTime(
        'Interactive requests',
        'What a person waits for: price queries, polls and probes. The line is the limit of their P99.',
        UNIT.seconds,
        [0.5, 0.95, 0.99].map((q) => [quantile(q, '', 'op=~"price|poll|probe"'), `P${q * 100}`]),
        target('p99-api'),
      ),
    )
    .withPanel(
      overTime('P95 by operation', 'Answered requests only.', UNIT.seconds, [
        [quantile(0.95, ' by (name)', TRAFFIC), '{{name}}'],
      ]),
    )
    .withPanel(
      overTime(
        'Time to a DSL result',
        'From the request to the result, at once or as a task. The line is the limit of the P95.',
        UNIT.seconds,
        [[`histogram_quantile(0.95, sum (${rate('k6_fiml_dsl_duration_seconds')}))`, 'P95']],
        target('p95-dsl'),
      ),
    )
    .withPanel(
      rows(
        'Operations',
        'The whole run without its ramps. What came with a series’ first write, 5 s at most, is not in the quantiles.',
        { name: 'operation' },
        [
          {
            title: 'requests',
            unit: UNIT.count,
            expression: `sum by (name) (${total('k6_http_reqs_total', JUDGED, TRAFFIC)})`,
          },
          ...[0.5, 0.95, 0.99].map((q) => ({
            title: `P${q * 100}`,
            unit: UNIT.seconds,
            expression: `histogram_quantile(${q}, sum by (name) (rate(${of('k6_http_req_duration_seconds', JUDGED, TRAFFIC, ...ANSWERED)}[$__range])))`,
          })),
          {
            title: 'failed',
            unit: UNIT.count,
            expression: `sum by (name) (${total('k6_fiml_failures_total', JUDGED)}) or 0 * sum by (name) (${total('k6_http_reqs_total', JUDGED, TRAFFIC)})`,
          },
        ],
      ),
    )
    .withRow(new RowBuilder('Errors'))
    .withPanel(
      overTime(
        'Error rate',
        'Failures of all five layers as a share of requests, unrounded. The line is the limit.',
        UNIT.ratio,
        [[FAILED_SHARE(''), 'failed']],
        target('error-rate'),
      ),
    )
    .withPanel(
      overTime(
        'Failures by layer',
        'transport: no answer · http: status · envelope: tool error · inner: the answer’s own status · data: no data.',
        UNIT.perSecond,
        [[`sum by (layer) (${rate('k6_fiml_failures_total')}) or vector(0)`, '{{layer}}']],
      ),
    )
    .withPanel(
      rows('Reasons', 'Failures of the whole run.', { layer: 'layer', reason: 'reason', name: 'operation' }, [
        {
          title: 'failures',
          unit: UNIT.count,
          expression: `sum by (layer, reason, name) (${total('k6_fiml_failures_total')})`,
        },
      ]),
    )
    .withRow(new RowBuilder('Load and generator'))
    .withPanel(
      overTime(
        'Offered and achieved',
        'Iterations of the traffic. What was offered and not begun was dropped, since all virtual users were waiting.',
        UNIT.perSecond,
        [
          [
            `sum(${rate('k6_iterations_total', 'scenario="traffic"')}) + (sum(${rate('k6_dropped_iterations_total', 'scenario="traffic"')}) or vector(0))`,
            'offered',
          ],
          [`sum(${rate('k6_iterations_total', 'scenario="traffic"')})`, 'achieved'],
        ],
      ),
    )
    .withPanel(
      overTime('Requests', 'Without the suite’s own looks at the server.', UNIT.perSecond, [
        [`sum by (op) (${rate('k6_http_reqs_total', TRAFFIC)})`, '{{op}}'],
      ]),
    )
    .withPanel(
      overTime(
        'Virtual users',
        'When all are busy iterations have to wait, and latencies are those of a queue.',
        UNIT.count,
        [
          [`max(${of('k6_vus')})`, 'busy'],
          [`max(${of('k6_vus_max')})`, 'there are'],
        ],
      ),
    )
    .withPanel(
      overTime(
        'Generator',
        'Share of its CPU that k6 uses (only runs of fiml-perf), iterations dropped and requests without an answer.',
        UNIT.ratio,
        [
          [`max(${of(SERIES.generatorCpu)})`, 'CPU of k6'],
          [
            `(sum(${rate('k6_dropped_iterations_total')}) or vector(0)) / (sum(${rate('k6_iterations_total')}) + (sum(${rate('k6_dropped_iterations_total')}) or vector(0)))`,
            'dropped',
          ],
          [
            `(sum(${rate('k6_http_reqs_total', JUDGED, 'status="0"')}) or vector(0)) / sum(${rate('k6_http_reqs_total', JUDGED)})`,
            'unanswered',
          ],
        ],
      ),
    )
    .withRow(new RowBuilder('What the load saw of the server'))
    .withPanel(
      overTime(
        'Cache hit rate',
        'By the server’s own counters, since the phase’s start. The line is the limit.',
        UNIT.ratio,
        [[`max by (phase) (${of('k6_fiml_cache_hit_rate')})`, '{{phase}}']],
        target('cache-hit-rate'),
      ).max(1),
    )
    .withPanel(
      overTime(
        'Providers and tasks',
        'The server’s own figures of them never move: these are what clients got.',
        UNIT.ratio,
        [
          [`max by (phase) (${of('k6_fiml_provider_ok_rate', 'scenario="traffic"')})`, 'providers answer, {{phase}}'],
          [`max by (phase) (${of('k6_fiml_task_completed_rate', 'scenario="traffic"')})`, 'tasks completed, {{phase}}'],
        ],
      ).max(1),
    )
    .withPanel(
      overTime('Memory of the server', 'Resident memory, as the server tells it.', UNIT.bytes, [
        [`max(${of('k6_fiml_server_rss_bytes')})`, 'resident'],
      ]),
    )
    .withPanel(
      overTime('CPU of the server', 'A FIML process can use one core.', UNIT.count, [
        [`max(${of('k6_fiml_server_cpu_share')})`, 'cores'],
      ]),
    )
    .withRow(new RowBuilder('The verdict, when the run is over'))
    .withPanel(
      judgedTargets(
        'Targets',
        'As judged: what drifts, recovers or leaks can only be told at the end.',
        { target: 'target', verdict: 'verdict' },
        (metric) => `max by (target, verdict) (${total(metric)})`,
      ),
    )
    .withRow(stressRow());
}

/** Closed, since of each run's only a few have a value. */
const stressRow = (): RowBuilder =>
  STRESS.flatMap(verdictInput).reduce(
    (row, panel) => row.withPanel(panel),
    new RowBuilder('Targets of peak, spike, components, memory and faults, so far').collapsed(true),
  );
