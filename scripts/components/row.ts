import { minimumSamples, type Target } from '../../thresholds';
import { confidenceBound } from '../judge/bound';
import { exactQuantile, Histogram } from '../result/histogram';
import type { Merged } from '../result/query';
import { mean } from '../statistics';
import { formatClaim } from '../text/format';
import type { Reads } from './reads';

/** A component's line. */
export interface ComponentRow {
  /** `l1`; of a target that is not measured here its id. */
  readonly id: string;
  readonly title: string;
  /** The P95 must stay below it. */
  readonly limitMs: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly meanMs: number | null;
  /** With 95 % confidence the P95 is not above it; null where so few reads cannot tell. */
  readonly boundMs: number | null;
  readonly samples: number;
  /** Null: it was not to be measured here. */
  readonly verdict: 'PASS' | 'FAIL' | 'INVALID' | null;
  readonly reason: string | null;
}

/** A target's title says its statistic, which has a column of its own here. */
const titleOf = ({ title }: Target): string => title.replace(/^P95 latency, /, '');

/** @param reason why, and where it is measured. */
export const notMeasured = (target: Target, id: string, reason: string): ComponentRow => ({
  id,
  title: titleOf(target),
  limitMs: target.limit,
  p50Ms: null,
  p95Ms: null,
  meanMs: null,
  boundMs: null,
  samples: 0,
  verdict: null,
  reason,
});

/**
 * Judges the reads of a store as the judge of runs does: a P95 beyond the limit is a miss however few reads there were, a
 * pass takes as many as could prove it, and none may have failed.
 */
export function judgeReads(target: Target, id: string, { readsMs, failure, interrupted }: Reads): ComponentRow {
  const sorted = [...readsMs].sort((a, b) => a - b);
  const p95Ms = exactQuantile(sorted, 0.95);
  const needed = minimumSamples(target);
  const row = (verdict: ComponentRow['verdict'], reason: string | null): ComponentRow => ({
    id,
    title: titleOf(target),
    limitMs: target.limit,
    p50Ms: exactQuantile(sorted, 0.5),
    p95Ms,
    meanMs: readsMs.length === 0 ? null : mean(readsMs),
    boundMs: p95Ms === null ? null : boundOf(target, sorted, p95Ms),
    samples: readsMs.length,
    verdict,
    reason,
  });
  if (interrupted) return row('INVALID', 'the measurement was interrupted');
  if (p95Ms !== null && p95Ms >= target.limit) return row('FAIL', failure);
  if (failure !== null) return row('INVALID', failure);
  if (readsMs.length < needed) {
    const claim = formatClaim('<', target.limit, 'ms');
    return row('INVALID', `too few samples: ${readsMs.length}, and ${claim} takes ${needed}`);
  }
  return row('PASS', null);
}

function boundOf(target: Target, sorted: readonly number[], p95Ms: number): number | null {
  const histogram = new Histogram();
  for (const ms of sorted) histogram.add(ms);
  const count = sorted.length;
  const [min, max] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const merged: Merged = { count, sum: 0, min, max, last: max, nonZero: count, histogram, firstMs: 0, lastMs: 0 };
  const bound = confidenceBound(target, merged, [], p95Ms, count);
  // The histogram's bucket may lie below the exact value.
  return bound === null ? null : Math.max(bound, p95Ms);
}
