import { mergeSeries, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { SegmentPart } from '../result/run';
import { SEGMENTS_FILE, type Segments } from '../result/segments';
import type { Summary } from '../result/summary';
import { formatLength, formatSeconds } from '../text/format';

/** What is known of when a segment ran. */
interface Times extends Pick<SegmentPart, 'clock'> {
  readonly result: Result;
  readonly summary: Summary | null;
  /** Epoch ms by its own clock. */
  readonly startedAtMs: number;
}

/** k6 counts its virtual users every second: one that ran to its end did so in the last two. */
const SILENCE_ALLOWED_MS = 2000;
/** By how much the clock of whoever described a load may be ahead of those that it ran by. */
const AHEAD_ALLOWED_MS = 60_000;

/** Why a segment did not run when it was to, or does not tell; null when it did. */
export const timeFlaw = (
  times: Times,
  { describedAtMs, plan }: { readonly describedAtMs: number; readonly plan: Segments['plan'] },
): string | null => wholeSeconds(times) ?? leftover(times, describedAtMs) ?? endedEarly(times, plan);

/** k6's CSV tells whole seconds unless it is asked for more: two starts that lie up to two seconds apart look like one. */
const wholeSeconds = ({ result, startedAtMs }: Times): string | null =>
  result.source.format === 'k6-csv' && startedAtMs % 1000 === 0
    ? 'its samples tell whole seconds, and not whether it began with the others: K6_CSV_TIME_FORMAT=unix_micro tells more'
    : null;

/** A k6 that did not start leaves in its folder what a former one wrote: whole, and of the same load. */
function leftover({ startedAtMs, clock }: Times, describedAtMs: number): string | null {
  // By its own clock or by the server's, whichever is the later: one that is behind makes no leftover.
  const earlyMs = describedAtMs - startedAtMs - Math.max(0, clock?.offsetMs ?? 0);
  return earlyMs <= AHEAD_ALLOWED_MS
    ? null
    : `it is left of a former load: it began ${formatLength(Math.round(earlyMs / 1000) * 1000)} before ${SEGMENTS_FILE} was written`;
}

/** k6 writes its end-of-test data also when somebody stops it: only how long it ran tells. */
function endedEarly({ result, summary, startedAtMs }: Times, plan: Segments['plan']): string | null {
  const seenMs = result.endMs + SILENCE_ALLOWED_MS;
  const tookMs = Math.min(seenMs, endByK6(result, summary) ?? seenMs) - startedAtMs;
  return tookMs >= plan.durationMs
    ? null
    : `its load ended after ${formatSeconds(tookMs)} of ${formatSeconds(plan.durationMs)}: k6 was stopped, or aborted the test`;
}

/**
 * When k6 ended, by how long it says that it ran; null where it does not say. It counts from its release, of which the first
 * request is the first sign: what it counts of itself it counts also while it waits.
 */
export function endByK6(result: Result, summary: Summary | null): number | null {
  const requests = mergeSeries(selectSeries(result, 'http_reqs'));
  return summary === null || requests.count === 0 ? null : requests.firstMs + summary.state.testRunDurationMs;
}
