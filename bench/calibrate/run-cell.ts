import { type Cell, nameOf } from './cells';
import type { Pools } from './pool';
import { randomOf } from './random';
import { repetitionsOf } from './repetition';
import { byRivals, bySuite, type Outcome } from './rules';

export type Tally = Record<Outcome, number>;

/** How often each method gave which verdict. */
export type CellResult = Record<string, Tally>;

/** Repetitions that the other methods are tried on: their rates are too far off to need more. */
const RIVALS_UP_TO = 1000;

export function runCell(cell: Cell, pools: Pools): CellResult {
  const result: CellResult = {};
  const repetitions = repetitionsOf(cell, pools, randomOf(nameOf(cell)));
  for (let repetition = 0; repetition < cell.repetitions; repetition++) {
    const drawn = repetitions.next().value;
    const answers = { ...bySuite(drawn), ...(repetition < RIVALS_UP_TO ? byRivals(drawn) : {}) };
    for (const [method, outcome] of Object.entries(answers)) {
      result[method] ??= { REGRESSED: 0, INCONCLUSIVE: 0, IMPROVED: 0, 'NO CHANGE': 0 };
      result[method][outcome] += 1;
    }
  }
  return result;
}
