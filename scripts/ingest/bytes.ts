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
  readonly length: number;
  /** Whole words, then one that ends with the last byte and so overlaps; of less than eight bytes, each byte. */
  private readonly words: Float64Array;

  /** @param order a number of their own. */
  constructor(
    view: DataView,
    from: number,
    to: number,
    readonly order: number,
  ) {
    this.length = to - from;
    const isShort = this.length < WORD;
    this.words = Float64Array.from({ length: isShort ? this.length : Math.ceil(this.length / WORD) }, (_, word) =>
      isShort ? view.getUint8(from + word) : view.getFloat64(Math.min(from + word * WORD, to - WORD), true),
    );
  }

  /** Whether these bytes are at a place, and end before `to`. */
  isAt(view: DataView, from: number, to: number): boolean {
    const end = from + this.length;
    if (end > to) return false;
    const { words } = this;
    const last = words.length - 1;
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

/** Different texts of one hash; further ones are not remembered, so that no file makes a search of each of its lines. */
const MOST_OF_ONE_HASH = 8;

/** Bytes that are remembered once, wherever they occur. */
export class Texts {
  private readonly byHash = new Map<number, Bytes[]>();
  count = 0;

  find(view: DataView, from: number, to: number): Bytes | null {
    const same = this.byHash.get(hashOf(view, from, to));
    if (same === undefined) return null;
    for (const bytes of same) if (bytes.length === to - from && bytes.isAt(view, from, to)) return bytes;
    return null;
  }

  /** @returns null of what cannot be remembered. */
  remember(view: DataView, from: number, to: number): Bytes | null {
    const known = this.find(view, from, to);
    if (known !== null) return known;
    if (to - from > LONGEST) return null;
    for (let at = from; at < to; at++) if (view.getUint8(at) === 0) return null;
    const hash = hashOf(view, from, to);
    const same = this.byHash.get(hash) ?? [];
    if (same.length >= MOST_OF_ONE_HASH) return null;
    const bytes = new Bytes(view, from, to, this.count);
    same.push(bytes);
    this.byHash.set(hash, same);
    this.count += 1;
    return bytes;
  }

  clear(): void {
    this.byHash.clear();
    this.count = 0;
  }
}

const HASH_WORD = 4;

/** A number that tells most texts apart; equal ones have the same. */
function hashOf(view: DataView, from: number, to: number): number {
  let hash = 0;
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
