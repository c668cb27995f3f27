import { type Cell, TEN_PERCENT, UNCHANGED } from './cells';
import { P95 } from './pool';
import { alone, GATE, inFamily, type Outcome } from './rules';
import type { CellResult, Tally } from './run-cell';
import { type Rate, wilson } from './wilson';

export interface Measured {
  readonly cell: Cell;
  readonly result: CellResult;
}

/** One promise about the rates, and what became of it. */
export interface Check {
  readonly promise: string;
  /** Whether the calibration fails without it, or it is only an aim. */
  readonly required: boolean;
  readonly held: boolean;
  readonly figures: number;
  /** The figure that is nearest to breaking it, or breaks it most. */
  readonly worst: Figure;
  readonly broken: readonly Figure[];
}

export interface Figure {
  readonly of: string;
  readonly cell: Cell;
  readonly rate: Rate;
}

export const rateOf = (tally: Tally, outcome: Outcome): Rate =>
  wilson(
    tally[outcome],
    Object.values(tally).reduce((sum, count) => sum + count, 0),
  );

/** No change of latencies touches it. */
const FAILURES = 'all.failures';

/**
 * Holds the calibration against what the suite promises.
 *
 * @param certain whether there are so many repetitions that a rate itself must keep its limit; otherwise a promise is broken
 *   only by a rate whose whole interval lies beyond it.
 */
export function checksOf(all: readonly Measured[], certain: boolean): Check[] {
  const perMeasure = Object.keys(all[0]?.result ?? {}).filter((name) => name.endsWith(inFamily('')));
  const steady = ({ regime, order }: Cell) =>
    ['R0', 'R1', 'R2', 'R4'].includes(regime.id) || (regime.id === 'R3' && order === 'in turns');
  const informed = ({ runs, history }: Cell) => runs >= 3 || history >= 10;
  const figures = (
    wanted: (cell: Cell) => boolean,
    change: string,
    names: readonly string[],
    outcome: Outcome,
  ): Figure[] =>
    all
      .filter(({ cell }) => cell.change.id === change && wanted(cell))
      .flatMap(({ cell, result }) => names.map((of) => ({ of, cell, rate: rateOf(result[of] as Tally, outcome) })));
  const atMost = (limit: number, bound = 1) => ({
    holds: ({ rate, high, low }: Rate) => (certain ? rate <= limit && high <= bound : low <= limit),
    distance: ({ rate }: Rate) => limit - rate,
  });
  const atLeast = (limit: number) => ({
    holds: ({ rate, high }: Rate) => (certain ? rate >= limit : high >= limit),
    distance: ({ rate }: Rate) => rate - limit,
  });
  const check = (
    promise: string,
    required: boolean,
    looked: readonly Figure[],
    { holds, distance }: ReturnType<typeof atLeast>,
  ): Check => {
    const [worst] = [...looked].sort((a, b) => distance(a.rate) - distance(b.rate));
    if (worst === undefined) throw new Error(`nothing was calibrated for: ${promise}`);
    const broken = looked.filter(({ rate }) => !holds(rate));
    return { promise, required, held: broken.length === 0, figures: looked.length, worst, broken };
  };
  const inSteady = (cell: Cell) => steady(cell) && informed(cell);
  const uninformed = (cell: Cell) => steady(cell) && !informed(cell);
  const is = (regime: string, runs: number, history: number) => (cell: Cell) =>
    cell.regime.id === regime && cell.runs === runs && cell.history === history;
  const five = (cell: Cell) => is('R1', 5, 0)(cell) && cell.order === 'in turns';
  const falseAlarms = (wanted: (cell: Cell) => boolean, names: readonly string[]) =>
    figures(wanted, UNCHANGED, names, 'REGRESSED');
  const found = (wanted: (cell: Cell) => boolean, name: string) => figures(wanted, TEN_PERCENT, [name], 'REGRESSED');
  const latencies = perMeasure.filter((name) => name !== inFamily(FAILURES));
  return [
    check(
      'unchanged server, a measure: at most 3 % false alarms (upper bound 4 %) from 3 runs a side or with 10 of history',
      true,
      falseAlarms(inSteady, perMeasure),
      atMost(0.03, 0.04),
    ),
    check(
      'the same of the P95 compared alone, where no family makes it stricter',
      true,
      falseAlarms(inSteady, [alone(P95)]),
      atMost(0.03, 0.04),
    ),
    check(
      'unchanged server, a measure, 1 or 2 runs a side without history: at most 5 % false alarms',
      true,
      falseAlarms(uninformed, [...perMeasure, alone(P95)]),
      atMost(0.05),
    ),
    check(
      'unchanged server, the whole comparison: at most 5 % false alarms',
      true,
      falseAlarms(steady, [GATE]),
      atMost(0.05),
    ),
    check(
      '+10 %, 5 runs a side in turns, R1: the P95 alone is found in 80 %',
      true,
      found(five, alone(P95)),
      atLeast(0.8),
    ),
    check('+10 %, 5 runs a side in turns, R1: the comparison fails in 80 %', true, found(five, GATE), atLeast(0.8)),
    check(
      '+10 %, 1 run against 1 and 10 of history, R1: the P95 alone is found in 42 %',
      true,
      found(is('R1', 1, 10), alone(P95)),
      atLeast(0.42),
    ),
    check(
      '+10 %, 1 run against 1 and 10 of history, R1: the comparison fails in 42 %',
      true,
      found(is('R1', 1, 10), GATE),
      atLeast(0.42),
    ),
    check(
      '+10 %: wrongly “no change” in at most 5 %',
      true,
      figures(steady, TEN_PERCENT, [...latencies, alone(P95)], 'NO CHANGE'),
      atMost(0.05),
    ),
    check('aim: at most 2.5 % false alarms of a measure', false, falseAlarms(inSteady, perMeasure), atMost(0.025)),
    check(
      'aim: +10 % found in 85 %, 5 runs a side in turns, R1, the P95 alone',
      false,
      found(five, alone(P95)),
      atLeast(0.85),
    ),
    check('aim: the same of the whole comparison', false, found(five, GATE), atLeast(0.85)),
  ];
}
