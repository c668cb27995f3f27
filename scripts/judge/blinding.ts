import { compareCounts, type Disagreement } from '../result/agreement';
import type { Evidence } from '../result/evidence';
import { judgedPhases, phasesInWords } from '../result/phases';
import { countIn, mergeSeries, selectSeries, sumIn, windowMs } from '../result/query';
import type { Result } from '../result/result';
import type { Run, TargetSnapshot } from '../result/run';
import type { Summary } from '../result/summary';
import type { Check } from '../result/verdict';
import { formatSeconds, plural } from '../text/format';
import { checkOf, type Flaw, uncheckedOf } from './check';
import { faultCheck } from './fault';
import { breakCpuCheck, generatorCheck, plannedJudged } from './generator';
import { segmentChecks } from './segments';

/** k6's exit codes that end a test as it was meant to: all thresholds hold, or some are crossed. */
const PROPER_ENDS: readonly (number | null)[] = [0, 99];
const EXIT_REASONS: Readonly<Record<number, string>> = {
  100: 'its setup took too long',
  103: 'it was stopped through its API',
  104: 'its options were refused',
  105: 'it was interrupted',
  107: 'the script threw while it was set up',
  108: 'the script aborted the test',
  110: 'the script failed the test',
};
/** Arrivals that may be missing of those planned: ramps and the last tick are not counted to the one. */
const MISSING_ALLOWED = 0.02;
const MISSING_ALLOWED_COUNT = 5;
/** Part of the judged phases that may lie before its first and after its last answer: a slow run of few requests has gaps. */
const GAP_ALLOWED = 0.1;
const GAP_ALLOWED_MS = 5000;
const SHOWN_DISAGREEMENTS = 3;

const check = checkOf('blinding');

/** Looks for whatever makes a measurement say nothing about the server. */
export function blindingChecks(evidence: Evidence): Check[] {
  const { run, result } = evidence;
  return [
    ...(run.segments === undefined
      ? [check('k6-end', 'k6 ended by itself', endOfK6(run), `exit code ${run.k6.exitCode}`)]
      : segmentChecks(run.segments)),
    thrownCheck(run),
    // Before what follows from it: a starved generator sends less than planned.
    generatorCheck(run, result),
    ...breakCpuCheck(run, result),
    check('samples', 'all samples were read', unreadSamples(evidence), `${result?.source.samples ?? 0} samples`),
    check('agreement', "samples equal k6's own counts", disagreement(evidence), agreementInWords(run)),
    check('length', 'as long and as many as planned', shortfall(run, result), lengthInWords(run)),
    serverCheck(run, result),
    ...faultCheck(run, result),
    clockCheck(result),
  ];
}

function thrownCheck({ k6: { thrownIterations, firstThrown } }: Run): Check {
  const flaw =
    thrownIterations === 0
      ? null
      : `${plural(thrownIterations, 'iteration')} threw; the first: ${firstThrown ?? 'not in the log'}`;
  return check('iterations-threw', 'no iteration threw', flaw, 'none in k6’s log');
}

function clockCheck(result: Result | null): Check {
  const [id, title] = ['clock', 'the clock went forward'];
  if (result === null) return uncheckedOf('blinding')(id, title, 'there are no samples');
  const backMs = result.source.clockStepBackMs;
  const flaw = backMs === 0 ? null : `the clock went back by ${backMs} ms: phases cannot be told apart`;
  return check(id, title, flaw, 'no step back');
}

function endOfK6({ k6 }: Run): Flaw {
  if (k6.interrupted) return 'the run was interrupted';
  if (k6.signal !== null) return `k6 was ended by ${k6.signal}`;
  if (PROPER_ENDS.includes(k6.exitCode)) return null;
  if (k6.exitCode === null) return 'k6 did not start';
  const why = EXIT_REASONS[k6.exitCode];
  return `k6 ended with exit code ${k6.exitCode}${why === undefined ? '' : `: ${why}`}; see k6.log`;
}

function unreadSamples({ run, result, resultProblem }: Evidence): Flaw {
  if (result === null) return resultProblem ?? 'there are no samples';
  if (result.endMs < run.k6.startedAtMs || result.startMs > run.k6.endedAtMs) {
    return 'the samples are of another time than this run';
  }
  return lostSamples(result.source);
}

/** What of a file of samples is in no series. */
export function lostSamples({ truncated, rejected, overflow }: Result['source']): Flaw {
  if (truncated) return 'the file of samples is cut off';
  const lost = rejected.reduce((sum, { count }) => sum + count, 0);
  if (lost > 0) return `${plural(lost, 'line')} could not be read: ${rejected.map(({ reason }) => reason).join('; ')}`;
  if (overflow.samples > 0) {
    return `${plural(overflow.samples, 'sample')} in ${overflow.tagSets} sets of tags beyond the first ${overflow.cap} are in no series`;
  }
  return null;
}

/** What samples and k6's own end-of-test data say differently. */
export function disagreement({
  result,
  summary,
  summaryProblem,
}: Pick<Evidence, 'result' | 'summary' | 'summaryProblem'>): Flaw {
  if (result === null) return 'there are no samples to compare';
  if (summary === null) return summaryProblem ?? 'there is no end-of-test data of k6';
  const found = [...compareCounts(result, summary), ...unknownToK6(result, summary)];
  if (found.length === 0) return null;
  const more = found.length - SHOWN_DISAGREEMENTS;
  return found.slice(0, SHOWN_DISAGREEMENTS).map(inWords).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** What there was to agree: k6 counts by tags only what a threshold names. */
const agreementInWords = ({ k6 }: Run): string =>
  k6.leftToJudge === true
    ? 'every metric agrees as a whole; k6 had no thresholds, which so large a load leaves to the judge'
    : 'every metric agrees';

/** What k6 does not mention it has not counted: of no end-of-test data at all nothing could differ. */
const unknownToK6 = (result: Result, { metrics }: Summary): Disagreement[] =>
  Object.keys(result.metrics)
    .filter((metric) => metrics[metric] === undefined)
    .map((metric): Disagreement => ({ metric, what: 'samples', fromSamples: countIn(result, metric), fromK6: 0 }))
    .filter(({ fromSamples }) => fromSamples > 0);

const inWords = ({ metric, what, fromSamples, fromK6 }: Disagreement): string =>
  `${metric}: ${what} ${fromSamples} here, ${fromK6} in k6`;

/** What a run lacks of its plan. Iterations that k6 dropped count as due: they have a check of their own. */
function shortfall(run: Run, result: Result | null): Flaw {
  const { plan, k6, options } = run;
  // What a stopped load lacks it was not to have: each of its steps is held against its own rate.
  if (plan === null || k6.stoppedBy !== undefined) return null;
  const tookMs = k6.endedAtMs - k6.startedAtMs;
  if (tookMs < plan.durationMs) {
    return `it took ${formatSeconds(tookMs)}, ${Math.ceil(plan.durationMs - tookMs)} ms less than the ${formatSeconds(plan.durationMs)} that were planned`;
  }
  if (result === null) return 'there are no samples to count';
  for (const [scenario, expected] of Object.entries(plan.expectedIterations)) {
    // A closed model's users start their next iteration when the server lets them; the monitor is such a user.
    if (scenario === 'monitor' || (scenario === 'traffic' && options.PERF_MODEL?.value === 'closed')) continue;
    const due = sumIn(result, 'iterations', { scenario }) + sumIn(result, 'dropped_iterations', { scenario });
    const missing = expected - due;
    if (missing > Math.max(expected * MISSING_ALLOWED, MISSING_ALLOWED_COUNT)) {
      return `${scenario}: ${due} of ${expected} planned iterations began or were dropped`;
    }
  }
  return judgedShortfall(run, plan.phases, result);
}

/** A clock that jumps ahead, or a machine that sleeps, takes from the judged phases and leaves the run its length. */
function judgedShortfall(run: Run, phases: NonNullable<Run['plan']>['phases'], result: Result): Flaw {
  const planned = plannedJudged(phases);
  const plannedMs = planned.endMs - planned.startMs;
  const seenMs = windowMs(mergeSeries(selectSeries(result, 'http_reqs', { phase: judgedPhases(run) })));
  return plannedMs - seenMs > Math.max(plannedMs * GAP_ALLOWED, GAP_ALLOWED_MS)
    ? `the answers of ${phasesInWords(run)} came within ${formatSeconds(seenMs)} of the ${formatSeconds(plannedMs)} that were planned`
    : null;
}

function lengthInWords({ plan, k6 }: Run): string {
  if (plan === null) return 'this scenario has no plan to be held against';
  const planned = `${formatSeconds(plan.durationMs)} planned`;
  if (k6.stoppedBy === undefined) return planned;
  return `stopped after ${formatSeconds(k6.endedAtMs - k6.startedAtMs)} of ${planned}, since the server had broken (${k6.stoppedBy})`;
}

function serverCheck({ target: { before, after }, segments }: Run, result: Result | null): Check {
  const verdict = (flaw: Flaw, fine = '') => check('server', 'one and the same server', flaw, fine);
  const known = startsOf(before);
  const now = startsOf(after);
  const [former, latter] = [before?.version ?? null, after?.version ?? null];
  // One that fails may well fail at telling its version: that is for the targets to say, and no sign of another server.
  if (before !== null && latter !== null && former !== latter) {
    return verdict(`the server's version changed from ${former ?? 'none'} to ${latter}`);
  }
  const version = former === null || latter === null ? 'version not known' : 'same version';
  if (known.length > 1 || now.length > 1) {
    return verdict(null, `${version}; several workers behind one address, so that a restart cannot be told`);
  }
  const seen = mergeSeries(result === null ? [] : selectSeries(result, 'fiml_server_start_time'));
  const starts = [...known, ...now, ...(seen.count === 0 ? [] : [seen.min, seen.max])].map(toMs);
  if (new Set(starts).size > 1) return verdict('the server was restarted during the run');
  const restart = known.length > 0 && now.length > 0 ? 'not restarted' : 'whether it was restarted is not known';
  // Who merges a divided load may do so long afterwards, and does not ask.
  const silence = after === null && segments === undefined ? ': it did not answer after the run' : '';
  return verdict(null, `${version}, ${restart}${silence}`);
}

const startsOf = (snapshot: TargetSnapshot | null): readonly number[] => snapshot?.startTimesS ?? [];

/** k6's CSV has six decimals of a second, a server's own page may have more. */
const toMs = (seconds: number): number => Math.round(seconds * 1000);
