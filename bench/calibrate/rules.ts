import { compare } from '../../scripts/compare';
import type { MetricVerdict } from '../../scripts/result/comparison';
import type { Observation } from '../../scripts/result/observation';
import { exactMannWhitney, mannWhitney } from './mann-whitney';
import { P95 } from './pool';
import type { RawRun, Repetition } from './repetition';
import { GRID_CELLS, GRID_STEP } from './simulate';

export type Outcome = Exclude<MetricVerdict, 'INVALID'>;

/** Says of one repetition what it found, under one name or several. */
export type Answers = Readonly<Record<string, Outcome>>;

/** Names of what is counted: the whole comparison, a measure in it, and one compared all alone. */
export const GATE = 'gate';
export const inFamily = (measure: string): string => `${measure} in the gate`;
export const alone = (measure: string): string => `${measure} alone`;

export const RIVALS = {
  mean: 'mean against mean, 10 %',
  p95: 'P95 against P95, 10 %',
  requests: 'Mann-Whitney on requests',
  runs: 'Mann-Whitney on runs',
} as const;

/** The suite's own verdicts, from the very function that `fiml-perf compare` calls. */
export function bySuite({ baseline, candidate, history }: Repetition): Answers {
  const [before, after] = [baseline.observations, candidate.observations];
  const whole = compare({ baseline: before, candidate: after, history });
  const found: Record<string, Outcome> = { [GATE]: judged(whole.verdict) };
  for (const { id, verdict } of whole.rows) found[inFamily(id)] = judged(verdict);
  const only = (runs: readonly Observation[]) =>
    runs.map((run) => ({ ...run, measures: run.measures.filter(({ id }) => id === P95) }));
  found[alone(P95)] = judged(
    compare({ baseline: only(before), candidate: only(after), history: only(history) }).verdict,
  );
  return found;
}

function judged(verdict: string): Outcome {
  switch (verdict) {
    case 'REGRESSED':
    case 'IMPROVED':
    case 'NO CHANGE':
    case 'INCONCLUSIVE':
      return verdict;
    default:
      throw new Error(`simulated runs were judged ${verdict}`);
  }
}

const TOLERATED = Math.log(1.1);
const ALPHA = 0.05;

/** What is usually done. None of it can say that it does not know, and none looks at a history. */
export function byRivals({ baseline, candidate }: Repetition): Answers {
  const [before, after] = [baseline.raw, candidate.raw];
  const byRatio = (of: (run: RawRun) => number): Outcome => {
    const ratio = Math.log(average(after, of) / average(before, of));
    return ratio > TOLERATED ? 'REGRESSED' : ratio < -TOLERATED ? 'IMPROVED' : 'NO CHANGE';
  };
  const byTest = ({ u, p }: { u: number; p: number }, pairs: number): Outcome =>
    p >= ALPHA ? 'NO CHANGE' : u > pairs / 2 ? 'REGRESSED' : 'IMPROVED';
  const [a, b] = [together(before), together(after)];
  return {
    [RIVALS.mean]: byRatio(({ mean }) => Math.exp(mean)),
    [RIVALS.p95]: byRatio(({ p95 }) => Math.exp(p95)),
    [RIVALS.requests]: byTest(mannWhitney(a.counts, b.counts), a.total * b.total),
    [RIVALS.runs]: byTest(
      exactMannWhitney(
        before.map(({ p95 }) => p95),
        after.map(({ p95 }) => p95),
      ),
      before.length * after.length,
    ),
  };
}

const average = (runs: readonly RawRun[], of: (run: RawRun) => number): number =>
  runs.reduce((sum, run) => sum + of(run), 0) / runs.length;

/** Room for what a run's own effect may move its requests beyond the grid. */
const MARGIN = 400;

/** The requests of several runs together. */
function together(runs: readonly RawRun[]): { counts: Float64Array; total: number } {
  const counts = new Float64Array(GRID_CELLS + 2 * MARGIN);
  let total = 0;
  for (const { grid, shift } of runs) {
    const by = Math.max(-MARGIN, Math.min(MARGIN, Math.round(shift / GRID_STEP))) + MARGIN;
    for (let cell = 0; cell < GRID_CELLS; cell++) {
      const count = grid[cell] as number;
      if (count === 0) continue;
      counts[cell + by] = (counts[cell + by] as number) + count;
      total += count;
    }
  }
  return { counts, total };
}
