import type { Run } from '../../scripts/result/run';
import { table } from '../../scripts/text/table';
import { type Cell, OTHER_CHANGES, REGIMES } from './cells';
import { type Check, type Figure, type Measured, rateOf } from './checks';
import { P95 } from './pool';
import { alone, GATE, inFamily, type Outcome, RIVALS } from './rules';
import type { Tally } from './run-cell';
import type { Rate } from './wilson';

export interface Calibration {
  readonly commit: string | null;
  readonly dirty: boolean | null;
  /** Such as 2026-06-01. */
  readonly date: string;
  readonly host: Run['identity']['host'];
  readonly measured: readonly Measured[];
  readonly checks: readonly Check[];
  /** See `shift-error.ts`. */
  readonly shiftError: number;
}

interface Section {
  readonly title: string;
  readonly words: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns from here on hold figures. */
  readonly figuresFrom: number;
}

export const asText = (calibration: Calibration): string =>
  sectionsOf(calibration)
    .map(({ title, words, head, rows, figuresFrom }) => {
      const figures = head.map((_, at) => at).filter((at) => at >= figuresFrom);
      return `${title}\n${words}\n\n${table(head, rows, figures)}\n`;
    })
    .join('\n');

export function asMarkdown(calibration: Calibration): string {
  const { commit, dirty, date, host, shiftError } = calibration;
  const made = `${commit ?? 'no commit'}${dirty ? ', with changes that are not committed' : ''}`;
  const machine = `${host.cpus} × ${host.cpuModel}, ${host.os.split(' ')[0]}`;
  const sections = sectionsOf(calibration).map(({ title, words, head, rows, figuresFrom }) => {
    const line = (columns: readonly string[]) => `| ${columns.join(' | ')} |`;
    const rule = line(head.map((_, at) => (at >= figuresFrom ? '--:' : '---')));
    return `## ${title}\n\n${words}\n\n${[line(head), rule, ...rows.map(line)].join('\n')}\n`;
  });
  return `# How often comparisons are wrong

Made by \`make calibrate\` at ${made}, on ${date}, by ${machine}. The same commit gives the same figures on any machine.

A simulated run is 300 seconds of 20 price queries a second with 3.75 analyses and 1.25 FK-DSL queries: ln latency = ln 100 ms +
run effect + AR(1) per second (φ 0.9, sd 0.12) + N(0, 0.45); 2 % of requests take 2 to 5 times as long. Of all requests 0.5 %
fail, half of them in bursts. Of a run effect's variance 40 % is common to all kinds of requests. The suite's own code makes
an observation of each run and compares them; the run effect is put on afterwards, which moves no value by more than
${(shiftError * 100).toFixed(2)} % from where it would be.

${sections.join('\n')}`;
}

/** Counts only, one cell a line: rates and intervals follow from them. */
export function asJson({ commit, dirty, date, host, measured, checks, shiftError }: Calibration): string {
  const { cpuModel, cpus, os } = host;
  const known = {
    schema: 'fiml-perf/calibration',
    version: 1,
    commit,
    dirty,
    date,
    host: { cpuModel, cpus, os: os.split(' ')[0] },
    shiftError,
    outcomes: OUTCOMES,
  };
  const lines = (values: readonly unknown[]) => `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]`;
  const ofChecks = checks.map(({ promise, required, held, figures, worst }) => ({
    promise,
    required,
    held,
    figures,
    worst: { figure: worst.of, ...placeOf(worst.cell), ...worst.rate },
  }));
  const ofCells = measured.map(({ cell, result }) => ({
    ...placeOf(cell),
    counts: Object.fromEntries(
      Object.entries(result).map(([name, tally]) => [name, OUTCOMES.map((one) => tally[one])]),
    ),
  }));
  return `${JSON.stringify(known).slice(0, -1)},\n"checks": ${lines(ofChecks)},\n"cells": ${lines(ofCells)}}\n`;
}

const OUTCOMES: readonly Outcome[] = ['REGRESSED', 'INCONCLUSIVE', 'IMPROVED', 'NO CHANGE'];

const placeOf = ({ regime, order, runs, history, historyRuns, change, repetitions }: Cell) => ({
  regime: regime.id,
  order,
  runs,
  history,
  historyRuns,
  change: change.id,
  repetitions,
});

const sectionsOf = (calibration: Calibration): Section[] => [
  ...REGIMES.map((regime) => ofRegime(calibration, regime)),
  ofOtherChanges(calibration),
  ofChecks(calibration),
];

const INTERVALS =
  'Percent of the repetitions, with the two-sided 95 % Wilson interval. The latencies of the candidate are longer by what ' +
  'stands under “change”; at “none” everything but NO CHANGE and INCONCLUSIVE is wrong, elsewhere NO CHANGE is (at +5 %, which ' +
  'is the smallest change that counts, it may be said as well).';

const cellColumns = ({ runs, history, historyRuns, order, change }: Cell): string[] => [
  `${runs} + ${runs}`,
  order,
  history === 0 ? '–' : historyRuns === 1 ? String(history) : `${history} × ${historyRuns}`,
  change.id,
];
const CELL_HEAD = ['runs', 'order', 'history', 'change'];

function ofRegime({ measured }: Calibration, regime: Cell['regime']): Section {
  const own = measured.filter(
    ({ cell }) => cell.regime.id === regime.id && !OTHER_CHANGES.some(({ id }) => id === cell.change.id),
  );
  return {
    title: `${regime.id}: ${regime.title}`,
    words: `${INTERVALS} “P95” is the price queries’ alone; “comparison” is all that gates together.`,
    head: [
      ...CELL_HEAD,
      'comparison: REGRESSED',
      ...['REGRESSED', 'IMPROVED', 'INCONCLUSIVE', 'NO CHANGE'].map((word) => `P95: ${word}`),
      ...Object.values(RIVALS).map((name) => `${name}: worse`),
      `${RIVALS.mean}: “no change”`,
    ],
    rows: own.map(({ cell, result }) => {
      const rate = (name: string, outcome: Outcome) => formatRate(rateOf(result[name] as Tally, outcome));
      return [
        ...cellColumns(cell),
        rate(GATE, 'REGRESSED'),
        rate(alone(P95), 'REGRESSED'),
        rate(alone(P95), 'IMPROVED'),
        rate(alone(P95), 'INCONCLUSIVE'),
        rate(alone(P95), 'NO CHANGE'),
        ...Object.values(RIVALS).map((name) => rate(name, 'REGRESSED')),
        rate(RIVALS.mean, 'NO CHANGE'),
      ];
    }),
    figuresFrom: CELL_HEAD.length,
  };
}

function ofOtherChanges({ measured }: Calibration): Section {
  const own = measured.filter(({ cell }) => OTHER_CHANGES.some(({ id }) => id === cell.change.id));
  const measures = Object.keys(own[0]?.result ?? {}).filter((name) => name.endsWith(inFamily('')));
  const names = [GATE, ...measures, ...Object.values(RIVALS)];
  return {
    title: 'Other kinds of change, R1',
    words: 'Percent of the repetitions in which it was found to be worse, with the two-sided 95 % Wilson interval.',
    head: [...CELL_HEAD, ...names],
    rows: own.map(({ cell, result }) => [
      ...cellColumns(cell),
      ...names.map((name) => formatRate(rateOf(result[name] as Tally, 'REGRESSED'))),
    ]),
    figuresFrom: CELL_HEAD.length,
  };
}

function ofChecks({ checks }: Calibration): Section {
  return {
    title: 'What is promised',
    words: '“Nearest” is the figure that comes nearest to breaking a promise, or breaks it most.',
    head: ['promise', 'held', 'figures', 'nearest', 'of'],
    rows: checks.map(({ promise, required, held, figures, broken, worst }) => [
      promise,
      held ? 'yes' : required ? `NO, ${broken.length} not` : `no, ${broken.length} not`,
      String(figures),
      formatRate(worst.rate),
      placeOfFigure(worst),
    ]),
    figuresFrom: 5,
  };
}

const placeOfFigure = ({ of, cell }: Figure): string => {
  const [runs, order, history, change] = cellColumns(cell);
  return `${of}: ${cell.regime.id}, ${runs} ${order}${history === '–' ? '' : `, ${history} of history`}, ${change}`;
};

const percent = (share: number): string => (share * 100).toFixed(1);
const formatRate = ({ rate, low, high }: Rate): string => `${percent(rate)} (${percent(low)}–${percent(high)})`;
