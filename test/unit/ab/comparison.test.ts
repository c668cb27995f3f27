import type { AbOutcome } from '../../../scripts/ab';
import { analyse } from '../../../scripts/ab/analyse';
import { comparisonOf } from '../../../scripts/ab/comparison';
import { type PairsOf, pairsOf } from '../../support/pairs';

const outcomeOf = (pairs: Partial<PairsOf>, changes: Partial<AbOutcome> = {}): AbOutcome => {
  const ab = pairsOf({ seconds: 60, perSecond: 150, ...pairs });
  return {
    folder: { path: 'x', id: 'x', file: (name) => name, release: () => undefined, discard: () => undefined },
    ab,
    look: analyse(ab, 0.002),
    flaws: [],
    versions: ['1', '2'],
    measuredMs: 60_000,
    machineShare: 0.4,
    ...changes,
  };
};

test('the verdict is the worst of what decides, with its interval', () => {
  const comparison = comparisonOf(outcomeOf({ factor: 1.1 }));
  expect(comparison).toMatchObject({ verdict: 'REGRESSED', exitCode: 1, design: 'pairs' });
  const typical = comparison.rows.find(({ id }) => id === 'all.typical');
  expect(typical?.low).toBeGreaterThan(0.02);
  expect(typical?.high).toBeGreaterThan(0.1);
  expect(comparison.reasons[0]).toMatch(/^All requests, typical latency: \+1\d\.\d % \(\+\d+\.\d % to \+1\d\.\d %\)$/);
});

test('with a flaw every row is INVALID, however much slower the candidate was', () => {
  const comparison = comparisonOf(outcomeOf({ factor: 2 }, { flaws: ['the candidate was restarted'] }));
  expect(comparison).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  expect(new Set(comparison.rows.map(({ verdict }) => verdict))).toEqual(new Set(['INVALID']));
  expect(comparison.reasons).toEqual(['this comparison would mean nothing: the candidate was restarted']);
});

test('with too few observations there is no verdict', () => {
  const comparison = comparisonOf(outcomeOf({ seconds: 4 }));
  expect(comparison).toMatchObject({ verdict: 'INVALID', exitCode: 3, rows: [] });
  expect(comparison.reasons).toEqual(['too little was measured to say anything']);
});

test('says when the servers may have waited for each other, and that it is about processes', () => {
  const warnings = (changes: Partial<AbOutcome>) => comparisonOf(outcomeOf({}, changes)).warnings;
  expect(warnings({ machineShare: 0.9 })).toEqual([expect.stringContaining('these two processes')]);
  expect(warnings({ machineShare: null })).toHaveLength(1);
  expect(warnings({ machineShare: 0.96 })[1]).toMatch(/^96 % of this machine's CPU was in use: .* lower PERF_RATE/);
});
