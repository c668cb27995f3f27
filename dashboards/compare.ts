import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, hiddenVariable, overTime, type Query, rows, runVariable, UNIT } from './panels';
import { ANSWERED, JUDGED, series, TRAFFIC } from './promql';

const SIDES = [
  { name: 'run', is: 'testid="$testid"', offset: '' },
  // Moved so that both began at the same time; the millisecond, since of no time at all Prometheus 2 makes an error.
  { name: 'baseline', is: 'testid="$baseline"', offset: ` offset \${shift}s1ms` },
] as const;
type Side = (typeof SIDES)[number];

const rate = ({ is, offset }: Side, metric: string, ...matching: string[]): string =>
  `rate(${series(metric, [is, ...matching])}[$__rate_interval]${offset})`;
const both = (expression: (side: Side) => string, what = ''): Query[] =>
  SIDES.map((side) => [expression(side), `${side.name}${what}`]);
const quantile = (q: number, side: Side, ...matching: string[]): string =>
  `histogram_quantile(${q}, sum(${rate(side, 'k6_http_req_duration_seconds', ...matching, ...ANSWERED)}))`;

const failedShare = (side: Side): string => {
  const requests = `sum(${rate(side, 'k6_http_reqs_total', JUDGED, TRAFFIC)})`;
  return `(sum(${rate(side, 'k6_fiml_failures_total', JUDGED)}) or 0 * ${requests}) / ${requests}`;
};

/** When a run was first heard of within the range. */
const began = (name: string): string => `min(min_over_time(timestamp(k6_vus{testid="$${name}"})[$__range:1s]))`;

const wholeQuantile = (q: number, { is }: Side): string =>
  `histogram_quantile(${q}, sum by (name) (rate(${series('k6_http_req_duration_seconds', [is, JUDGED, TRAFFIC, ...ANSWERED])}[$__range])))`;
const wholeTotal = (metric: string, { is }: Side): string =>
  `sum by (name) (last_over_time(${series(metric, [is, JUDGED, TRAFFIC])}[$__range]))`;
const failed = (side: Side): string =>
  `(${wholeTotal('k6_fiml_failures_total', side)} or 0 * ${wholeTotal('k6_http_reqs_total', side)}) / ${wholeTotal('k6_http_reqs_total', side)}`;
const change = (q: number): string => `${wholeQuantile(q, SIDES[0])} / ${wholeQuantile(q, SIDES[1])} - 1`;

/** Two runs over each other. */
export const compareDashboard = (): DashboardBuilder =>
  dashboard(
    'fiml-perf-compare',
    'fiml-perf · Compare',
    'Two runs over each other, the baseline moved to the run’s time: the range must hold both. Two runs of one server differ by several per cent; whether a difference is one is what fiml-perf compare says.',
  )
    .time({ from: 'now-6h', to: 'now' })
    .withVariable(runVariable('testid', 'Run'))
    .withVariable(runVariable('baseline', 'Baseline'))
    .withVariable(
      hiddenVariable('shift', `round(${began('testid')} - ${began('baseline')})`, '/ (-?\\d+)(?:\\.\\d+)? /'),
    )
    .withRow(new RowBuilder('Over time'))
    .withPanel(
      overTime(
        'P50, cached queries',
        'Price queries for symbols that are in the cache.',
        UNIT.seconds,
        both((side) => quantile(0.5, side, 'cache="hot"')),
      ),
    )
    .withPanel(
      overTime(
        'P95, cached queries',
        'Price queries for symbols that are in the cache.',
        UNIT.seconds,
        both((side) => quantile(0.95, side, 'cache="hot"')),
      ),
    )
    .withPanel(
      overTime(
        'P95, all traffic',
        'Answered requests, without the ramps.',
        UNIT.seconds,
        both((side) => quantile(0.95, side, JUDGED, TRAFFIC)),
      ),
    )
    .withPanel(overTime('Error rate', 'All five layers, unrounded.', UNIT.ratio, both(failedShare)))
    .withPanel(
      overTime(
        'Iterations',
        'Of the traffic: what was carried out.',
        UNIT.perSecond,
        both((side) => `sum(${rate(side, 'k6_iterations_total', 'scenario="traffic"')})`),
      ),
    )
    .withPanel(
      overTime(
        'Memory of the server',
        'Resident.',
        UNIT.bytes,
        both(({ is, offset }) => `max(${series('k6_fiml_server_rss_bytes', [is])}${offset})`),
      ),
    )
    .withRow(new RowBuilder('As a whole, without the ramps'))
    .withPanel(
      rows(
        'Operations',
        'A change is the run’s as a share of the baseline’s: +0.1 is 10 % slower.',
        { name: 'operation' },
        [
          ...[0.5, 0.95].flatMap((q) => [
            ...SIDES.map((side) => ({
              title: `P${q * 100}, ${side.name}`,
              unit: UNIT.seconds,
              expression: wholeQuantile(q, side),
            })),
            { title: `P${q * 100}, change`, unit: UNIT.ratio, expression: change(q) },
          ]),
          ...SIDES.map((side) => ({ title: `failed, ${side.name}`, unit: UNIT.ratio, expression: failed(side) })),
          ...SIDES.map((side) => ({
            title: `requests, ${side.name}`,
            unit: UNIT.count,
            expression: wholeTotal('k6_http_reqs_total', side),
          })),
        ],
      ),
    );
