/** The part of k6's end-of-test data that is shown and kept. */
export interface SummaryData {
  readonly metrics: Readonly<Record<string, SummaryMetric>>;
  readonly state: { readonly isStdOutTTY: boolean; readonly testRunDurationMs: number };
  readonly options?: { readonly noColor?: boolean };
  readonly setup_data?: unknown;
}

interface SummaryMetric {
  readonly type: string;
  readonly contains: string;
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

export interface TextOptions {
  /** Put before every line. */
  readonly indent?: string;
  readonly enableColors?: boolean;
  /** The part of a divided load that the data are of; null: they are of all of it. */
  readonly segment?: string | null;
}

/**
 * The end-of-test text, with each limit beside the value that it was held against. Same call as the `textSummary` that
 * Grafana publishes for remote import; a run must not need the network, so the suite brings its own.
 */
export function textSummary(
  data: SummaryData,
  { indent = '', enableColors = false, segment = null }: TextOptions = {},
): string {
  const paint = (code: string, text: string) => (enableColors ? `\u001b[${code}m${text}\u001b[0m` : text);
  // Limits and counts are those of the whole load: a part can neither hold nor miss them.
  const rows = segment === null ? thresholdRows(data) : [];
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row.cells[column]?.length ?? 0)));
  const lines = ['', 'THRESHOLDS', ''];
  for (const { ok, empty, cells } of rows) {
    // k6 lets an empty series hold any limit: that is no pass. What fails the run is the series' count.
    const mark = !ok ? paint('31', 'FAIL') : empty ? paint('33', 'none') : paint('32', 'pass');
    const [name = '', value = '', limit = ''] = cells;
    lines.push(`  ${mark}  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${limit}`);
  }
  if (segment !== null)
    lines.push(`  none: this is segment ${segment} of a load, which fiml-perf merge judges as a whole`);
  else if (rows.length === 0) lines.push('  none: k6 judged nothing');

  const tracked = Object.entries(data.metrics)
    .filter(([name, { thresholds = {} }]) => name.includes('{') && Object.keys(thresholds).length === 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (tracked.length > 0) lines.push('', 'NOT GATED', '');
  for (const [name, metric] of tracked) {
    lines.push(`  ${printable(name)}  ${isEmpty(metric) ? 'no data' : totalOf(metric)}`);
  }

  lines.push('', 'TOTALS', '');
  const totals = TOTALS.filter((name) => data.metrics[name] !== undefined);
  const width = Math.max(...TOTALS.map((name) => name.length));
  for (const name of totals) lines.push(`  ${name.padEnd(width)}  ${totalOf(data.metrics[name] as SummaryMetric)}`);
  const all = rows.length;
  const crossed = rows.filter((row) => !row.ok).length;
  const empty = rows.filter((row) => row.ok && row.empty).length;
  if (crossed > 0) lines.push('', paint('31', `${crossed} of ${all} thresholds crossed`));
  else if (empty > 0) lines.push('', paint('33', `${all - empty} of ${all} thresholds hold, ${empty} had no data`));
  else if (all > 0) lines.push('', paint('32', `all ${all} thresholds hold`));
  lines.push('');
  return lines.map((line) => (line === '' ? '' : indent + line)).join('\n');
}

const TOTALS = [
  'http_reqs',
  'http_req_duration',
  'fiml_failed',
  'iterations',
  'dropped_iterations',
  'vus_max',
  'data_received',
];

interface Row {
  readonly ok: boolean;
  /** No sample stands behind the value that k6 gives. */
  readonly empty: boolean;
  readonly cells: readonly string[];
}

/** Crossed ones first, then by name: k6's own order is random. */
function thresholdRows(data: SummaryData): Row[] {
  const rows: Row[] = [];
  for (const [name, metric] of Object.entries(data.metrics)) {
    for (const [expression, { ok }] of Object.entries(metric.thresholds ?? {})) {
      const [, statistic = expression, operator = '', limit = ''] = /^([^<>=!]+)([<>=!]+)(.+)$/.exec(expression) ?? [];
      const value = metric.values[statistic.trim()];
      const empty = value === undefined || isEmpty(metric);
      rows.push({
        ok,
        empty,
        cells: [
          printable(`${name} ${statistic.trim()}`),
          empty ? 'no data' : show(value, metric, statistic.trim()),
          `${operator} ${show(Number(limit), metric, statistic.trim())}`,
        ],
      });
    }
  }
  return rows.sort((a, b) => Number(a.ok) - Number(b.ok) || ((a.cells[0] ?? '') < (b.cells[0] ?? '') ? -1 : 1));
}

/** Names hold what a limits file or a server says, and a terminal obeys control characters. */
const printable = (text: string): string =>
  Array.from(text, (character) =>
    character < ' ' || (character >= '\u007f' && character < '\u00a0')
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : character,
  ).join('');

/** A gauge does not tell: it says 0. */
function isEmpty({ type, values }: SummaryMetric): boolean {
  if (type === 'trend') return values.count === 0;
  return type === 'rate' && (values.passes ?? 0) + (values.fails ?? 0) === 0;
}

function show(value: number, metric: SummaryMetric, statistic: string): string {
  if (statistic === 'count') return String(value);
  if (metric.contains === 'time') return `${value.toFixed(2)} ms`;
  // Rates, and gauges that stand for one: hit rate.
  if (metric.type === 'rate' || (metric.type === 'gauge' && value >= 0 && value <= 1))
    return `${(value * 100).toFixed(2)} %`;
  return String(Math.round(value * 100) / 100);
}

function totalOf(metric: SummaryMetric): string {
  const { values } = metric;
  switch (metric.type) {
    case 'trend':
      return ['avg', 'med', 'p(95)', 'p(99)', 'max']
        .filter((statistic) => values[statistic] !== undefined)
        .map((statistic) => `${statistic} ${show(values[statistic] as number, metric, statistic)}`)
        .join('  ');
    case 'rate':
      return `${show(values.rate ?? 0, metric, 'rate')}  (${values.passes ?? 0} of ${(values.passes ?? 0) + (values.fails ?? 0)})`;
    case 'gauge':
      return String(values.value ?? 0);
    default:
      return String(values.count ?? 0);
  }
}
