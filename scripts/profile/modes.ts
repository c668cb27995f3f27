import type { Option } from 'commander';
import { CPROFILE } from './cprofile';
import { CPU } from './cpu';
import type { Findings } from './findings';
import { MEMORY } from './memory';
import type { ProfileFlags } from './options';
import type { ProfileOutput } from './output';

/** A way of looking at a server: `--mode`. */
export interface Mode {
  readonly name: string;
  /** What it shows, for the help. */
  readonly about: string;
  /** All that it takes, of its own and of those in `options.ts`; others given with it are refused. */
  readonly options: readonly Option[];
  /** What stands in names of files for what is profiled. @throws UserError for flags that make no sense together. */
  subject(flags: ProfileFlags): string;
  /** Looks, writes files of its own, and says what it found. @throws UserError with what to type next. */
  run(flags: ProfileFlags, output: ProfileOutput, env: NodeJS.ProcessEnv): Promise<Findings>;
}

/** The first is that of a call without `--mode`. */
export const MODES: readonly [Mode, ...Mode[]] = [CPU, MEMORY, CPROFILE];
