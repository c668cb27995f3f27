import { type Breakpoint, breakpointOf } from '../judge/breakpoint';
import type { Evidence } from '../result/evidence';
import { type FailureCount, failureCounts } from '../result/failures';
import { judgedPhases } from '../result/phases';
import { mergeSeries, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Verdict } from '../result/verdict';
import { formatLength, percent, plural } from '../text/format';
import { isBlinded } from './blinded';
import { type TimeLine, timeLineOf } from './fault-time-line';
import { type Cache, cacheOf, type Server, serverOf } from './figures';
import { type Finding, findingsOf } from './findings';
import { nextSteps } from './next-steps';
import { type Operation, operationsOf } from './operations';
import { lengthOf, type PhaseFigures, phasesOf } from './phases';
import { reproduction } from './reproduction';
import { type Slow, slowOf } from './slow';

/** What every form of the report shows: figures and sentences, not yet formatted. */
export interface Report {
  readonly verdict: Verdict;
  /** The verdict in a sentence. */
  readonly headline: string;
  readonly run: Run;
  /** Of the judged phases together. */
  readonly judgedMs: number;
  readonly totals: {
    readonly requests: number;
    readonly perSecond: number | null;
    readonly failed: number;
    readonly dropped: number;
  };
  /** Null for a run whose load does not rise in steps. */
  readonly breakpoint: Breakpoint | null;
  /** Over all judged phases. */
  readonly operations: readonly Operation[];
  /** None of a run with one judged phase. */
  readonly phases: readonly PhaseFigures[];
  /** Of a run with a fault or a spike; null otherwise. */
  readonly timeLine: TimeLine | null;
  /** Of the whole run, whatever the phase; null where the result lists none. */
  readonly slow: Slow | null;
  readonly failures: readonly FailureCount[];
  readonly cache: Cache;
  readonly server: Server;
  readonly generator: { readonly meanShare: number | null; readonly highestShare: number | null };
  readonly findings: readonly Finding[];
  readonly nextSteps: readonly string[];
  readonly reproduction: readonly string[];
  /** What the samples hold beyond what was kept; null when everything was. */
  readonly overflow: string | null;
}

/** Puts together what the forms of the report show. */
export function reportOf(evidence: Evidence, verdict: Verdict): Report {
  const { run, result } = evidence;
  const phase = judgedPhases(run);
  const judgedMs = result === null ? 0 : lengthOf(run, result, phase);
  const operations = result === null ? [] : operationsOf(result, phase, judgedMs);
  const requests = operations.reduce((sum, operation) => sum + operation.requests, 0);
  const cache = cacheOf(run, result, verdict);
  const server = serverOf(run, result);
  const breakpoint = result === null ? null : breakpointOf(run, result);
  const phases = result === null ? [] : phasesOf(run, result);
  const findings = findingsOf({ verdict, operations, cache, server, breakpoint, run });
  return {
    verdict,
    headline: [headlineOf(verdict), ...unlimited(run, phases, verdict)].join('; '),
    run,
    judgedMs,
    totals: {
      requests,
      perSecond: judgedMs > 0 ? requests / (judgedMs / 1000) : null,
      failed: operations.reduce((sum, operation) => sum + operation.failed, 0),
      dropped: result === null ? 0 : mergeSeries(selectSeries(result, 'dropped_iterations')).sum,
    },
    breakpoint,
    operations,
    phases,
    timeLine: result === null ? null : timeLineOf(run, result),
    slow: result?.slowest === undefined ? null : slowOf(result.slowest),
    failures: result === null ? [] : failureCounts(result, { phase }),
    cache,
    server,
    generator: generatorOf(run),
    findings,
    nextSteps: nextSteps(verdict, run),
    reproduction: reproduction(run),
    overflow: result === null ? null : overflowOf(result),
  };
}

function headlineOf({ verdict, targets }: Verdict): string {
  const required = targets.filter(({ severity }) => severity === 'fail');
  const missed = required.filter((row) => row.verdict === 'FAIL').length;
  const unclear = required.filter((row) => row.verdict === 'INVALID').length;
  const of = `of ${plural(required.length, 'required target')}`;
  const all = required.length === 1 ? 'the only required target holds' : `all ${required.length} required targets hold`;
  switch (verdict) {
    case 'FAIL':
      return `${missed} ${of} missed${unclear === 0 ? '' : `, ${unclear} cannot be judged`}`;
    case 'INVALID':
      return required.length === 0
        ? 'nothing was required, so nothing was proven'
        : `${unclear} ${of} cannot be judged`;
    case 'WARN':
      return `${all}, an optional one does not or cannot be judged`;
    default:
      return all;
  }
}

/** What failed in a fault or a spike, where no target limits it: a pass must not sound as if nobody had noticed. */
function unlimited(run: Run, phases: readonly PhaseFigures[], verdict: Verdict): string[] {
  if (isBlinded(verdict)) return [];
  return phases.flatMap(({ phase, requests, failed }) => {
    const limited = run.targets.some(
      ({ metric, selector }) =>
        /^fiml_(failed|graceful)$/.test(metric) && [selector.phase ?? phase].flat().includes(phase),
    );
    if ((phase !== 'fault' && phase !== 'spike') || failed === 0 || limited) return [];
    return [`${percent(failed / requests)} of the requests during the ${phase} failed, for which no limit is set`];
  });
}

function generatorOf({ generator }: Run): Report['generator'] {
  const loads = generator.samples.map(({ share, waiting }) => share + (waiting ?? 0));
  if (loads.length === 0) return { meanShare: null, highestShare: null };
  return { meanShare: loads.reduce((sum, load) => sum + load, 0) / loads.length, highestShare: Math.max(...loads) };
}

function overflowOf({ source: { overflow } }: Result): string | null {
  return overflow.samples === 0
    ? null
    : `${overflow.samples} samples in ${overflow.tagSets} further sets of tags were counted and not kept; the first ${overflow.cap} were`;
}

/** `load, profile smoke, 1m 6s`. */
export const runInWords = ({ scenario, profile, plan }: Run): string =>
  [
    scenario,
    ...(profile === null ? [] : [`profile ${profile}`]),
    ...(plan === null ? [] : [formatLength(Math.round(plan.durationMs / 1000) * 1000)]),
  ].join(', ');
