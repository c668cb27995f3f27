/** A place in a program. */
export interface Frame {
  readonly name: string;
  /** Path or shared object; empty where nothing tells. */
  readonly file: string;
  /** Of the function's beginning, from 1; null where nothing tells. */
  readonly line: number | null;
}

/** What was seen on stacks, from whatever profiler. */
export interface Profile {
  readonly frames: readonly Frame[];
  readonly stacks: readonly Stack[];
  /** How many looks they come from: by as many the shares are known. */
  readonly samples: number;
}

export interface Stack {
  /** Places in `frames`, the outermost caller first. */
  readonly frames: readonly number[];
  /** What it stands for: of a profile of the CPU its time, ms; of what a heap keeps, bytes. */
  readonly weight: number;
}

/** Collects samples, each kind of stack once. */
export function profileBuilder(): { add(stack: readonly Frame[], weight: number): void; profile(): Profile } {
  const frames: Frame[] = [];
  const places = new Map<string, number>();
  const stacks = new Map<string, { readonly frames: readonly number[]; weight: number }>();
  let samples = 0;
  const placeOf = (frame: Frame): number => {
    const key = JSON.stringify([frame.name, frame.file, frame.line]);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, frames.length);
    return frames.push(frame) - 1;
  };
  return {
    add(stack, weight) {
      samples += 1;
      const ids = stack.map(placeOf);
      const key = ids.join();
      const known = stacks.get(key);
      if (known === undefined) stacks.set(key, { frames: ids, weight });
      else known.weight += weight;
    },
    profile: () => ({ frames, stacks: [...stacks.values()], samples }),
  };
}

export const totalWeight = ({ stacks }: Profile): number => stacks.reduce((sum, { weight }) => sum + weight, 0);
