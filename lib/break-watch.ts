import { sleep } from 'k6';
import exec from 'k6/execution';
import type { Counter } from 'k6/metrics';
import { BREAK_STEPS, type RateStep } from '../profiles';

/** Share of what is offered that a server must carry out not to be seen as broken: far below what the targets ask for. */
const CARRIED_OUT = 0.95;
/** Virtual users that only look on: the server monitor, and this watch. */
const LOOKING_ON = 2;

/** What the generator knows of itself, without asking the server. */
export interface Look {
  readonly atMs: number;
  /** Iterations that were carried out so far. */
  readonly completed: number;
  /** Virtual users that are waiting for an answer. */
  readonly busy: number;
}

/**
 * Whether the server fell behind in a step: it carried out less than was offered, or iterations took longer than its P95 may
 * on average. By Little's law that average is the iterations under way over their rate, so that it costs no request.
 *
 * @param ratePerS iterations per second that are offered, of all that k6 counts.
 * @param limitMs null: no limit is in force.
 */
export function fellBehind(before: Look, after: Look, ratePerS: number, limitMs: number | null): boolean {
  const offered = (ratePerS * (after.atMs - before.atMs)) / 1000;
  const meanMs = (after.busy / ratePerS) * 1000;
  return after.completed - before.completed < offered * CARRIED_OUT || (limitMs !== null && meanMs > limitMs);
}

/**
 * Watches a rising load, one step an iteration, and counts `broken` when the server has fallen behind in
 * {@link BREAK_STEPS} in a row: k6's threshold on it ends the test. What the capacity is, is for the judge to say.
 *
 * @param limitMs what an iteration may take; null: no limit is in force.
 * @param besidePerS iterations per second of the other k6 scenarios.
 */
export function breakWatch(
  broken: Counter,
  steps: readonly RateStep[],
  limitMs: number | null,
  besidePerS: number,
  endMs: number,
): () => void {
  let at = 0;
  let behind = 0;
  return () => {
    const startedAtMs = exec.scenario.startTime;
    const lookAt = (momentMs: number): Look => {
      sleep(Math.max(0, startedAtMs + momentMs - Date.now()) / 1000);
      const { iterationsCompleted, vusActive } = exec.instance;
      return { atMs: Date.now(), completed: iterationsCompleted, busy: Math.max(0, vusActive - LOOKING_ON) };
    };
    const step = steps[at];
    at += 1;
    if (step === undefined) {
      lookAt(endMs);
      return;
    }
    const before = lookAt(step.startMs);
    const after = lookAt(step.endMs);
    behind = fellBehind(before, after, step.ratePerS + besidePerS, limitMs) ? behind + 1 : 0;
    if (behind === BREAK_STEPS) broken.add(1);
  };
}
