import { BASE_UNITS, CPU_CEILING, MISSING_ALLOWED, minimumSamples, SERIES, TARGETS, type Target } from '../thresholds';
import { baseLimit, targetQuery } from './promql';

interface Rule {
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}
interface RecordingRule extends Rule {
  readonly record: string;
}
export interface AlertRule extends Rule {
  readonly alert: string;
  readonly for?: string;
  readonly annotations: { readonly summary: string; readonly description: string };
}
interface Group<R extends Rule> {
  readonly groups: readonly { readonly name: string; readonly interval: string; readonly rules: readonly R[] }[];
}

/** As often as k6 writes. */
const INTERVAL = '5s';
/** For so long a limit must be missed: two of k6's writes in a row. */
const MISSED_FOR = '10s';

const SEVERITIES = { fail: 'critical', warn: 'warning', info: 'info' } as const;

const judged = TARGETS.filter(({ severity }) => severity !== 'info');
const live = judged.filter((target) => targetQuery(target, []) !== null);
const atTheEnd = judged.filter((target) => !live.includes(target));

const recordOf = ({ unit }: Target): string => `fiml_perf:target_${BASE_UNITS[unit].suffix}`;

/** What each target's value is so far, once there are as many samples as could prove it. */
export const recordingRules = (): Group<RecordingRule> => ({
  groups: [
    {
      name: 'fiml-perf-targets',
      interval: INTERVAL,
      rules: live.flatMap((target) => {
        const query = targetQuery(target, []);
        return query === null
          ? []
          : [
              {
                record: recordOf(target),
                expr: `(${query.value}) and on (testid) (${query.samples} >= ${minimumSamples(target)})`,
                labels: { target: target.id },
              },
            ];
      }),
    },
  ],
});

/**
 * An alert for each target: while the load runs against the limits that the run has told, so that a run with limits of its
 * own is held to those, and for what only the judge can tell when it has. Beside them what spoils a measurement, and what
 * the server says of itself.
 */
export const alertRules = (): Group<AlertRule> => ({
  groups: [
    { name: 'fiml-perf-targets', interval: INTERVAL, rules: [...live.map(liveAlert), ...atTheEnd.map(finalAlert)] },
    { name: 'fiml-perf-runs', interval: INTERVAL, rules: [...saturated(), ...verdicts()] },
    { name: 'fiml-server', interval: INTERVAL, rules: server() },
  ],
});

/** `FimlP95Cached`. */
export const alertName = ({ id }: Pick<Target, 'id'>): string =>
  `Fiml${id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}`;

function liveAlert(target: Target): AlertRule {
  const { suffix } = BASE_UNITS[target.unit];
  const missed = target.operator === '<' ? '>=' : '<=';
  return {
    alert: alertName(target),
    expr: `${recordOf(target)}{target="${target.id}"} ${missed} on (testid, target) ${SERIES.limit}_${suffix}{target="${target.id}"}`,
    for: MISSED_FOR,
    labels: { severity: SEVERITIES[target.severity] },
    annotations: {
      summary: `${target.title}: {{ $value }} ${suffix} in {{ $labels.testid }}`,
      description: `${claimOf(target)} ${target.why} (${target.source})`,
    },
  };
}

function finalAlert(target: Target): AlertRule {
  const { suffix } = BASE_UNITS[target.unit];
  return {
    alert: alertName(target),
    expr: `${SERIES.target}_${suffix}{target="${target.id}",verdict=~"FAIL|WARN"}`,
    labels: { severity: SEVERITIES[target.severity] },
    annotations: {
      summary: `${target.title}: {{ $value }} ${suffix} in {{ $labels.testid }}`,
      description: `${claimOf(target)} ${target.why} (${target.source})`,
    },
  };
}

const claimOf = (target: Target): string =>
  `Must be ${target.operator === '<' ? 'below' : 'above'} ${baseLimit(target)} ${BASE_UNITS[target.unit].suffix} unless the run has a limit of its own.`;

/** A generator that is the limit measures itself. */
function saturated(): AlertRule[] {
  const dropped = 'sum by (testid) (rate(k6_dropped_iterations_total[30s]))';
  const done = 'sum by (testid) (rate(k6_iterations_total[30s]))';
  const because = (reason: string, expr: string, description: string): AlertRule => ({
    alert: 'FimlPerfRunSaturated',
    expr,
    for: MISSED_FOR,
    labels: { severity: 'critical', reason },
    annotations: { summary: `{{ $labels.testid }}: the run is saturated (${reason})`, description },
  });
  return [
    because(
      'cpu',
      `avg by (testid) (avg_over_time(${SERIES.generatorCpu}[30s])) > ${CPU_CEILING}`,
      'k6 has no CPU left: what it measures is its own queue. Give it a machine of its own, or a lower rate.',
    ),
    because(
      'dropped',
      `${dropped} / (${dropped} + ${done}) > ${MISSING_ALLOWED}`,
      'Iterations do not begin when they are due, since all virtual users wait for an answer.',
    ),
    because(
      'users',
      'max by (testid) (k6_vus) >= max by (testid) (k6_vus_max)',
      'All virtual users are busy at once: iterations have to wait for one.',
    ),
  ];
}

const verdicts = (): AlertRule[] => [
  {
    alert: 'FimlPerfRunFailed',
    expr: `${SERIES.ended}{verdict=~"FAIL|REGRESSED"}`,
    labels: { severity: 'critical' },
    annotations: { summary: '{{ $labels.testid }}: {{ $labels.verdict }}', description: 'fiml-perf report says why.' },
  },
  {
    alert: 'FimlPerfRunInvalid',
    expr: `${SERIES.ended}{verdict="INVALID"}`,
    labels: { severity: 'warning' },
    annotations: {
      summary: '{{ $labels.testid }} cannot be judged',
      description: 'fiml-perf report says what spoiled the measurement.',
    },
  },
];

const targetOf = (id: string): Target => {
  const target = TARGETS.find((one) => one.id === id);
  if (target === undefined) throw new Error(`there is no target ${id}`);
  return target;
};

/** What a scrape of the server alone can tell, with or without a load of ours. */
function server(): AlertRule[] {
  const perInstance = (metric: string) => `sum by (instance) (rate(${metric}[1m]))`;
  const hits = perInstance('fiml_cache_hits_total');
  const misses = perInstance('fiml_cache_misses_total');
  const reads = `(${hits} + (${misses} or 0 * ${hits}))`;
  const hitRate = targetOf('cache-hit-rate');
  const l1 = targetOf('component-l1');
  const alert = (name: string, expr: string, duration: string, summary: string, description: string): AlertRule => ({
    alert: name,
    expr,
    for: duration,
    labels: { severity: 'critical' },
    annotations: { summary: `{{ $labels.instance }}: ${summary}`, description },
  });
  return [
    alert(
      'FimlServerDown',
      'up{job="fiml"} == 0 and max_over_time(up{job="fiml"}[1h]) == 1',
      '15s',
      'no metrics',
      'The scrape of /metrics/ fails, and did not within the last hour.',
    ),
    alert(
      'FimlServerCacheHitRate',
      `${hits} / ${reads} <= ${baseLimit(hitRate)} and ${reads} > 1`,
      '1m',
      'cache hit rate {{ $value | humanizePercentage }}',
      `Must be above ${baseLimit(hitRate)} (${hitRate.source}), of at least one read a second.`,
    ),
    alert(
      'FimlServerCacheLatency',
      `histogram_quantile(0.95, sum by (instance, le) (rate(fiml_cache_latency_seconds_bucket[1m]))) >= ${baseLimit(l1)}`,
      '1m',
      'P95 of cache reads {{ $value | humanizeDuration }}',
      `Must be below ${baseLimit(l1)} s (${l1.source}).`,
    ),
    alert(
      'FimlServerSlowRequests',
      `1 - ${perInstance('fiml_request_duration_seconds_bucket{le=~"1(\\\\.0)?"}')} / ${perInstance('fiml_request_duration_seconds_count')} > ${MISSING_ALLOWED}`,
      '1m',
      '{{ $value | humanizePercentage }} of requests take more than 1 s',
      'guide: Metrics Available, Slow Queries',
    ),
  ];
}
