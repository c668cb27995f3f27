import { BLOCK, BLOCK_MIX, type TrafficClass } from '../profiles';

// Looked up once: k6 looks for a global by its name at each use.
const { imul } = Math;

/** What one iteration does: its class, and which of that class it is in the whole run. */
export interface Step {
  readonly kind: TrafficClass;
  /** Counts the iterations of this class from 0, the same for every split of the run over machines. */
  readonly ordinal: number;
}

/** Orders that blocks have in turn: shuffling each block anew would cost every iteration twenty random numbers. */
const ORDERS = 64;
/** A place in a block is the letter that comes so many after this one. */
const FIRST_LETTER = 'A'.charCodeAt(0);

/**
 * The traffic mix: every block of 20 consecutively started iterations holds exactly 16 price queries, 3 analyses and
 * 1 DSL query, in an order that looks random.
 *
 * @param orders those of a seed: the same seed gives the same traffic.
 * @returns from `iterationInTest` to the iteration's step. Execution segments share the numbering, so a split run does
 *   what the whole would have done.
 */
export function trafficMix(orders: string): (iteration: number) => Step {
  const { price, analysis, dsl } = BLOCK_MIX;
  const { length } = orders;
  // No function is called for what arithmetic can do: each call of one costs a virtual user a microsecond.
  return (iteration) => {
    const place = orders.charCodeAt(iteration % length) - FIRST_LETTER;
    const block = (iteration - (iteration % BLOCK)) / BLOCK;
    if (place < price) return { kind: 'price', ordinal: block * price + place };
    if (place < price + analysis) return { kind: 'analysis', ordinal: block * analysis + place - price };
    return { kind: 'dsl', ordinal: block * dsl + place - price - analysis };
  };
}

/**
 * All orders of a seed, which is any integer, one behind the other, each a word of as many letters as a block has places. To be made once for all
 * virtual users: each on its own would spend 90 µs, more than a request, on every order that it comes to, and a thousand of
 * them, taking turns, come to a new one in nearly every iteration.
 */
export const ordersOf = (seed: number): string =>
  Array.from({ length: ORDERS }, (_, index) =>
    String.fromCharCode(...shuffledBlock(hash(seed, index)).map((place) => FIRST_LETTER + place)),
  ).join('');

/** Which price queries are cold: `share` of them, evenly spaced, the n-th with its own place among the cold. */
export function coldOrdinal(share: number, ordinal: number): number | null {
  // Rounded down; no run comes near 2³¹ queries.
  const before = (ordinal * share) | 0;
  return (((ordinal + 1) * share) | 0) > before ? before : null;
}

/** The places of a block in an order drawn from `seed` (Fisher–Yates). */
function shuffledBlock(seed: number): number[] {
  const places = Array.from({ length: BLOCK }, (_, place) => place);
  for (let last = BLOCK - 1; last > 0; last--) {
    const other = hash(seed, last) % (last + 1);
    [places[last], places[other]] = [places[other] as number, places[last] as number];
  }
  return places;
}

/** Mixes two integers to one from 0 to 2³²−1 (the finalizer of MurmurHash3, which spreads neighbours far apart). */
export function hash(a: number, b: number): number {
  let bits = (imul(a, 0x9e3779b1) + imul(b, 0x85ebca6b)) | 0;
  bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
