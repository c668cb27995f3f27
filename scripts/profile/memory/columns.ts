import { formatBytes } from '../../text/format';
import type { Look } from './look';

/** Something that is looked at again and again. */
export interface Column {
  readonly name: string;
  readonly of: (look: Look) => number | null;
  readonly isBytes: boolean;
  readonly format: (value: number) => string;
}

const bytes = (name: string, of: Column['of']): Column => ({ name, of, isBytes: true, format: formatBytes });
const count = (name: string, of: Column['of']): Column => ({ name, of, isBytes: false, format: String });

export const MEMORY: readonly Column[] = [
  bytes('resident', ({ residentBytes }) => residentBytes),
  bytes('proportional', ({ proportionalBytes }) => proportionalBytes),
  bytes('unique', ({ uniqueBytes }) => uniqueBytes),
  bytes('shared', ({ sharedBytes }) => sharedBytes),
];

export const COUNTS: readonly Column[] = [
  count('file descriptors', ({ fileDescriptors }) => fileDescriptors),
  count('threads', ({ threads }) => threads),
];
