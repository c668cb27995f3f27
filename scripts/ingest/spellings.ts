import type { Bytes } from './bytes';

/** Twice as many as a script is likely to set tags. */
const SLOTS = 16;
const SHIFT = 32 - Math.log2(SLOTS);
const WORD = 8;
/** After so many there are too many spellings for each to have a place of its own. */
const MOST_MOVES = 32;
/** Odd, as is each sum of an odd number and this. */
const STEP = 0x3c6ef372;

/**
 * The tails that lines of one series had lately, found by the last eight bytes of a line.
 *
 * k6's CSV has a series' tags in any order, and which it will be nobody can foretell: trying one after the other has the
 * processor guess wrong in most lines, which costs more than to compare them.
 */
export class Spellings {
  private readonly slots: (Bytes | null)[] = Array.from({ length: SLOTS }, () => null);
  /** Of 32 bits with a sign: what is beyond them would be an object, to be looked up and converted for each line. */
  private factor = 0x9e3779b1 | 0;
  private moves = 0;

  /** The one that a line may end with, to be compared with it; null when it is none that is known. */
  at(view: DataView, end: number): Bytes | null {
    return this.slots[this.slotOf(view, end)] as Bytes | null;
  }

  /** @param end behind the tail, of at least eight bytes, in the view. */
  put(tail: Bytes, view: DataView, end: number): void {
    const other = this.at(view, end);
    if (other === tail) return;
    if (other !== null && this.moves < MOST_MOVES) {
      // Others get their places as they come.
      this.slots.fill(null);
      this.factor = (this.factor + STEP) | 0;
      this.moves += 1;
    }
    this.slots[this.slotOf(view, end)] = tail;
  }

  private slotOf(view: DataView, end: number): number {
    return Math.imul(view.getInt32(end - WORD, true) ^ view.getInt32(end - WORD / 2, true), this.factor) >>> SHIFT;
  }
}
