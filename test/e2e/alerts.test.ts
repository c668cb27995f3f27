import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertName, alertRules } from '../../dashboards/rules';
import { BASE_UNITS, isOverTime, TARGETS } from '../../thresholds';
import { repository, temporaryFolder } from '../support/cli';
import { describeWithPrograms } from '../support/programs';

interface InputSeries {
  readonly series: string;
  /** In promtool's notation, a value every five seconds. */
  readonly values: string;
}

/** What raises an alert, and what is just not enough to: the first names it `bad`, the second `good`. */
interface Case {
  readonly name: string;
  readonly alert: string;
  readonly input: readonly InputSeries[];
  /** Labels that tell the raised one; the good one has them with `good`. */
  readonly labels: Readonly<Record<string, string>>;
}

const LENGTH = 60;
const constant = (series: string, value: number): InputSeries => ({ series, values: `${value}+0x${LENGTH}` });
const counting = (series: string, step: number): InputSeries => ({ series, values: `0+${step}x${LENGTH}` });
/** What was well at first. */
const lost = (series: string, value: number): InputSeries => ({ series, values: `1+0x3 ${value}+0x${LENGTH}` });
/** Both, told apart by a label. */
const pair = (series: string, label: string, bad: number, good: number, make = constant): InputSeries[] =>
  [['bad', bad] as const, ['good', good] as const].map(([side, value]) =>
    make(series.replace('}', `${series.endsWith('{}') ? '' : ','}${label}="${side}"}`), value),
  );
const ofRun = (series: string, bad: number, good: number, make = constant) => pair(series, 'testid', bad, good, make);
const ofServer = (series: string, bad: number, good: number, make = constant) =>
  pair(series, 'instance', bad, good, make);
/** A limit itself is missed; a hair on its good side is not. */
const beyond = (limit: number, operator: '<' | '>'): [bad: number, good: number] => [
  limit,
  limit * (operator === '<' ? 0.999 : 1.001),
];

const targets: Case[] = TARGETS.filter(({ severity }) => severity !== 'info').map((target) => {
  const { suffix, factor } = BASE_UNITS[target.unit];
  const limit = target.limit * factor;
  const [bad, good] = beyond(limit, target.operator);
  const of = `{target="${target.id}"}`;
  return {
    name: target.id,
    alert: alertName(target),
    labels: { testid: 'bad' },
    input: isOverTime(target.statistic)
      ? [
          constant(`fiml_perf_target_${suffix}{target="${target.id}",verdict="FAIL",testid="bad"}`, bad),
          constant(`fiml_perf_target_${suffix}{target="${target.id}",verdict="PASS",testid="good"}`, good),
        ]
      : [
          ...ofRun(`fiml_perf:target_${suffix}${of}`, bad, good),
          ...ofRun(`fiml_perf_target_limit_${suffix}${of}`, limit, limit),
        ],
  };
});

const saturated = (reason: string, input: readonly InputSeries[]): Case => ({
  name: `saturated, ${reason}`,
  alert: 'FimlPerfRunSaturated',
  labels: { testid: 'bad', reason },
  input,
});
const ended = (name: string, alert: string, verdict: string): Case => ({
  name,
  alert,
  labels: { testid: 'bad' },
  input: [
    constant(`fiml_perf_ended_timestamp_seconds{verdict="${verdict}",testid="bad"}`, 1),
    constant('fiml_perf_ended_timestamp_seconds{verdict="PASS",testid="good"}', 1),
  ],
});
const server = (name: string, alert: string, input: readonly InputSeries[]): Case => ({
  name,
  alert,
  labels: { instance: 'bad' },
  input,
});

const CASES: readonly Case[] = [
  ...targets,
  saturated('cpu', ofRun('fiml_perf_generator_cpu_ratio{}', 0.86, 0.84)),
  saturated('dropped', [
    ...ofRun('k6_iterations_total{scenario="traffic",phase="steady"}', 980, 995, counting),
    ...ofRun('k6_dropped_iterations_total{scenario="traffic"}', 20, 5, counting),
  ]),
  saturated('users', [...ofRun('k6_vus{}', 10, 9), ...ofRun('k6_vus_max{}', 10, 10)]),
  ended('failed', 'FimlPerfRunFailed', 'FAIL'),
  ended('invalid', 'FimlPerfRunInvalid', 'INVALID'),
  server('down', 'FimlServerDown', [
    ...ofServer('up{job="fiml"}', 0, 1, lost),
    constant('up{job="fiml",instance="never there"}', 0),
  ]),
  server('hit rate', 'FimlServerCacheHitRate', [
    ...ofServer('fiml_cache_hits_total{cache_level="l1"}', 80, 81, counting),
    ...ofServer('fiml_cache_misses_total{cache_level="l1"}', 20, 19, counting),
  ]),
  server('cache latency', 'FimlServerCacheLatency', [
    ...ofServer('fiml_cache_latency_seconds_bucket{le="0.05"}', 0, 90, counting),
    ...ofServer('fiml_cache_latency_seconds_bucket{le="0.1"}', 94, 99, counting),
    ...ofServer('fiml_cache_latency_seconds_bucket{le="0.25"}', 100, 100, counting),
    ...ofServer('fiml_cache_latency_seconds_bucket{le="+Inf"}', 100, 100, counting),
  ]),
  server('slow requests', 'FimlServerSlowRequests', [
    ...ofServer('fiml_request_duration_seconds_bucket{le="1.0"}', 980, 995, counting),
    ...ofServer('fiml_request_duration_seconds_count{}', 1000, 1000, counting),
  ]),
];

const rules = (): string[] => alertRules().groups.flatMap((group) => group.rules.map(({ alert }) => alert));

test('every alert has a case', () => {
  expect([...new Set(CASES.map(({ alert }) => alert))].sort()).toEqual([...new Set(rules())].sort());
});

describeWithPrograms(['promtool'], 'promtool test rules', () => {
  const folder = temporaryFolder('alerts');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const promtool = (cases: readonly Case[]) => {
    const file = join(folder, 'test.json');
    const tests = cases.map(({ name, alert, input, labels }) => ({
      name,
      interval: '5s',
      input_series: input,
      promql_expr_test: [
        {
          expr: `count by (${['alertname', ...Object.keys(labels)].join(', ')}) (ALERTS{alertname="${alert}",alertstate="firing"})`,
          eval_time: '4m',
          exp_samples: [
            {
              labels: `{${Object.entries({ alertname: alert, ...labels })
                .map(([label, value]) => `${label}="${value}"`)
                .join(', ')}}`,
              value: 1,
            },
          ],
        },
      ],
    }));
    const rule_files = [join(repository, 'dashboards/rules/alerts.yml')];
    writeFileSync(file, JSON.stringify({ rule_files, evaluation_interval: '5s', tests }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };

  test('each alert is raised by what is beyond its limit, and not by what is just within', () => {
    expect(promtool(CASES)).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
  });

  test('a case that expects the wrong one is found out', () => {
    const [first] = CASES as readonly [Case];
    expect(promtool([{ ...first, labels: { testid: 'good' } }])).toMatchObject({ status: 1 });
  });
});
