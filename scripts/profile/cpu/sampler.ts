import type { ServerProcess } from '../process/runtime';
import type { Profile } from '../stacks/profile';

/** What the command line says about how to sample. */
export interface SamplerOptions {
  /** Stacks of C code below Python's as well. */
  readonly native: boolean;
  /** Only what holds Python's global lock. */
  readonly gil: boolean;
  /** Time in which nothing was done as well. */
  readonly idle: boolean;
  /** May get what is missing from a package registry. */
  readonly install: boolean;
}

export interface Sampled {
  readonly profile: Profile;
  /** Sentences about what the profile does not tell. */
  readonly notes: readonly string[];
}

/** A profiler that is at hand and has been tried. */
export interface Sampler {
  /** First word of the names of its files. */
  readonly kind: 'pyspy' | 'cpu';
  /** With its version and how often it looks, in words. */
  readonly about: string;
  /** @throws UserError when it cannot look into the process, with what to type next. */
  sample(process: ServerProcess, durationMs: number): Promise<Sampled>;
}
