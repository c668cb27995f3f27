import type { Selector } from '../../thresholds';
import { selectSeries } from '../result/query';
import type { Result } from '../result/result';

/** How many requests failed in one way. */
export interface FailureCount {
  readonly layer: string;
  readonly operation: string;
  /** Of a few fixed phrases, see the contract's classifier. */
  readonly reason: string;
  readonly count: number;
}

/** The failed requests of a selection by layer, operation and reason, the most frequent first. */
export function failureCounts(result: Result, selector: Selector): FailureCount[] {
  const counts = new Map<string, FailureCount>();
  for (const { tags, sum } of selectSeries(result, 'fiml_failures', selector)) {
    if (sum === 0) continue;
    const layer = tags.layer ?? 'unknown';
    const operation = tags.name ?? 'unknown';
    const reason = tags.reason ?? 'unknown';
    const key = JSON.stringify([layer, operation, reason]);
    counts.set(key, { layer, operation, reason, count: (counts.get(key)?.count ?? 0) + sum });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || compareText(key(a), key(b)));
}

/** Failed requests by layer, the most frequent first. */
export function failuresByLayer(failures: readonly FailureCount[]): { layer: string; count: number }[] {
  const layers = new Map<string, number>();
  for (const { layer, count } of failures) layers.set(layer, (layers.get(layer) ?? 0) + count);
  return [...layers]
    .map(([layer, count]) => ({ layer, count }))
    .sort((a, b) => b.count - a.count || compareText(a.layer, b.layer));
}

const key = ({ layer, operation, reason }: FailureCount): string => `${layer} ${operation} ${reason}`;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
