import { packageOf } from './package';
import { type Profile, totalWeight } from './profile';

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

/** The file alone: where it was in it changes with every edit above. */
export const fileIn = ({ where }: Pick<Total, 'where'>): string => where.replace(/:\d+$/, '');

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
  const all = totalWeight(profile);
  if (all === 0) return [];
  const labels = profile.frames.map(labelOf);
  const keys = labels.map(({ name, where }) => JSON.stringify([name, where]));
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  const add = (sums: Map<string, number>, key: string | undefined, weight: number) => {
    if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + weight);
  };
  for (const { frames, weight } of profile.stacks) {
    const innermost = frames.at(-1);
    if (innermost !== undefined) add(self, keys[innermost], weight);
    // Once each: what calls itself is on the stack several times, and takes the time only once.
    for (const key of new Set(frames.map((frame) => keys[frame]))) add(total, key, weight);
  }
  const byKey = new Map(keys.map((key, at) => [key, labels[at]]));
  return [...total].map(([key, weight]) => ({
    name: byKey.get(key)?.name ?? '',
    where: byKey.get(key)?.where ?? '',
    self: (self.get(key) ?? 0) / all,
    total: weight / all,
  }));
}
