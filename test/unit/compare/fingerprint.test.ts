import { compare } from '../../../scripts/compare';
import { acceptedDifferences, differences } from '../../../scripts/compare/fingerprint';
import { UserError } from '../../../scripts/errors';
import type { Observation } from '../../../scripts/result/observation';
import { observation } from '../../support/observations';

const FINGERPRINT = { profile: 'smoke', k6: '2.2.0', PERF_RATE: '50' };
const run = (at: number, fingerprint: Observation['fingerprint']) => observation(at, {}, { fingerprint });
const baseline = [run(0, FINGERPRINT), run(2, FINGERPRINT)];
const changed = { ...FINGERPRINT, profile: 'load', PERF_RATE: '60' };
const candidate = [run(1, changed), run(3, changed)];

const messageOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
};

test('equal conditions differ in nothing, whatever the order of their names', () => {
  expect(differences(baseline, [run(1, Object.fromEntries(Object.entries(FINGERPRINT).reverse()))])).toEqual([]);
  expect(acceptedDifferences(baseline, [run(1, FINGERPRINT)], [])).toEqual([]);
});

test('every difference is told, with both sides’ values', () => {
  expect(differences(baseline, candidate)).toEqual([
    { name: 'PERF_RATE', baseline: '50', candidate: '60' },
    { name: 'profile', baseline: 'smoke', candidate: 'load' },
  ]);
});

test('what one side does not say is a difference', () => {
  const { k6, ...without } = FINGERPRINT;
  expect(differences(baseline, [run(1, without)])).toEqual([{ name: 'k6', baseline: k6, candidate: 'none' }]);
  expect(differences([run(0, without)], [run(1, FINGERPRINT)])).toEqual([
    { name: 'k6', baseline: 'none', candidate: k6 },
  ]);
});

test('runs of one side that differ among themselves are told too', () => {
  expect(differences([run(0, FINGERPRINT), run(2, changed)], [run(1, FINGERPRINT)])).toEqual([
    { name: 'PERF_RATE', baseline: '50 and 60', candidate: '50' },
    { name: 'profile', baseline: 'load and smoke', candidate: 'smoke' },
  ]);
});

test('a mixture of conditions is a difference even where both sides have the same one', () => {
  const mixture = [run(0, FINGERPRINT), run(1, changed)];
  expect(differences(mixture, mixture).map(({ name }) => name)).toEqual(['PERF_RATE', 'profile']);
});

test('a refusal names all differences and how to accept them', () => {
  const message = messageOf(() => compare({ baseline, candidate }));
  expect(message).toContain('PERF_RATE: 50 in the baseline, 60 in the candidate');
  expect(message).toContain('profile: smoke in the baseline, load in the candidate');
  expect(message).toContain('--allow PERF_RATE,profile');
});

test('accepting one difference does not accept another', () => {
  const message = messageOf(() => compare({ baseline, candidate, allow: ['profile'] }));
  expect(message).toContain('PERF_RATE: 50');
  expect(message).not.toContain('profile: smoke');
  expect(message).toMatch(/--allow PERF_RATE$/);
});

test('what was accepted is in the comparison, with its values', () => {
  const { accepted, verdict } = compare({ baseline, candidate, allow: ['profile', 'PERF_RATE'] });
  expect(accepted).toEqual([
    { name: 'PERF_RATE', baseline: '50', candidate: '60' },
    { name: 'profile', baseline: 'smoke', candidate: 'load' },
  ]);
  expect(verdict).not.toBe('INVALID');
});

test('accepting what does not differ changes nothing; accepting what there is not is a mistake', () => {
  expect(compare({ baseline, candidate: [run(1, FINGERPRINT)], allow: ['k6'] }).accepted).toEqual([]);
  const message = messageOf(() => compare({ baseline, candidate, allow: ['proflie', 'k6'] }));
  expect(message).toContain('proflie');
  expect(message).toContain('PERF_RATE, k6, profile');
});
