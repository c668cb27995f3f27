import { BASE_UNITS, isOverTime, type Selector, type Target } from '../thresholds';

/** The matchers of a series as PromQL has them: `phase="steady",op=~"price|poll"`. */
export const matchers = (selector: Selector): string[] =>
  Object.entries(selector).map(([label, value]) =>
    typeof value === 'string' ? `${label}="${value}"` : `${label}=~"${value.join('|')}"`,
  );

/** `metric{…}`. */
export const series = (metric: string, matching: readonly string[]): string => `${metric}{${matching.join(',')}}`;

/**
 * Requests that got an answer: k6 gives those without one a duration of 0, which would make a quantile better the more of
 * them there are. Series that are no requests' lack both labels, and match.
 */
export const ANSWERED: readonly string[] = ['status!="0"', 'error_code!~"1[0-3][0-9]{2}"'];
/** Phases that say something of the server; requests of the suite's own watchers are in none. */
export const JUDGED = 'phase!~"|warmup|rampdown"';

/** Of users: what watches the server, or makes a fault, is none of it. */
export const TRAFFIC = 'op!~"|monitor|control"';

const QUANTILES: Readonly<Record<string, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

/** How a target's value is read out of Prometheus. */
export interface TargetQuery {
  /** In Prometheus' base units, by `testid`. */
  readonly value: string;
  /** Number of samples behind it, by `testid`. */
  readonly samples: string;
}

/**
 * What a target's value would be if the run ended now, from k6's series: the counterpart of the judge's, as
 * `thresholds/k6.ts` is for k6's own thresholds. k6's counters and histograms begin at 0 with the test, so that their values
 * are its totals and need no rate, which would lose all that came with a series' first write.
 *
 * @param matching further matchers, such as `testid="$testid"`.
 * @param range of which the newest values are taken; left out, only what is being written counts.
 * @returns null for a statistic over time, which PromQL cannot tell as the judge does.
 */
export function targetQuery(target: Target, matching: readonly string[], range?: string): TargetQuery | null {
  const { metric, selector, statistic, guard } = target;
  if (isOverTime(statistic)) return null;
  const newest = (name: string, wanted: Selector) => {
    const one = series(name, [...matching, ...matchers(wanted)]);
    return range === undefined ? one : `last_over_time(${one}[${range}])`;
  };
  const total = (name: string, wanted: Selector, by = 'testid') =>
    `sum by (${by}) (${newest(`k6_${name}_total`, wanted)})`;
  const samples = total(guard.metric, guard.selector);
  const histogram = `sum by (testid) (${series(`k6_${metric}_seconds`, [...matching, ...matchers(selector), ...ANSWERED])})`;
  // Prometheus 2 has no last_over_time of histograms: the value is computed at every second, and the last is taken.
  const last = (expression: string) =>
    range === undefined ? expression : `last_over_time((${expression})[${range}:1s])`;
  switch (statistic) {
    case 'p50':
    case 'p95':
    case 'p99':
      return { value: last(`histogram_quantile(${QUANTILES[statistic]}, ${histogram})`), samples };
    case 'mean':
      return { value: last(`histogram_sum(${histogram}) / histogram_count(${histogram})`), samples };
    case 'value':
      return { value: `max by (testid) (${newest(`k6_${metric}`, selector)})`, samples };
    case 'rate':
      if (metric === 'fiml_failed') {
        const requests = total('http_reqs', selector);
        // A failure's series is there only when something has failed.
        return { value: `(${total('fiml_failures', selector)} or 0 * ${requests}) / ${requests}`, samples };
      }
      return {
        value: weighted(newest(`k6_${metric}_rate`, selector), (by) => total(guard.metric, guard.selector, by)),
        samples,
      };
  }
}

/** Labels by which shares and their counts are the same series. */
const COUNTED_BY = 'testid, scenario, phase, op, cache';

/** k6 writes a Rate as the share of each of its series: only with their counts do they add up to one share. */
const weighted = (share: string, count: (by: string) => string): string =>
  `sum by (testid) (max by (${COUNTED_BY}) (${share}) * on (${COUNTED_BY}) ${count(COUNTED_BY)}) / ${count('testid')}`;

/** Of a target's limit in Prometheus' base unit; a division of milliseconds is exact where a product is not. */
export const baseLimit = ({ limit, unit }: Pick<Target, 'limit' | 'unit'>): number =>
  Number((limit * BASE_UNITS[unit].factor).toPrecision(12));
