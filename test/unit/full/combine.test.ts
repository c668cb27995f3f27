import fc from 'fast-check';
import { combined, notRun, worstFirst } from '../../../scripts/full/combine';
import type { FullPart } from '../../../scripts/result/full';
import { VERDICTS, type VerdictWord } from '../../../scripts/result/verdict';

const EXIT: Readonly<Partial<Record<VerdictWord, number>>> = { FAIL: 1, REGRESSED: 1, INVALID: 3 };
const part = (changes: Partial<FullPart> = {}): FullPart => ({
  name: 'spike',
  scenario: 'load',
  profile: 'spike',
  fault: null,
  verdict: 'PASS',
  countsAs: 'PASS',
  exitCode: 0,
  headline: '',
  reasons: [],
  folder: 'spike',
  durationMs: 1,
  ...changes,
});
const judged = (verdict: VerdictWord, exitCode = EXIT[verdict] ?? 0) => part({ verdict, countsAs: verdict, exitCode });
const missing = (why: 'cannot' | 'did not', failOn: readonly VerdictWord[] = []) =>
  part({ ...notRun(why, failOn), folder: null });

const anyJudged = fc.constantFrom(...VERDICTS).map((verdict) => judged(verdict));
const anyMissing = fc.constantFrom('cannot' as const, 'did not' as const).map((why) => missing(why));
const anyParts = fc.array(fc.oneof(anyJudged, anyMissing), { minLength: 1, maxLength: 20 });
const badness = (word: VerdictWord) => -VERDICTS.indexOf(word);

test('the verdict is that of the worst part, whatever the order', () => {
  fc.assert(
    fc.property(anyParts, fc.nat(), (parts, turn) => {
      fc.pre(parts.some(({ verdict }) => verdict !== 'NOT RUN'));
      const { verdict, exitCode } = combined(parts);
      expect(badness(verdict)).toBe(Math.max(...parts.map(({ countsAs }) => badness(countsAs))));
      expect(exitCode).toBe(EXIT[verdict] ?? 0);
      const at = turn % parts.length;
      expect(combined([...parts.slice(at), ...parts.slice(0, at)])).toMatchObject({ verdict, exitCode });
    }),
  );
});

test('another part never makes it better', () => {
  fc.assert(
    fc.property(anyParts, anyJudged, (parts, more) => {
      fc.pre(parts.some(({ verdict }) => verdict !== 'NOT RUN'));
      expect(badness(combined([...parts, more]).verdict)).toBeGreaterThanOrEqual(badness(combined(parts).verdict));
    }),
  );
});

test('with a part that was not run it is no PASS', () => {
  fc.assert(
    fc.property(anyParts, anyMissing, (parts, more) => {
      expect(combined([...parts, more]).verdict).not.toBe('PASS');
    }),
  );
});

test('all parts pass, and only then it is a PASS', () => {
  expect(combined([judged('PASS'), judged('PASS')])).toEqual({
    verdict: 'PASS',
    exitCode: 0,
    headline: '2 parts: 2 PASS',
  });
});

test('what has no means here is a warning; what should have been run and was not is INVALID, unless something failed', () => {
  expect(combined([judged('PASS'), missing('cannot')])).toEqual({
    verdict: 'WARN',
    exitCode: 0,
    headline: '2 parts: 1 PASS, 1 NOT RUN',
  });
  expect(combined([judged('PASS'), missing('did not')])).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  expect(combined([judged('FAIL'), missing('did not')])).toMatchObject({ verdict: 'FAIL', exitCode: 1 });
});

test('where nothing was run there is no verdict that could pass, and the exit code of what ended before any load', () => {
  expect(combined([missing('cannot'), missing('did not')])).toEqual({
    verdict: 'INVALID',
    exitCode: 2,
    headline: 'none of 2 parts was run',
  });
});

test('--fail-on makes the exit code of a part, and of a part that was not run, count', () => {
  expect(combined([judged('PASS'), missing('cannot', ['WARN'])])).toMatchObject({ verdict: 'WARN', exitCode: 1 });
  expect(combined([judged('PASS', 1), judged('WARN')])).toMatchObject({ verdict: 'WARN', exitCode: 1 });
  // What cannot be judged stays that.
  expect(combined([judged('INVALID'), judged('WARN', 1)])).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
});

test('the worst is first, a part that was not run after those of its weight, the rest as it was run', () => {
  const parts = [
    judged('PASS'),
    missing('cannot'),
    judged('WARN'),
    judged('FAIL'),
    missing('did not'),
    judged('INVALID'),
  ];
  const named = parts.map((each, at) => ({ ...each, name: String(at) }));
  expect(worstFirst(named).map(({ name }) => name)).toEqual(['3', '5', '4', '2', '1', '0']);
  fc.assert(
    fc.property(anyParts, (any) => {
      const words = worstFirst(any).map(({ countsAs }) => badness(countsAs));
      expect(words).toEqual([...words].sort((a, b) => b - a));
    }),
  );
});
