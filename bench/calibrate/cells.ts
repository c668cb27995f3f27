import type { Shape } from './simulate';

/** How much a machine that serves unchanged code differs from itself. Standard deviations of the logarithm. */
export interface Regime {
  readonly id: string;
  readonly title: string;
  /** Between runs. */
  readonly runSd: number;
  /** Step of the random walk from one run to the next. */
  readonly driftSd: number;
  /** Between sessions: hours and days apart. */
  readonly sessionSd: number;
  /** Of the share of failures, between runs. */
  readonly failureSd: number;
}

export const REGIMES: readonly Regime[] = [
  { id: 'R0', title: 'quiet', runSd: 0, driftSd: 0, sessionSd: 0, failureSd: 0 },
  { id: 'R1', title: 'runs differ by 3 %', runSd: 0.03, driftSd: 0, sessionSd: 0, failureSd: 0.1 },
  { id: 'R2', title: 'runs differ by 8 %', runSd: 0.08, driftSd: 0, sessionSd: 0, failureSd: 0.3 },
  {
    id: 'R3',
    title: 'runs differ by 3 % and drift by 3 % a run',
    runSd: 0.03,
    driftSd: 0.03,
    sessionSd: 0,
    failureSd: 0.1,
  },
  { id: 'R4', title: 'runs differ by 3 %, sessions by 5 %', runSd: 0.03, driftSd: 0, sessionSd: 0.05, failureSd: 0.1 },
];

/** What is done to the candidate. */
export interface Change {
  readonly id: string;
  /** Factor of all latencies. */
  readonly latency: number;
  readonly shape: Shape;
  /** Factor of the failures. */
  readonly failures: number;
}

export const UNCHANGED = 'none';
export const TEN_PERCENT = '+10 %';
export const SHIFTS: readonly Change[] = [0, 5, 10, 20].map((percent) => ({
  id: percent === 0 ? UNCHANGED : `+${percent} %`,
  latency: 1 + percent / 100,
  shape: 'as ever',
  failures: 1,
}));
export const OTHER_CHANGES: readonly Change[] = [
  { id: 'slowest 10 % take 1.5 times as long', latency: 1, shape: 'slow tenth', failures: 1 },
  { id: 'slowest 5 % take 1.5 times as long', latency: 1, shape: 'slow twentieth', failures: 1 },
  { id: '30 % of requests take 1.5 times as long', latency: 1, shape: 'two humps', failures: 1 },
  { id: 'twice as many failures', latency: 1, shape: 'as ever', failures: 2 },
];

/** `in turns`: ABBA within one session; `one after the other`: all of the baseline, then all of the candidate. */
export type Order = 'in turns' | 'one after the other';

export interface Cell {
  readonly regime: Regime;
  readonly order: Order;
  /** Runs a side. */
  readonly runs: number;
  /** Earlier sessions of the baseline, and runs in each. */
  readonly history: number;
  readonly historyRuns: number;
  readonly change: Change;
  readonly repetitions: number;
}

const RUNS = [1, 2, 3, 5, 10];
const HISTORIES = [0, 10];

export interface Effort {
  /**
   * Repetitions of a cell, by its change where the promises are about a few percent: those can be told from a percent more
   * or less by ten thousand only.
   */
  readonly repetitions: number;
  readonly repetitionsUnchanged: number;
  readonly repetitionsTen: number;
  /** Simulated runs of the unchanged server, of each shape of a changed one, and of each kind of failures. */
  readonly pool: number;
  readonly poolChanged: number;
  readonly poolFailures: number;
}

export const FULL: Effort = {
  repetitions: 1000,
  repetitionsUnchanged: 10_000,
  repetitionsTen: 4000,
  pool: 10_000,
  poolChanged: 2000,
  poolFailures: 10_000,
};
export const QUICK: Effort = {
  repetitions: 100,
  repetitionsUnchanged: 100,
  repetitionsTen: 100,
  pool: 300,
  poolChanged: 100,
  poolFailures: 500,
};

/** A single run a side has no order but one after the other. */
const ordersOf = (runs: number): Order[] =>
  runs === 1 ? ['one after the other'] : ['in turns', 'one after the other'];

export function cellsOf(effort: Effort): Cell[] {
  const cells: Cell[] = [];
  const repetitionsOf: Readonly<Record<string, number>> = {
    [UNCHANGED]: effort.repetitionsUnchanged,
    [TEN_PERCENT]: effort.repetitionsTen,
  };
  const add = (regime: Regime, order: Order, runs: number, history: number, change: Change, historyRuns = 1) =>
    cells.push({
      regime,
      order,
      runs,
      history,
      historyRuns,
      change,
      repetitions: repetitionsOf[change.id] ?? effort.repetitions,
    });
  for (const regime of REGIMES)
    for (const runs of RUNS)
      for (const history of HISTORIES)
        for (const order of ordersOf(runs)) for (const change of SHIFTS) add(regime, order, runs, history, change);
  // Sessions of several runs, such as a nightly --repeat 5, vary less than the single run that is held against them.
  for (const regime of REGIMES.filter(({ id }) => id !== 'R3')) {
    for (const runs of [1, 5]) {
      for (const order of ordersOf(runs)) for (const change of SHIFTS) add(regime, order, runs, 10, change, 5);
    }
  }
  for (const regime of REGIMES.filter(({ id }) => id === 'R1')) {
    for (const change of OTHER_CHANGES) {
      add(regime, 'one after the other', 1, 10, change);
      for (const runs of [5, 10]) for (const history of HISTORIES) add(regime, 'in turns', runs, history, change);
    }
  }
  return cells;
}

export const nameOf = ({ regime, order, runs, history, historyRuns, change }: Cell): string =>
  `${regime.id}, ${runs} + ${runs} ${order}, ${history} × ${historyRuns} of history, ${change.id}`;
