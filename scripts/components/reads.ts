import { ENTRIES, problemOf, type Store } from './store';

/** Reads before any counts: connections, prepared statements and compiled code are there then. */
const WARM_UP_READS = 2 * ENTRIES;

export interface ReadsOptions {
  readonly rounds: number;
  /** Longest time for all of them, ms; what was read until then counts. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export interface Reads {
  /** How long each took, ms, in their order. */
  readonly readsMs: readonly number[];
  /** What ended them before their time; null when nothing did. */
  readonly failure: string | null;
  readonly interrupted: boolean;
}

/** Times reads one after the other. The first one that fails ends them: a store that loses reads is not to be timed. */
export async function timeReads(store: Store, { rounds, deadlineMs, signal }: ReadsOptions): Promise<Reads> {
  const readsMs: number[] = [];
  const deadline = performance.now() + deadlineMs;
  for (let round = -WARM_UP_READS; round < rounds; round++) {
    if (signal.aborted || performance.now() > deadline) break;
    const startedAt = performance.now();
    try {
      await store.read((round + WARM_UP_READS) % ENTRIES);
    } catch (error) {
      const after = Math.max(0, round);
      return { readsMs, failure: `a read failed after ${after}: ${problemOf(error)}`, interrupted: signal.aborted };
    }
    if (round >= 0) readsMs.push(performance.now() - startedAt);
  }
  return { readsMs, failure: null, interrupted: signal.aborted };
}
