import { adjusted, DEFAULT_LIMITS, decide, type ErrorRates, type Oriented } from '../../../scripts/compare/decide';
import { type Estimate, interval, pAbove } from '../../../scripts/compare/estimate';

const DELTA = Math.log1p(DEFAULT_LIMITS.smallestRelevant);
const MARGIN = Math.log1p(DEFAULT_LIMITS.margin);
const { alpha } = DEFAULT_LIMITS;

const estimateOf = (difference: number, standardError: number, df = 8): Estimate => ({
  difference,
  standardError,
  df,
  runSd: standardError,
  baselineRuns: 5,
  candidateRuns: 5,
});
const measure = (difference: number, standardError: number, changes: Partial<Oriented> = {}): Oriented => ({
  estimate: estimateOf(difference, standardError),
  aboveFloor: true,
  smallestRelevant: DELTA,
  margin: MARGIN,
  ...changes,
});
const verdictOf = (...args: Parameters<typeof measure>) => decide([measure(...args)], { alpha }, 'holm')[0]?.verdict;

test('a change that is sure and large enough is a regression or an improvement', () => {
  expect(verdictOf(0.1, 0.02)).toBe('REGRESSED');
  expect(verdictOf(-0.1, 0.02)).toBe('IMPROVED');
});

test('a change smaller than δ is neither, however sure', () => {
  expect(verdictOf(DELTA - 1e-9, 0.0001)).toBe('NO CHANGE');
  expect(verdictOf(DELTA, 0.0001)).toBe('REGRESSED');
  expect(verdictOf(-(DELTA - 1e-9), 0.0001)).toBe('NO CHANGE');
  expect(verdictOf(-DELTA, 0.0001)).toBe('IMPROVED');
});

test('a change below the absolute floor is neither, in either direction', () => {
  expect(verdictOf(0.2, 0.001, { aboveFloor: false })).toBe('INCONCLUSIVE');
  expect(verdictOf(-0.2, 0.001, { aboveFloor: false })).toBe('INCONCLUSIVE');
});

test('a measure alone is held to half of α on its side', () => {
  // One-sided p of 2.5 %, just not and just so.
  const reach = interval(estimateOf(0, 1), 0.95)[1];
  expect(verdictOf(0.1, 0.1 / (reach + 1e-6))).toBe('REGRESSED');
  expect(verdictOf(0.1, 0.1 / (reach - 1e-6))).toBe('INCONCLUSIVE');
});

test('in a family the surest has to be surer', () => {
  const sure = measure(0.1, 0.1 / 2.6);
  const unsure = measure(0, 0.1);
  expect(pAbove(sure.estimate)).toBeGreaterThan(alpha / 4);
  expect(decide([sure], { alpha }, 'holm')[0]?.verdict).toBe('REGRESSED');
  expect(decide([sure, unsure, unsure, unsure], { alpha }, 'holm').map(({ verdict }) => verdict)).toEqual([
    'INCONCLUSIVE',
    'INCONCLUSIVE',
    'INCONCLUSIVE',
    'INCONCLUSIVE',
  ]);
  // Four that are alike confirm each other under the control of the share of false ones, and not under that of any.
  const each = (method: 'holm' | 'bh') =>
    decide([sure, sure, sure, sure], { alpha }, method).map(({ verdict }) => verdict);
  expect(new Set(each('bh'))).toEqual(new Set(['REGRESSED']));
  expect(new Set(each('holm'))).toEqual(new Set(['INCONCLUSIVE']));
});

test('a family may be held to less than a measure alone, and "no change" to something else', () => {
  const [sure, unsure] = [measure(0.1, 0.1 / 2.81), measure(0, 0.1)];
  const first = (rates: ErrorRates) => decide([sure, unsure], rates, 'holm')[0];
  const corrected = first({ alpha })?.adjustedWorse ?? Number.NaN;
  expect(first({ alpha, familyAlpha: corrected + 1e-9 })?.verdict).toBe('REGRESSED');
  expect(first({ alpha, familyAlpha: corrected })?.verdict).toBe('INCONCLUSIVE');
  const near = measure(0, MARGIN / interval(estimateOf(0, 1), 0.9)[1]);
  expect(decide([near], { alpha, equalityAlpha: 0.051 }, 'holm')[0]?.verdict).toBe('NO CHANGE');
  expect(decide([near], { alpha, equalityAlpha: 0.049 }, 'holm')[0]?.verdict).toBe('INCONCLUSIVE');
});

test('the corrected p of both directions are those of the family', () => {
  const family = [measure(0.1, 0.03), measure(0.02, 0.03), measure(-0.05, 0.03)];
  const decisions = decide(family, { alpha }, 'holm');
  const corrected = adjusted(
    decisions.map(({ pWorse }) => pWorse),
    'holm',
  );
  decisions.forEach(({ adjustedWorse }, at) => {
    expect(adjustedWorse).toBe(corrected[at]);
  });
  expect(decisions.map(({ pWorse, pBetter }) => pWorse + pBetter)).toEqual(
    [1, 1, 1].map((one) => expect.closeTo(one, 9)),
  );
});

test('“no change” takes the 90 % interval within the margin on both sides', () => {
  const reach = interval(estimateOf(0, 1), 0.9)[1];
  expect(verdictOf(0, MARGIN / (reach + 1e-6))).toBe('NO CHANGE');
  expect(verdictOf(0, MARGIN / (reach - 1e-6))).toBe('INCONCLUSIVE');
  expect(verdictOf(0.04, (MARGIN - 0.04) / (reach - 1e-6))).toBe('INCONCLUSIVE');
  expect(verdictOf(-0.04, (MARGIN - 0.04) / (reach - 1e-6))).toBe('INCONCLUSIVE');
});

test('a change that is surely there and too small to matter is told as such', () => {
  const told = (difference: number, standardError: number) =>
    decide([measure(difference, standardError)], { alpha }, 'holm')[0]?.belowRelevance;
  expect(told(0.03, 0.005)).toBe(true);
  expect(told(-0.03, 0.005)).toBe(true);
  expect(told(0.003, 0.005)).toBe(false);
  expect(told(0.1, 0.005)).toBe(false);
});

test('runs that agree to the last digit are believed', () => {
  expect(verdictOf(0.1, 0)).toBe('REGRESSED');
  expect(verdictOf(-0.1, 0)).toBe('IMPROVED');
  expect(verdictOf(0, 0)).toBe('NO CHANGE');
});

test('no measures, no decisions', () => {
  expect(decide([], { alpha }, 'holm')).toEqual([]);
});
