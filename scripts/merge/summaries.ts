import type { Summary } from '../result/summary';

type Metric = Summary['metrics'][string];

/**
 * k6's own end-of-test data of a load that several k6 shared, as far as they add up: sums of Counters, passes and fails of
 * Rates, counts and extremes of Trends. Percentiles and Gauges do not, and of thresholds each k6 had a part.
 */
export function mergeSummaries(summaries: readonly Summary[]): Summary {
  const metrics: Record<string, Metric> = {};
  for (const name of [...new Set(summaries.flatMap((summary) => Object.keys(summary.metrics)))].sort()) {
    const all = summaries.flatMap((summary) => summary.metrics[name] ?? []);
    const [first] = all;
    if (first !== undefined) metrics[name] = { type: first.type, contains: first.contains, values: valuesOf(all) };
  }
  const testRunDurationMs = Math.max(...summaries.map(({ state }) => state.testRunDurationMs));
  return { metrics, state: { testRunDurationMs } };
}

function valuesOf(all: readonly Metric[]): Metric['values'] {
  const values = (name: string) => all.flatMap((metric) => metric.values[name] ?? []);
  const sum = (name: string) => values(name).reduce((total, value) => total + value, 0);
  switch (all[0]?.type) {
    case 'counter':
      return { count: sum('count') };
    case 'rate': {
      const [passes, fails] = [sum('passes'), sum('fails')];
      return { passes, fails, rate: passes / Math.max(1, passes + fails) };
    }
    case 'trend': {
      const filled = all.filter((metric) => metric.values.count !== 0);
      const extreme = (name: string, of: (...values: number[]) => number) => {
        const found = filled.flatMap((metric) => metric.values[name] ?? []);
        return found.length === 0 ? {} : { [name]: of(...found) };
      };
      return { count: sum('count'), ...extreme('min', Math.min), ...extreme('max', Math.max) };
    }
    default:
      return {};
  }
}
