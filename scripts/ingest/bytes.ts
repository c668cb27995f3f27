const WORD = 8;
/** Lines of k6 are a few hundred bytes; what is longer would fill the memory that remembers it. */
const LONGEST = 4096;

/**
 * Bytes that are remembered, to be found again at a place in memory.
 *
 * Compared eight at a time as floating-point numbers, the widest that JavaScript reads without making an object: 33 ns for
 * the 184 bytes of a line, where single bytes take 226. Two different words are equal numbers only as 0 and -0, so that
 * text with NUL in it is not remembered; UTF-8 is never the bits of a NaN, which would be unequal to itself.
 */
export class Bytes {
  /** None, which is at every place, until {@link remember} is called. */
  length = 0;
  /** Whole words, then one that ends with the last byte and so overlaps; of less than eight bytes, each byte. */
  private words = new Float64Array(WORD);
  private count = 0;

  /** @returns false of what cannot be remembered; nothing is remembered then. */
  remember(view: DataView, from: number, to: number): boolean {
    this.length = 0;
    this.count = 0;
    const length = to - from;
    if (length > LONGEST) return false;
    for (let at = from; at < to; at++) if (view.getUint8(at) === 0) return false;
    this.length = length;
    this.count = length < WORD ? length : Math.ceil(length / WORD);
    if (this.count > this.words.length) this.words = new Float64Array(this.count);
    for (let word = 0; word < this.count; word++) {
      this.words[word] =
        length < WORD ? view.getUint8(from + word) : view.getFloat64(Math.min(from + word * WORD, to - WORD), true);
    }
    return true;
  }

  /** Whether these bytes are at a place, and end before `to`. */
  isAt(view: DataView, from: number, to: number): boolean {
    const end = from + this.length;
    if (end > to) return false;
    const { words } = this;
    const last = this.count - 1;
    if (this.length < WORD) {
      for (let byte = 0; byte <= last; byte++) if (view.getUint8(from + byte) !== words[byte]) return false;
      return true;
    }
    for (let word = 0, at = from; word < last; word++, at += WORD) {
      if (view.getFloat64(at, true) !== words[word]) return false;
    }
    return view.getFloat64(end - WORD, true) === words[last];
  }
}

const HASH_WORD = 4;

/** A number that tells most texts apart; equal ones have the same. */
export function hashOf(view: DataView, from: number, to: number, seed: number): number {
  let hash = seed;
  if (to - from < HASH_WORD) {
    for (let at = from; at < to; at++) hash = mixed(hash, view.getUint8(at));
    return hash;
  }
  const last = to - HASH_WORD;
  for (let at = from; at < last; at += HASH_WORD) hash = mixed(hash, view.getInt32(at, true));
  return mixed(hash, view.getInt32(last, true));
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  // All lower bits have a part in the upper bits of a product, and none of the upper in the lower.
  return product ^ (product >>> 15);
}
