import { packageOf } from './package';
import { type Profile, totalMs } from './profile';

/** How much of a profile something takes. */
export interface Total {
  readonly name: string;
  /** File and line of a function's beginning; empty where nothing tells, and for packages. */
  readonly where: string;
  /** Share of the time in which it was at work itself. */
  readonly self: number;
  /** Share of the time in which it, or what it called, was at work. */
  readonly total: number;
}

/** By function; in no order. */
export const functionTotals = (profile: Profile): Total[] =>
  totalsBy(profile, ({ name, file, line }) => ({ name, where: line === null ? file : `${file}:${line}` }));

/** By the package that the code belongs to; in no order. */
export const packageTotals = (profile: Profile): Total[] =>
  totalsBy(profile, ({ file, name }) => ({ name: packageOf(file, name), where: '' }));

function totalsBy(
  profile: Profile,
  labelOf: (frame: Profile['frames'][number]) => { readonly name: string; readonly where: string },
): Total[] {
  const all = totalMs(profile);
  if (all === 0) return [];
  const labels = profile.frames.map(labelOf);
  const keys = labels.map(({ name, where }) => JSON.stringify([name, where]));
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  const add = (sums: Map<string, number>, key: string | undefined, weightMs: number) => {
    if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + weightMs);
  };
  for (const { frames, weightMs } of profile.stacks) {
    const innermost = frames.at(-1);
    if (innermost !== undefined) add(self, keys[innermost], weightMs);
    // Once each: what calls itself is on the stack several times, and takes the time only once.
    for (const key of new Set(frames.map((frame) => keys[frame]))) add(total, key, weightMs);
  }
  const byKey = new Map(keys.map((key, at) => [key, labels[at]]));
  return [...total].map(([key, weightMs]) => ({
    name: byKey.get(key)?.name ?? '',
    where: byKey.get(key)?.where ?? '',
    self: (self.get(key) ?? 0) / all,
    total: weightMs / all,
  }));
}
