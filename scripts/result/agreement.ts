import type { Selector } from '../../thresholds';
import { mergeSeries, selectSeries } from './query';
import type { Result } from './result';
import type { Summary } from './summary';

/** A metric of which the samples and k6's own end-of-test data say different things. */
export interface Disagreement {
  /** As k6 names it, with a sub-metric's tags: `http_reqs{phase:steady}`. */
  readonly metric: string;
  readonly what: 'sum' | 'samples' | 'samples that are not zero';
  readonly fromSamples: number;
  readonly fromK6: number;
}

/** k6's CSV has six decimals: each value of a sum may be off by half of the last. */
const ROUNDING_PER_SAMPLE = 5e-7;
const RELATIVE_ROUNDING = 1e-9;

/**
 * Compares what the samples add up to with k6's own totals: a difference means that samples were lost on their way.
 *
 * Counters by their sum, Rates by passes and fails, Trends by their count where `summaryTrendStats` has it. A Gauge has no
 * total to compare.
 */
export function compareCounts(result: Result, summary: Summary): Disagreement[] {
  const found: Disagreement[] = [];
  for (const [name, { type, values }] of Object.entries(summary.metrics).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { metric, selector } = parseName(name);
    const merged = mergeSeries(selectSeries(result, metric, selector));
    const compare = (what: Disagreement['what'], fromSamples: number, fromK6: number | null | undefined) => {
      if (fromK6 === null || fromK6 === undefined) return;
      const allowed = what === 'sum' ? Math.abs(fromK6) * RELATIVE_ROUNDING + merged.count * ROUNDING_PER_SAMPLE : 0;
      if (Math.abs(fromSamples - fromK6) > allowed) found.push({ metric: name, what, fromSamples, fromK6 });
    };
    if (type === 'counter') compare('sum', merged.sum, values.count);
    else if (type === 'trend') compare('samples', merged.count, values.count);
    else if (type === 'rate') {
      compare('samples', merged.count, (values.passes ?? 0) + (values.fails ?? 0));
      compare('samples that are not zero', merged.nonZero, values.passes);
    }
  }
  return found;
}

/** Takes `metric{tag:value,…}` apart; only the first colon ends a tag's name, since groups are `::outer::inner`. */
function parseName(name: string): { metric: string; selector: Selector } {
  const brace = name.indexOf('{');
  if (brace === -1) return { metric: name, selector: {} };
  const selector: Record<string, string> = {};
  for (const pair of name.slice(brace + 1, -1).split(',')) {
    const colon = pair.indexOf(':');
    if (colon > 0) selector[unquoted(pair.slice(0, colon))] = unquoted(pair.slice(colon + 1));
  }
  return { metric: name.slice(0, brace), selector };
}

const unquoted = (text: string): string => text.trim().replace(/^["']|["']$/g, '');
