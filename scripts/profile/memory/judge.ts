import { EXIT_FAIL, EXIT_INVALID, EXIT_OK } from '../../exit-codes';
import { leakIn } from '../../judge';
import { formatBytes, formatLength, percent } from '../../text/format';
import type { Watched } from './watch';

/** The rule was put to the test on healthy servers by stretches of 24 s; a start that is still going on looks like a leak. */
const SHORTEST_MS = 20_000;
const HOUR_MS = 3_600_000;

export interface Judged {
  readonly verdict: 'PASS' | 'FAIL' | 'INVALID';
  readonly exitCode: number;
  readonly headline: string;
  /** What the verdict cannot tell, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Whether resident memory goes on growing, by the rule of the `memory-leak` scenario.
 *
 * @param limit share of the memory at the beginning.
 */
export function judgeGrowth({ startMs, endMs, looks, hasEnded }: Watched, limit: number): Judged {
  // A look ends some milliseconds after its time.
  const durationMs = Math.round((endMs - startMs) / 1000) * 1000;
  const length = formatLength(durationMs);
  if (hasEnded) {
    return invalid(
      `the process ended after ${length}: its log says why, or the kernel's (dmesg), which ends what needs too much memory`,
    );
  }
  if (durationMs < SHORTEST_MS) {
    return invalid(
      `${length} are too short to tell a leak from a start: --duration must be ${formatLength(SHORTEST_MS)} at least`,
    );
  }
  const memory = {
    looks: looks.map(({ atMs, residentBytes }) => ({ atMs, value: residentBytes })),
    samples: looks.length,
  };
  const { figures, detail, holds } = leakIn(memory, { startMs, endMs: startMs + durationMs }, limit);
  if (figures.value === null)
    return invalid(`resident memory could not be followed: ${detail}; this machine may be overloaded`);
  if (holds === false) {
    return { verdict: 'FAIL', exitCode: EXIT_FAIL, headline: `resident memory goes on growing: ${detail}`, notes: [] };
  }
  return {
    verdict: 'PASS',
    exitCode: EXIT_OK,
    headline: `resident memory does not go on growing: ${detail}`,
    notes: [unseen(figures.bound ?? 0, limit, looks[0]?.residentBytes ?? 0, durationMs)],
  };
}

/** What a pass leaves open. */
function unseen(bound: number, limit: number, bytes: number, durationMs: number): string {
  const length = formatLength(durationMs);
  if (bound >= limit) {
    return `growth of up to ${percent(bound, 0)} in ${length} cannot be ruled out: memory moved too much meanwhile, as it does after a start; a longer --duration tells more`;
  }
  const hourlyBytes = (limit * bytes * HOUR_MS) / durationMs;
  return `a leak of less than ${percent(limit, 0)} in ${length}, which is ${formatBytes(hourlyBytes)} an hour here, does not show: a longer --duration finds slower ones`;
}

/**
 * The verdict on a server to which a load was sent.
 *
 * @param flaw of the load; null where it has none. Whoever has less to do than he should leaks less: that spoils a pass, and
 * leaves growth what it is.
 */
export function underLoad(judged: Judged, flaw: string | null): Judged {
  return judged.verdict === 'PASS' && flaw !== null ? invalid(`memory did not go on growing, but ${flaw}`) : judged;
}

const invalid = (headline: string): Judged => ({ verdict: 'INVALID', exitCode: EXIT_INVALID, headline, notes: [] });
