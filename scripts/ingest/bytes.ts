const WORD = 8;
/** Lines of k6 are a few hundred bytes; what is longer would fill the memory that remembers it. */
const LONGEST = 4096;
/** Different texts of one hash; further ones are not remembered, so that no file makes a search of each of its lines. */
const MOST_OF_ONE_HASH = 8;
const FIRST_WORDS = 64;

/**
 * Texts that are remembered, to be found again at a place in memory.
 *
 * They are compared eight bytes at a time as floating-point numbers, the widest that JavaScript reads without making an
 * object: 33 ns for the 184 bytes of a line, where single bytes take 226. Two different words are equal numbers only as 0
 * and -0, so that text with NUL in it is not remembered; UTF-8 is never the bits of a NaN, which would be unequal to itself.
 */
export class Texts {
  /** Of all of them: an array for each would take five times the memory. */
  words = new Float64Array(FIRST_WORDS);
  private end = 0;
  private readonly byHash = new Map<number, Bytes>();
  count = 0;

  find(view: DataView, from: number, to: number): Bytes | null {
    let bytes = this.byHash.get(hashOf(view, from, to)) ?? null;
    while (bytes !== null && !(bytes.length === to - from && bytes.isAt(view, from, to))) bytes = bytes.sameHash;
    return bytes;
  }

  /** @returns null of what cannot be remembered. */
  remember(view: DataView, from: number, to: number): Bytes | null {
    const known = this.find(view, from, to);
    if (known !== null) return known;
    const length = to - from;
    if (length > LONGEST) return null;
    for (let at = from; at < to; at++) if (view.getUint8(at) === 0) return null;
    const hash = hashOf(view, from, to);
    const sameHash = this.byHash.get(hash) ?? null;
    if (sameHash !== null && sameHash.depth >= MOST_OF_ONE_HASH) return null;
    const bytes = new Bytes(this, this.end, length, this.count, sameHash);
    this.reserve(bytes.wordCount);
    for (let word = 0; word < bytes.wordCount; word++) {
      this.words[this.end + word] =
        length < WORD ? view.getUint8(from + word) : view.getFloat64(Math.min(from + word * WORD, to - WORD), true);
    }
    this.end += bytes.wordCount;
    this.byHash.set(hash, bytes);
    this.count += 1;
    return bytes;
  }

  private reserve(words: number): void {
    if (this.end + words <= this.words.length) return;
    const longer = new Float64Array(2 * this.words.length);
    longer.set(this.words);
    this.words = longer;
  }
}

/** One of the texts. */
export class Bytes {
  /** Whole words, then one that ends with the last byte and so overlaps; of less than eight bytes, each byte. */
  readonly wordCount: number;
  readonly depth: number;

  constructor(
    private readonly texts: Texts,
    private readonly start: number,
    readonly length: number,
    /** How many were remembered before it. */
    readonly order: number,
    readonly sameHash: Bytes | null,
  ) {
    this.wordCount = length < WORD ? length : Math.ceil(length / WORD);
    this.depth = sameHash === null ? 1 : sameHash.depth + 1;
  }

  /** Whether these bytes are at a place, and end before `to`. */
  isAt(view: DataView, from: number, to: number): boolean {
    const end = from + this.length;
    if (end > to) return false;
    const words = this.texts.words;
    const start = this.start;
    const last = start + this.wordCount - 1;
    if (this.length < WORD) {
      for (let byte = 0; byte < this.length; byte++) {
        if (view.getUint8(from + byte) !== words[start + byte]) return false;
      }
      return true;
    }
    // The last first: what differs does so at its end more often than at its beginning.
    if (view.getFloat64(end - WORD, true) !== words[last]) return false;
    for (let word = start, at = from; word < last; word++, at += WORD) {
      if (view.getFloat64(at, true) !== words[word]) return false;
    }
    return true;
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
