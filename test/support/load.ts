import type { Finished } from './cli';

/** Overrides of a run that gives every target its samples in as little time as that takes. */
export const FULL_LOAD = ['--rate', '100', '--spawn-rate', '200', '--duration', '19s'] as const;

/** Overrides of a run that is long enough to miss a target, not to prove one. */
export const SHORT_LOAD = ['--rate', '60', '--spawn-rate', '120', '--duration', '4s'] as const;

/** Two targets that a few seconds can prove, so that runs pass and can be pooled, and no more probes than that takes. */
export const PROVABLE = ['--only', 'p95-cached,error-rate', '--probe-rate', '20'] as const;

const TRIES = 3;

/**
 * Repeats a run of a healthy server until it passes, three times at most: what others do on this machine in the meantime can
 * make it red, and rightly so.
 *
 * @param run is given the number of the try, from 1: each needs a folder of its own.
 * @returns the run that passed, or the last.
 */
export async function firstPass(run: (attempt: number) => Promise<Finished>): Promise<Finished> {
  for (let attempt = 1; ; attempt++) {
    const finished = await run(attempt);
    if (attempt === TRIES || finished.code === 0) return finished;
  }
}
