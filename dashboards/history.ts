import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { SERIES } from '../thresholds';
import { dashboard, judgedTargets, overTime, points, rows, UNIT, value, variable } from './panels';
import { series } from './promql';

const WHICH = ['test=~"$test"', 'profile=~"$profile"'];
/** Every run writes each of its series once, at its end. */
const of = (name: string, range: string, ...matching: string[]): string =>
  `last_over_time(${series(name, [...WHICH, ...matching])}[${range}])`;
const each = (name: string, ...matching: string[]): string =>
  `max by (testid, test, profile, measure, target) (${of(name, '$__interval', ...matching)})`;
const percentiles = (measure: string) =>
  points(
    overTime(
      measure.replace('.p', ', P'),
      'A point is a run. Whether the level changed is what fiml-perf history says.',
      UNIT.seconds,
      [[each(`${SERIES.measure}_seconds`, `measure="${measure}"`), '{{test}} {{profile}}']],
    ),
  );

/** Runs side by side, from what each wrote at its end. */
export const historyDashboard = (): DashboardBuilder =>
  dashboard(
    'fiml-perf-history',
    'fiml-perf · History',
    'Verdicts and figures of the runs that fiml-perf made with PERF_PROMETHEUS, one point a run.',
  )
    .time({ from: 'now-30d', to: 'now' })
    .withVariable(
      variable('test', 'Scenario', `label_values(${SERIES.ended}, test)`).multi(true).includeAll(true).allValue('.+'),
    )
    .withVariable(
      variable('profile', 'Profile', `label_values(${SERIES.ended}, profile)`)
        .multi(true)
        .includeAll(true)
        .allValue('.+'),
    )
    .withPanel(
      value('Runs by verdict', 'In this range.', UNIT.count, [
        [`count by (verdict) (${of(SERIES.ended, '$__range')})`, '{{verdict}}'],
      ]).span(24),
    )
    .withRow(new RowBuilder('Percentiles'))
    .withPanel(percentiles('price.p50'))
    .withPanel(percentiles('price.p95'))
    .withPanel(percentiles('price.p99'))
    .withPanel(
      points(
        overTime('dsl, mean', 'A point is a run.', UNIT.seconds, [
          [each(`${SERIES.measure}_seconds`, 'measure="dsl.mean"'), '{{test}} {{profile}}'],
        ]),
      ),
    )
    .withRow(new RowBuilder('Failures, throughput, memory'))
    .withPanel(
      points(
        overTime('Share of failures', 'Of the steady phase.', UNIT.ratio, [
          [each(`${SERIES.measure}_ratio`, 'measure="all.failures"'), '{{test}} {{profile}}'],
        ]),
      ),
    )
    .withPanel(
      points(
        overTime('Cache hit rate and other shares', 'Of the targets that are one.', UNIT.ratio, [
          [each(`${SERIES.target}_ratio`), '{{target}}, {{test}} {{profile}}'],
        ]),
      ),
    )
    .withPanel(
      points(
        overTime(
          'Throughput and capacity',
          'Answered requests, and the iterations that a rising load came to.',
          UNIT.perSecond,
          [
            [each(`${SERIES.measure}_per_second`), '{{measure}}, {{test}} {{profile}}'],
            [each(`${SERIES.target}_per_second`), '{{target}}, {{test}} {{profile}}'],
          ],
        ),
      ),
    )
    .withPanel(
      points(
        overTime('Memory of the server', 'Mean of the steady phase.', UNIT.bytes, [
          [each(`${SERIES.measure}_bytes`), '{{test}} {{profile}}'],
        ]),
      ),
    )
    .withRow(new RowBuilder('Runs'))
    .withPanel(
      rows('Verdicts', 'The newest run’s id sorts last.', { testid: 'run', test: 'scenario' }, [
        {
          title: 'ended',
          unit: 'dateTimeAsIso',
          expression: `max by (testid, test, profile, verdict) (${of(SERIES.ended, '$__range')}) * 1000`,
        },
      ]),
    )
    .withPanel(
      judgedTargets(
        'Targets that were missed',
        'Of all runs in this range.',
        { testid: 'run', target: 'target' },
        (metric) => `max by (testid, target) (${of(metric, '$__range', 'verdict="FAIL"')})`,
      ),
    );
