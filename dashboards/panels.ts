import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  BigValueGraphMode,
  type DataSourceRef,
  GraphDrawStyle,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  FieldColorBuilder,
  FieldColorModeId,
  QueryVariableBuilder,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { SERIES, type Target } from '../thresholds';
import { baseLimit } from './promql';

/** Of the datasource that is provisioned; the variable lets whoever imports a dashboard choose another. */
export const DATASOURCE_UID = 'fiml-prometheus';
const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** By which the dashboards find each other. */
const TAG = 'fiml-perf';

/** Seconds, shares and rates as Grafana calls them. */
export const UNIT = { seconds: 's', ratio: 'percentunit', perSecond: 'reqps', bytes: 'bytes', count: 'short' } as const;

/** A query, with what its series are called in the legend. */
export type Query = readonly [expression: string, legend: string];

const GOOD = 'green';
const BAD = 'red';

/** A dashboard with what all have in common. */
export const dashboard = (uid: string, title: string, description: string): DashboardBuilder =>
  new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Prometheus')
        .type('prometheus')
        .current({ selected: true, text: 'Prometheus', value: DATASOURCE_UID }),
    )
    .link(
      new DashboardLinkBuilder('fiml-perf')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    );

/** A choice of values that a query gives. */
export const variable = (name: string, label: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged);

/** The newest run first: ids begin with the time of their start. */
export const runVariable = (name: string, label: string): QueryVariableBuilder =>
  variable(name, label, 'label_values(k6_vus, testid)').sort(VariableSort.AlphabeticalDesc);

/** A number that is worked out from the others, and that nobody chooses. */
export const hiddenVariable = (name: string, expression: string, regex: string): QueryVariableBuilder =>
  variable(name, name, `query_result(${expression})`).regex(regex).hide(VariableHide.HideVariable);

/** A stretch of time, or a moment, drawn through every panel. */
export const annotation = (name: string, color: string, expression: string, title: string): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expression)
    .step('5s')
    .titleFormat(title);

/** The limit of a target as colours of what lies on either side of it. */
export function limitOf(target: Pick<Target, 'limit' | 'unit' | 'operator'>): ThresholdsConfigBuilder {
  const [below, above] = target.operator === '<' ? [GOOD, BAD] : [BAD, GOOD];
  return steps([
    { value: null, color: below },
    { value: baseLimit(target), color: above },
  ]);
}

const steps = (of: Threshold[]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(of);
const NO_LIMIT = steps([{ value: null, color: GOOD }]);

const refId = (at: number): string => String.fromCharCode(65 + at);

/** Over time. @param target whose limit is drawn as a line. */
export function overTime(
  title: string,
  description: string,
  unit: string,
  queries: readonly Query[],
  target?: Target,
): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .min(0)
    .height(8)
    .span(12)
    .lineWidth(2)
    .fillOpacity(6)
    .showPoints(VisibilityMode.Auto)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(queries.map(([expression, legend], at) => query(expression, at).legendFormat(legend).range()));
  if (target === undefined) return panel.thresholds(NO_LIMIT);
  return panel
    .thresholds(limitOf(target))
    .axisSoftMax(baseLimit(target) * 1.1)
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Line));
}

/** One value a series, of the whole range. */
export const value = (title: string, description: string, unit: string, of: readonly Query[]): stat.PanelBuilder =>
  new stat.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .height(4)
    .span(4)
    .noValue('–')
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .thresholds(NO_LIMIT)
    .targets(of.map(([expression, legend], at) => query(expression, at).legendFormat(legend).instant()));

/** What a column of a table is. */
export interface Column {
  readonly title: string;
  readonly expression: string;
  readonly unit: string;
}

/** A row for each value of the labels that all columns have in common. */
export const rows = (
  title: string,
  description: string,
  labels: Readonly<Record<string, string>>,
  columns: readonly Column[],
): table.PanelBuilder =>
  columns.reduce(
    (panel, { title: name, unit }) => panel.overrideByName(name, [{ id: 'unit', value: unit }]),
    new table.PanelBuilder()
      .title(title)
      .description(description)
      .datasource(DATASOURCE)
      .height(10)
      .span(24)
      .noValue('–')
      .thresholds(NO_LIMIT)
      .targets(
        columns.map(({ expression }, at) =>
          query(expression, at).legendFormat('').instant().format(PromQueryFormat.Table),
        ),
      )
      .withTransformation({ id: 'merge', options: {} })
      .withTransformation({
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: {},
          renameByName: {
            ...labels,
            // Of a single query Grafana calls the column `Value`.
            ...(columns.length === 1 ? { Value: columns[0]?.title } : {}),
            ...Object.fromEntries(columns.map(({ title: name }, at) => [`Value #${refId(at)}`, name])),
          },
        },
      }),
  );

/**
 * What was judged, a target a row: a column for each unit, since values of several units have none in common.
 *
 * @param of the query of one of the families, by its whole name.
 */
export const judgedTargets = (
  title: string,
  description: string,
  labels: Readonly<Record<string, string>>,
  of: (metric: string) => string,
): table.PanelBuilder =>
  rows(title, description, labels, [
    { title: 'seconds', unit: UNIT.seconds, expression: of(`${SERIES.target}_seconds`) },
    { title: 'share or multiple', unit: 'none', expression: of(`${SERIES.target}_ratio`) },
    { title: 'a second', unit: 'none', expression: of(`${SERIES.target}_per_second`) },
  ]);

const query = (expression: string, at: number): DataqueryBuilder =>
  new DataqueryBuilder().refId(refId(at)).datasource(DATASOURCE).expr(expression);

/** Points that nothing joins: each is a run, and between two runs there is nothing. */
export const points = (panel: timeseries.PanelBuilder): timeseries.PanelBuilder =>
  panel.drawStyle(GraphDrawStyle.Points).pointSize(8).showPoints(VisibilityMode.Always);
