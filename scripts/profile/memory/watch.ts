import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { startTimeOf } from '../../services/process';
import { type Look, lookAt } from './look';

/** As often as the shortest stretch that can be judged needs. */
const PERIOD_MS = 500;
/**
 * At most this share of the time goes into adding up mappings. Of some gigabytes that takes the kernel tens of milliseconds,
 * during which the process cannot change them: a look must not become what is measured.
 */
const MOST_SHARE = 0.02;

export interface Watched {
  readonly startMs: number;
  readonly endMs: number;
  readonly looks: readonly Look[];
  /** Whether the process was gone before the time was over. */
  readonly hasEnded: boolean;
}

/**
 * Looks at a process again and again.
 *
 * @param signal ends it early, with what there is.
 */
export async function watch(pid: number, durationMs: number, signal: AbortSignal): Promise<Watched> {
  const startMs = Date.now();
  const startedAt = startTimeOf(pid);
  const looks: Look[] = [];
  let addsUpFromMs = 0;
  for (;;) {
    const isLast = Date.now() >= startMs + durationMs || signal.aborted;
    const beganMs = performance.now();
    const addsUp = isLast || beganMs >= addsUpFromMs;
    const look = lookAt(pid, addsUp);
    // Ids are used again: another process of this one would look like a sudden change.
    if (look === null || startTimeOf(pid) !== startedAt) return { startMs, endMs: Date.now(), looks, hasEnded: true };
    looks.push(look);
    if (isLast) return { startMs, endMs: Date.now(), looks, hasEnded: false };
    if (addsUp) addsUpFromMs = beganMs + (performance.now() - beganMs) / MOST_SHARE;
    await pause(Math.max(0, Math.min(PERIOD_MS, startMs + durationMs - Date.now())), null, { signal }).catch(
      () => null,
    );
  }
}
