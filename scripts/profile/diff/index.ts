import { basename } from 'node:path';
import { UserError } from '../../errors';
import { EXIT_OK } from '../../exit-codes';
import { grouped, percent } from '../../text/format';
import type { Findings, FindingsTable } from '../findings';
import { shortPath } from '../short-path';
import { type Change, changes } from '../stacks/change';
import { type Profile, totalWeight } from '../stacks/profile';
import { readSpeedscope } from '../stacks/speedscope';
import { functionTotals, packageTotals } from '../stacks/totals';
import { differentialTree } from '../stacks/tree';

const MOST_ROWS = 15;

/**
 * Compares two profiles by the share of the time that each function takes.
 *
 * @param earlier path of a `*.speedscope.json`, of this suite or of py-spy.
 * @throws UserError when one of them cannot be read, or shows nothing.
 */
export function diffFindings(earlier: string, later: string): Findings {
  const [a, b] = [readFilled(earlier), readFilled(later)];
  const byFunction = (share: 'self' | 'total') => changes(sideOf(a, functionTotals), sideOf(b, functionTotals), share);
  const self = byFunction('self');
  const real = self.filter(isReal);
  return {
    kind: 'diff',
    verdict: 'PROFILE',
    exitCode: EXIT_OK,
    headline: headlineOf(real),
    about: [
      `${basename(later)}: ${grouped(b.samples)} samples, compared with ${basename(earlier)}: ${grouped(a.samples)}`,
    ],
    facts: [{ name: 'Functions that changed', value: String(real.length) }],
    notes: [
      'shares are of the time at work: where one function takes more, all others take a smaller share of it. Whether the server got slower is for fiml-perf compare and ab to say',
    ],
    tables: [
      changesTable('Functions by their own time', self),
      changesTable('Functions with what they call', byFunction('total')),
      changesTable('Packages', changes(sideOf(a, packageTotals), sideOf(b, packageTotals), 'self')),
    ],
    figures: [],
    flameGraph: {
      caption: `As wide as in ${basename(later)}; red takes more of the time than in ${basename(earlier)}, blue less. What is gone altogether is in the tables alone.`,
      unit: 'ms',
      isDifferential: true,
      root: differentialTree(a, b, totalWeight(b) / totalWeight(a)),
    },
  };
}

function readFilled(path: string): Profile {
  const profile = readSpeedscope(path);
  if (totalWeight(profile) > 0) return profile;
  throw new UserError(`${path} shows nothing at work: profile again, under a load`);
}

const sideOf = (profile: Profile, totalsOf: typeof functionTotals) => ({
  totals: totalsOf(profile),
  samples: profile.samples,
});

const isReal = ({ change, chance }: Change): boolean => Math.abs(change) > chance;

/** What takes more comes first: where something does, the shares of all others fall for that alone, and by as much together. */
function headlineOf(real: readonly Change[]): string {
  const first = real.find(({ change }) => change > 0) ?? real[0];
  if (first === undefined) return 'no function takes more or less of the time than chance would make it';
  return `${first.name} itself takes ${percent(first.after)} of the time, and took ${percent(first.before)}`;
}

const changesTable = (title: string, rows: readonly Change[]): FindingsTable => ({
  title,
  hint: 'In points. A change up to what is in the second column may be chance.',
  head: ['change', 'chance', 'before', 'after', 'name', 'where'],
  rows: rows
    .slice(0, MOST_ROWS)
    .map(({ name, where, before, after, change, chance }) => [
      `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)}`,
      `± ${(chance * 100).toFixed(1)}`,
      percent(before),
      percent(after),
      name,
      shortPath(where),
    ]),
  right: [0, 1, 2, 3],
});
