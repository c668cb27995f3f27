import { bucketOf, lowerBoundOf } from '../result/histogram';

/** From 2^-29, above the smallest magnitude that is not counted as zero, to 2^35: half a picosecond to a year, in ms. */
const LOWEST_EXPONENT = -29;
const EXPONENTS = 64;
/** Cells narrower than a bucket, so that at most one bound lies in each. */
const CELLS = 1 << 7;
/** What rounding may move a bound by, with room: values this near to one are left to the logarithm. */
const MARGIN = 1e-11;

const BIAS = 1023;
const MANTISSA_BITS_ABOVE = 20;
const SHIFT = MANTISSA_BITS_ABOVE - Math.log2(CELLS);
const FIRST = (LOWEST_EXPONENT + BIAS) * CELLS;

const double = new Float64Array(1);
const upper = new Int32Array(double.buffer, 4, 1);

/** Of each cell the index of the bucket that it begins in; up to where that surely goes, and from where on the next surely is. */
const indices = new Int32Array(EXPONENTS * CELLS);
const ends = new Float64Array(EXPONENTS * CELLS);
const starts = new Float64Array(EXPONENTS * CELLS);
for (let cell = 0; cell < indices.length; cell++) {
  const start = 2 ** (LOWEST_EXPONENT + Math.floor(cell / CELLS)) * (1 + (cell % CELLS) / CELLS);
  // A cell may begin just where a bucket does: what lies in it is what counts.
  const index = bucketOf(start * (1 + MARGIN));
  const bound = lowerBoundOf(index + 1);
  indices[cell] = index;
  ends[cell] = bound * (1 - MARGIN);
  starts[cell] = bound * (1 + MARGIN);
}

/**
 * What `bucketOf` gives, without its logarithm: the upper bits of a double tell its bucket or the one before it.
 */
export function quickBucketOf(value: number): number {
  if (value === 0) return 0;
  double[0] = value;
  const cell = ((upper[0] as number) >>> SHIFT) - FIRST;
  // Negative, tiny, huge.
  if (cell < 0 || cell >= indices.length) return bucketOf(value);
  const index = indices[cell] as number;
  if (value < (ends[cell] as number)) return index;
  return value > (starts[cell] as number) ? index + 1 : bucketOf(value);
}
