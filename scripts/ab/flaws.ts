import { CPU_CEILING, MISSING_ALLOWED } from '../../thresholds';
import type { TargetSnapshot } from '../result/run';
import type { Summary } from '../result/summary';
import type { K6Outcome } from '../run/k6';
import { percent, plural } from '../text/format';
import type { PairReader } from './samples';

/** What a k6 process left behind. */
export interface RoundEvidence {
  readonly reader: PairReader;
  readonly outcome: K6Outcome;
  readonly summary: Summary | null;
  readonly summaryProblem: string | null;
}

/** k6 ends with 0, with 105 when the suite has seen enough, and with 99 never: there are no thresholds. */
const PROPER_ENDS: readonly (number | null)[] = [0, 105];

/** Whatever makes a comparison of two servers say nothing. */
export function flawsOf({
  rounds,
  before,
  after,
  restarts,
}: {
  readonly rounds: readonly RoundEvidence[];
  readonly before: readonly [TargetSnapshot | null, TargetSnapshot | null];
  readonly after: readonly [TargetSnapshot | null, TargetSnapshot | null];
  readonly restarts: boolean;
}): string[] {
  return [
    ...new Set(rounds.flatMap(roundFlaws)),
    ...(['baseline', 'candidate'] as const).flatMap((side, at) => serverFlaw(side, before[at], after[at], restarts)),
  ];
}

function roundFlaws({ reader, outcome, summary, summaryProblem }: RoundEvidence): string[] {
  const { k6, generator } = outcome;
  const flaws: string[] = [];
  if (k6.interrupted) flaws.push('it was interrupted');
  else if (k6.signal !== null) flaws.push(`k6 was ended by ${k6.signal}`);
  else if (!PROPER_ENDS.includes(k6.exitCode)) flaws.push(`k6 ended with exit code ${k6.exitCode}; see its log`);
  if (k6.thrownIterations > 0) {
    flaws.push(`${plural(k6.thrownIterations, 'iteration')} threw; the first: ${k6.firstThrown ?? 'not in the log'}`);
  }
  if (reader.unreadable > 0) flaws.push(`${plural(reader.unreadable, 'line')} of k6's samples could not be read`);
  if (summary === null) flaws.push(summaryProblem ?? 'k6 wrote no end-of-test data');
  else if (summary.metrics.http_reqs?.values.count !== reader.requests) {
    const counted = summary.metrics.http_reqs?.values.count ?? 0;
    flaws.push(`${reader.requests} requests were read, and k6 counted ${counted}`);
  }
  const due = reader.iterations + reader.dropped;
  if (reader.dropped > due * MISSING_ALLOWED) {
    flaws.push(`${percent(reader.dropped / due)} of the pairs never began: set a lower PERF_RATE`);
  }
  const [a, b] = reader.unanswered;
  const asked = reader.round.samples.side.length + a + b;
  if (a + b > asked * MISSING_ALLOWED) {
    flaws.push(`${percent((a + b) / asked)} of the requests had no answer (baseline ${a}, candidate ${b})`);
  }
  const { samples } = generator;
  const demand = samples.reduce((sum, { share, waiting }) => sum + share + (waiting ?? 0), 0) / samples.length;
  if (samples.length > 0 && demand > CPU_CEILING) {
    flaws.push(
      `k6 used or waited for ${percent(demand, 0)} of its CPU on average: its own queue is in what it measured; ` +
        'set a lower PERF_RATE, or free the machine',
    );
  }
  return flaws;
}

function serverFlaw(
  side: string,
  before: TargetSnapshot | null | undefined,
  after: TargetSnapshot | null | undefined,
  restarts: boolean,
): string[] {
  if (after === null || after === undefined) return [`the ${side} did not answer any more at the end`];
  if (before === null || before === undefined) return [];
  if (before.version !== after.version) {
    return [`the ${side}'s version changed from ${before.version ?? 'none'} to ${after.version ?? 'none'}`];
  }
  const [was, is] = [before.startTimesS, after.startTimesS];
  const restarted = was.length === 1 && is.length === 1 && was[0] !== is[0];
  return restarted && !restarts ? [`the ${side} was restarted while it was measured`] : [];
}
