import { UserError } from '../errors';
import { DEFAULT_LIMITS, type Limits } from './decide';

/** A server ten times as slow is found by any limit below. */
const MOST = 10;

/**
 * The limits that `--threshold` asks for: δ is the given size, and nothing smaller than δ counts as a change within Δ.
 *
 * @param text a share, `0.10`, or per cent, `10%`; the default limits without it.
 * @throws UserError for what is neither, or not between 0 and 10.
 */
export function limitsOf(text: string | undefined): Limits {
  if (text === undefined) return DEFAULT_LIMITS;
  const [, digits, percent] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*$/.exec(text) ?? [];
  const size = digits === undefined ? Number.NaN : Number(digits) / (percent === '%' ? 100 : 1);
  if (!(size > 0 && size < MOST)) {
    throw new UserError(
      `--threshold must be a relative change above 0 and below ${MOST}, such as 0.10 or 10%, not ${JSON.stringify(text)}`,
    );
  }
  return { ...DEFAULT_LIMITS, smallestRelevant: size, margin: Math.max(DEFAULT_LIMITS.margin, size) };
}
