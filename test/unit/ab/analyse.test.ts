import fc from 'fast-check';
import { analyse, FEWEST_REPLICATES, isDecided, type Look } from '../../../scripts/ab/analyse';
import type { Ab } from '../../../scripts/result/ab';
import { pairsOf } from '../../support/pairs';

const ALPHA = 0.002;

const verdictsOf = (look: Look | null): Record<string, string> =>
  Object.fromEntries((look?.measures ?? []).map(({ id }, at) => [id, look?.decisions[at]?.verdict ?? '']));
const differenceOf = (look: Look | null, id: string): number =>
  look?.measures.find((measure) => measure.id === id)?.estimate.difference ?? Number.NaN;

function swapped(ab: Ab): Ab {
  return {
    ...ab,
    rounds: ab.rounds.map((round) => ({
      ...round,
      samples: { ...round.samples, side: round.samples.side.map((side) => 1 - side) },
      failures: round.failures.map((one) => ({ ...one, side: 1 - one.side })),
    })),
  };
}

test('a server that is a tenth slower is found, in what is typical and in the tail', () => {
  const look = analyse(pairsOf({ seconds: 60, perSecond: 150, factor: 1.1 }), ALPHA);
  expect(verdictsOf(look)).toMatchObject({
    'all.typical': 'REGRESSED',
    'all.p95': 'REGRESSED',
    'all.failures': 'NO CHANGE',
    'search-quick.typical': 'REGRESSED',
  });
  expect(differenceOf(look, 'all.typical')).toBeCloseTo(Math.log(1.1), 1);
  expect(isDecided(look as Look)).toBe(true);
});

test('two servers that are alike are found to be alike, not only not different', () => {
  const look = analyse(pairsOf({ seconds: 120, perSecond: 150 }), ALPHA);
  expect(verdictsOf(look)).toMatchObject({
    'all.typical': 'NO CHANGE',
    'all.p95': 'NO CHANGE',
    'all.failures': 'NO CHANGE',
  });
  expect(isDecided(look as Look)).toBe(true);
});

test('swapping the servers mirrors every verdict', () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 1.1, 1.3), fc.integer({ min: 1, max: 1000 }), (factor, seed) => {
      const ab = pairsOf({ seconds: 20, perSecond: 60, factor, seed });
      const [there, back] = [analyse(ab, ALPHA), analyse(swapped(ab), ALPHA)];
      const mirror: Record<string, string> = { REGRESSED: 'IMPROVED', IMPROVED: 'REGRESSED' };
      const mirrored = Object.entries(verdictsOf(there)).map(([id, word]) => [id, mirror[word] ?? word]);
      expect(verdictsOf(back)).toEqual(Object.fromEntries(mirrored));
      expect(differenceOf(back, 'all.typical')).toBeCloseTo(-differenceOf(there, 'all.typical'), 9);
      expect(differenceOf(back, 'all.p95')).toBeCloseTo(-differenceOf(there, 'all.p95'), 9);
    }),
    { numRuns: 10 },
  );
});

test('a machine that stalls both servers changes no verdict', () => {
  const stalls = (second: number) => (second % 17 < 2 ? 8 : 1);
  const look = analyse(pairsOf({ seconds: 120, perSecond: 150, disturbance: stalls }), ALPHA);
  expect(verdictsOf(look)).toMatchObject({ 'all.typical': 'NO CHANGE', 'all.p95': 'NO CHANGE' });
});

test('a stretch in which one server alone was disturbed does not decide', () => {
  const ab = pairsOf({ seconds: 120, perSecond: 100 });
  const { samples } = ab.rounds[0] as Ab['rounds'][number];
  samples.durationUs = samples.durationUs.map((us, at) =>
    samples.side[at] === 1 && (samples.atMs[at] as number) < 4000 ? us * 20 : us,
  );
  expect(verdictsOf(analyse(ab, ALPHA))['all.typical']).toBe('NO CHANGE');
});

test('failures of the candidate are a regression of their own', () => {
  const look = analyse(pairsOf({ seconds: 60, perSecond: 100, failed: [0, 0.02] }), ALPHA);
  expect(verdictsOf(look)).toMatchObject({
    'all.failures': 'REGRESSED',
    'all.typical': expect.not.stringMatching('REGRESSED'),
  });
});

test('an operation that takes far longer than the others weighs as much as they do', () => {
  const ab = pairsOf({ seconds: 60, perSecond: 150 });
  const { samples } = ab.rounds[0] as Ab['rounds'][number];
  // Only the slow operation, a twentieth of the traffic, gets 30 % slower: the whole moves by a twentieth of that.
  samples.durationUs = samples.durationUs.map((us, at) =>
    samples.side[at] === 1 && samples.operation[at] === 2 ? Math.round(us * 1.3) : us,
  );
  const look = analyse(ab, ALPHA);
  expect(Math.abs(differenceOf(look, 'all.typical') - Math.log(1.3) / 20)).toBeLessThan(0.02);
  expect(verdictsOf(look)['dsl-sync.typical']).toBe('REGRESSED');
});

test('too few independent observations are none', () => {
  expect(analyse(pairsOf({ seconds: 2 * (FEWEST_REPLICATES - 1), perSecond: 100 }), ALPHA)).toBeNull();
});

test('blocks that resemble their neighbours are counted as half as many', () => {
  // A slow swing of the candidate alone: neighbouring blocks are alike, so they are no independent observations.
  const ab = pairsOf({ seconds: 80, perSecond: 60, sigma: 0.05 });
  const { samples } = ab.rounds[0] as Ab['rounds'][number];
  samples.durationUs = samples.durationUs.map((us, at) =>
    samples.side[at] === 1 ? Math.round(us * (1 + 0.2 * Math.sin((samples.atMs[at] as number) / 6000))) : us,
  );
  expect(analyse(ab, ALPHA)?.replicates).toBe(20);
  expect(analyse(pairsOf({ seconds: 80, perSecond: 60 }), ALPHA)?.replicates).toBe(40);
});

test('with restarts a round is one observation, however long it was', () => {
  const rounds = [1, 2, 3, 4, 5, 6].map(
    (seed) => pairsOf({ seconds: 8, perSecond: 60, seed }).rounds[0] as Ab['rounds'][number],
  );
  const ab: Ab = { ...pairsOf({ seconds: 1, perSecond: 1 }), replicate: 'restart', rounds };
  expect(analyse(ab, ALPHA)?.replicates).toBe(6);
});
