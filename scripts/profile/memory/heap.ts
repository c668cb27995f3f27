import type { ServerProcess } from '../process/runtime';
import { type Profile, totalWeight } from '../stacks/profile';

/** Which functions allocated what a process keeps. */
export interface Heap {
  /** The sampler and what it sees, in words. */
  readonly about: string;
  /** Stacks of what was allocated while it was watched and was still there at the end: they weigh bytes, and not time. */
  readonly kept: Profile;
  /** What the runtime says of its own memory, before and after; null where it does not tell. */
  readonly told: { readonly before: RuntimeMemory; readonly after: RuntimeMemory } | null;
  readonly notes: readonly string[];
}

/** All that is kept. */
export const bytesOf = ({ kept }: Heap): number => totalWeight(kept);

/** By the runtime's own names, bytes. */
export type RuntimeMemory = Readonly<Record<string, number>>;

/** A sampler that has begun. */
export interface HeapSampler {
  /** Ends it. @throws UserError when what it saw cannot be had. */
  end(): Promise<void>;
  /** What it saw, once it has ended: to work that out takes the machine's time, and no more of the process's. */
  heap(): Promise<Heap>;
}

/**
 * Begins to sample what a process allocates.
 *
 * @param durationMs after which it will be ended.
 * @param file path for what it leaves.
 * @throws UserError when it cannot, with what to type next.
 */
export type SampleHeap = (
  server: ServerProcess,
  durationMs: number,
  file: (kind: string, extension: string) => string,
) => Promise<HeapSampler>;
