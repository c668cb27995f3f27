import { readdirSync, readFileSync } from 'node:fs';
import { residentBytes } from '../../run/memory';

/** A process at a moment. What the kernel was not asked, or does not tell this user, is null. */
export interface Look {
  /** Epoch ms. */
  readonly atMs: number;
  /** In memory, shared pages as much as its own. */
  readonly residentBytes: number;
  /** Its own alone: what would be free without it. */
  readonly uniqueBytes: number | null;
  /** Its own, and of what several processes share its part. */
  readonly proportionalBytes: number | null;
  readonly sharedBytes: number | null;
  readonly fileDescriptors: number | null;
  readonly threads: number | null;
}

/**
 * Looks at a process of this machine; null when there is none of that id. Linux only.
 *
 * @param addsUp whether the kernel is asked to go through all its mappings, for what is unique, proportional and shared.
 */
export function lookAt(pid: number, addsUp: boolean): Look | null {
  const resident = residentBytes(pid);
  if (resident === null) return null;
  const sizes = addsUp ? sizesOf(pid) : null;
  return {
    atMs: Date.now(),
    residentBytes: resident,
    uniqueBytes: sizes?.('Private_Clean', 'Private_Dirty', 'Private_Hugetlb') ?? null,
    proportionalBytes: sizes?.('Pss') ?? null,
    sharedBytes: sizes?.('Shared_Clean', 'Shared_Dirty', 'Shared_Hugetlb') ?? null,
    fileDescriptors: entriesIn(`/proc/${pid}/fd`),
    threads: entriesIn(`/proc/${pid}/task`),
  };
}

/** The sum of some lines of what the kernel adds up over all mappings, bytes; null where this user may not look. */
function sizesOf(pid: number): ((...names: readonly string[]) => number) | null {
  try {
    const sizes = new Map(
      [...readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^(\w+):\s*(\d+) kB$/gm)].map(
        ([, name = '', kilobytes]) => [name, Number(kilobytes) * 1024],
      ),
    );
    return (...names) => names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  } catch {
    return null;
  }
}

function entriesIn(folder: string): number | null {
  try {
    return readdirSync(folder).length;
  } catch {
    return null;
  }
}
