import type { Comparison, ComparisonRow } from '../result/comparison';
import { formatChange } from './text';

/** Why a comparison ended as it did, worst first, and what would settle what is open. */
export function comparisonReasons(comparison: Omit<Comparison, 'reasons'>, flaws: readonly string[]): string[] {
  const gating = comparison.rows.filter((row) => row.gating);
  const of = (verdict: ComparisonRow['verdict']) => gating.filter((row) => row.verdict === verdict);
  // First: what spoiled a run is also why nothing in it could decide.
  if (flaws.length > 0) return flaws.map((flaw) => `this comparison would mean nothing: ${flaw}`);
  if (gating.length === 0) return ['nothing that could decide was measured on both sides'];
  const changed = (row: ComparisonRow) =>
    `${row.title}: ${formatChange(row, row.change)}, with 95 % confidence ${formatChange(row, row.low)} to ${formatChange(row, row.high)}`;
  const open = of('INCONCLUSIVE');
  return [
    ...of('REGRESSED').map(changed),
    ...of('INVALID').map((row) => `${row.title}: ${row.note ?? 'not measured'}`),
    ...open.map(
      (row) => `${row.title}: undecided, ${changed(row).slice(row.title.length + 2)}; ${whatItTakes(row, comparison)}`,
    ),
    ...(open.length > 0 ? [advice(comparison)] : []),
    ...of('IMPROVED').map(changed),
  ];
}

function whatItTakes(row: ComparisonRow, { limits }: Pick<Comparison, 'limits'>): string {
  const found = `so much data finds changes from ${formatChange(row, row.smallestDetectable)}`;
  const size = row.unit === 'share' ? 'half a point' : `${(limits.smallestRelevant * 100).toFixed(0)} %`;
  return row.runsNeeded === null
    ? `${found}; not even 200 runs a side would show ${size}`
    : `${found}; ${row.runsNeeded} runs a side in turns would show ${size}`;
}

/** FIML's own, which pytest runs: no server that could be asked again. */
const BENCHMARKS = 'benchmarks';

/** What to do about too little data depends on why it is too little. */
function advice({ design, scenario }: Pick<Comparison, 'design' | 'scenario'>): string {
  if (scenario === BENCHMARKS) return 'run pytest on each side several times, in turns, and give compare all the files';
  switch (design) {
    case 'single':
      return 'one run a side says little: run each with --repeat 5, or both at once with fiml-perf ab';
    case 'blocked':
      return (
        'all runs of one side came before the other’s, so what the machine did in between looks like a change: let them ' +
        'take turns, use fiml-perf ab, or keep a history of five sessions'
      );
    default:
      return 'more runs, or fiml-perf ab, which measures both servers at once, would tell';
  }
}
