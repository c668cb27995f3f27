import exec from 'k6/execution';
import { Trend } from 'k6/metrics';
import { type FimlRequest, type Outcome, subjectOf } from '../contract';
import { SLOW_METRIC, SLOW_SUBJECT } from '../thresholds';

/** Subjects are cut there: prices of fifty symbols are told by the first of them. */
const LONGEST_SUBJECT = 200;

const { add: addSlow } = new Trend(SLOW_METRIC, true);

/** Says what a slow request asked for, and in which layer it failed if it did. Costs what only a slow request may. */
export function recordSlow(
  request: FimlRequest,
  durationMs: number,
  outcome: Outcome,
  tags: Record<string, string>,
): void {
  const { metadata } = exec.vu.metrics;
  metadata[SLOW_SUBJECT] = encodeURIComponent(subjectOf(request).slice(0, LONGEST_SUBJECT));
  addSlow(durationMs, outcome.ok ? tags : { ...tags, layer: outcome.layer });
  // It stays on every sample of this VU otherwise.
  delete metadata[SLOW_SUBJECT];
}
