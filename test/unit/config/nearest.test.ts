import fc from 'fast-check';
import { nearest } from '../../../config';

/** Levenshtein's distance as it is defined. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return distance(restA, restB);
  return 1 + Math.min(distance(restA, restB), distance(restA, b), distance(a, restB));
}

const anyName = fc.string({ unit: fc.constantFrom('A', 'B', 'C', '_'), maxLength: 5 });

test('the nearest name is one with the fewest edits, the first of several, and none that is too far', () => {
  fc.assert(
    fc.property(anyName, fc.array(anyName, { maxLength: 5 }), (name, candidates) => {
      const distances = candidates.map((candidate) => distance(name, candidate));
      const fewest = Math.min(...distances);
      const farthest = Math.max(3, Math.ceil(name.length / 3));
      expect(nearest(name, candidates)).toBe(fewest > farthest ? null : candidates[distances.indexOf(fewest)]);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['PERF_TARGE', 'PERF_TARGET'],
  ['PERF_PROFIL', 'PERF_PROFILE'],
  ['PERF_URSES', 'PERF_USERS'],
  ['perf_users', null],
  ['PERF_QQQQQQQQQQ', null],
])('%s is taken for a slip of %s', (name, expected) => {
  expect(nearest(name, ['PERF_TARGET', 'PERF_PROFILE', 'PERF_USERS'])).toBe(expected);
});

test('a long name may be further off than a short one', () => {
  expect(nearest('abcd', ['wxyz'])).toBeNull();
  expect(nearest('abcdefghij', ['abcdef'])).toBe('abcdef');
  expect(nearest('abcdefghij', ['abcde'])).toBeNull();
});

test('nothing is near where there is nothing', () => {
  expect(nearest('PERF_TARGET', [])).toBeNull();
});
