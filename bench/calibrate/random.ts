import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers that follows from its name alone, whatever was drawn elsewhere, and by which process. */
export interface Random {
  /** From 0 up to 1, which it never is. */
  uniform(): number;
  /** Of mean 0 and standard deviation 1. */
  normal(): number;
  /** A whole number from 0 up to `below`, which it never is. */
  below(below: number): number;
}

export function randomOf(name: string): Random {
  const generator = xoroshiro128plus(createHash('sha256').update(name).digest().readInt32LE(0));
  let spare: number | null = null;
  const uniform = () => uniformFloat64(generator);
  return {
    uniform,
    below: (below) => Math.floor(uniform() * below),
    normal: () => {
      if (spare !== null) {
        const kept = spare;
        spare = null;
        return kept;
      }
      // Box and Muller: two at a time. 1 − u is never 0, of which there is no logarithm.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/** The numbers from 0 up to `count` in a random order, beginning anew in another one when all were given. */
export function* shuffled(count: number, random: Random): Generator<number, never> {
  const order = Int32Array.from({ length: count }, (_, at) => at);
  for (;;) {
    // Fisher and Yates.
    for (let at = count - 1; at > 0; at--) {
      const other = random.below(at + 1);
      const kept = order[at] as number;
      order[at] = order[other] as number;
      order[other] = kept;
    }
    yield* order;
  }
}
