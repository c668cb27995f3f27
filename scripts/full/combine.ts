import { EXIT_FAIL, EXIT_INVALID, EXIT_OK, EXIT_USAGE } from '../exit-codes';
import type { FullPart } from '../result/full';
import { VERDICTS, type VerdictWord } from '../result/verdict';
import { plural } from '../text/format';

/** How bad a part is, the worst first. */
export const rank = ({ countsAs, verdict }: Pick<FullPart, 'countsAs' | 'verdict'>): number =>
  2 * VERDICTS.indexOf(countsAs) + (verdict === 'NOT RUN' ? 1 : 0);

/** Parts with the worst first, else as they were run. */
export const worstFirst = (parts: readonly FullPart[]): FullPart[] =>
  [...parts].sort((one, other) => rank(one) - rank(other));

/**
 * What a part that was not run counts as: a warning where this place has no means for it, and INVALID where it should have
 * been run and was not, since then nobody knows.
 */
export function notRun(
  why: 'cannot' | 'did not',
  failOn: readonly VerdictWord[],
): Pick<FullPart, 'verdict' | 'countsAs' | 'exitCode'> {
  if (why === 'did not') return { verdict: 'NOT RUN', countsAs: 'INVALID', exitCode: EXIT_INVALID };
  return { verdict: 'NOT RUN', countsAs: 'WARN', exitCode: failOn.includes('WARN') ? EXIT_FAIL : EXIT_OK };
}

/**
 * The one verdict on all parts: that of the worst. Where no part was run there is nothing to pass: that is INVALID, with
 * the exit code of what ended before any load.
 */
export function combined(parts: readonly FullPart[]): {
  readonly verdict: VerdictWord;
  readonly exitCode: number;
  readonly headline: string;
} {
  const ran = parts.filter(({ verdict }) => verdict !== 'NOT RUN');
  if (ran.length === 0) {
    return { verdict: 'INVALID', exitCode: EXIT_USAGE, headline: `none of ${plural(parts.length, 'part')} was run` };
  }
  const sorted = worstFirst(parts);
  const words = [...VERDICTS, 'NOT RUN'] as const;
  const counts = words
    .map((word) => ({ word, count: parts.filter(({ verdict }) => verdict === word).length }))
    .filter(({ count }) => count > 0);
  return {
    verdict: sorted[0]?.countsAs ?? 'INVALID',
    exitCode: sorted.find(({ exitCode }) => exitCode !== EXIT_OK)?.exitCode ?? EXIT_OK,
    headline: `${plural(parts.length, 'part')}: ${counts.map(({ word, count }) => `${count} ${word}`).join(', ')}`,
  };
}
