import { rmSync } from 'node:fs';
import { EXIT_INVALID } from '../../scripts/exit-codes';
import type { Finished } from './cli';

/** Overrides of a run that gives every target its samples in as little time as that takes. */
export const FULL_LOAD = ['--rate', '100', '--spawn-rate', '200', '--duration', '19s'] as const;

/**
 * Overrides of a run that is long enough to miss a target, not to prove one: its probes, which would be 165 a second to prove
 * the uptime, would be most of its load, and three such runs at once more than two cores carry.
 */
export const SHORT_LOAD = ['--rate', '60', '--spawn-rate', '120', '--duration', '4s', '--probe-rate', '15'] as const;

/** Two targets that a few seconds can prove, so that runs pass and can be pooled, and no more probes than that takes. */
export const PROVABLE = ['--only', 'p95-cached,error-rate', '--probe-rate', '20'] as const;

/** A neighbour's half a minute, which is as long as most tests take, must not use them up. */
const TRIES = 5;

/**
 * Does something again, five times at most, until it shows what it is about: others on this machine may get in the way.
 *
 * @param run is given the number of the try, from 1: each needs a folder of its own, or one made {@link anew}.
 * @returns what showed it, or the last: a test then fails by that.
 */
export async function repeated<T>(run: (attempt: number) => Promise<T>, shows: (outcome: T) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await run(attempt);
    if (attempt === TRIES || shows(outcome)) return outcome;
  }
}

/** @returns the path of a run's folder, with nothing of a try before in it. */
export function anew(path: string): string {
  rmSync(path, { recursive: true, force: true });
  return path;
}

/** How a run ended, with whatever its test wants to know of it. */
type Ended = Pick<Finished, 'code'>;

/** A run of a healthy server that passes: what the machine has to do meanwhile can make it red, and rightly so. */
export const firstPass = <T extends Ended>(run: (attempt: number) => Promise<T>): Promise<T> =>
  repeated(run, ({ code }) => code === 0);

/** A run that is judged: one that others on this machine starved, or kept from its samples, says so and is none. */
export const judged = <T extends Ended>(run: (attempt: number) => Promise<T>): Promise<T> =>
  repeated(run, ({ code }) => code !== EXIT_INVALID);
