import { mostVirtualUsers } from '../../profiles';
import { MISSING_ALLOWED } from '../../thresholds';
import { bucketsWithin, judgedPhases, phasesInWords } from '../result/phases';
import { answered, mergeSeries, selectSeries, sumIn } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Check } from '../result/verdict';
import { percent, plural } from '../text/format';
import { checkOf, uncheckedOf } from './check';

/** By how much a hit rate may lie above what the plan can reach: a closed model's traffic is only estimated. */
const ABOVE_BEST_ALLOWED = 0.02;

/** Between the last answer of a load and its last request without one: the longest pause of a server that lives. */
const SILENCE_ALLOWED_MS = 5000;

const check = checkOf('flattering');
const unchecked = uncheckedOf('flattering');

/** Looks for whatever can only have made the server look better than it is. */
export function flatteringChecks(run: Run, result: Result): Check[] {
  return [
    droppedIterations(run, result),
    vuCeiling(run, result),
    unanswered(run, result),
    survival(run, result),
    coldCache(run, result),
  ];
}

/**
 * Phases in which a server has nothing to cope with but the load. In a spike or a fault, and until the server has come back
 * from it, iterations that wait and answers that do not come are what is looked at.
 */
const QUIET: readonly string[] = ['steady', 'before'];

const quietPhases = (run: Run): string[] => judgedPhases(run).filter((phase) => QUIET.includes(phase));
const isQuiet = (run: Run): boolean => quietPhases(run).length === judgedPhases(run).length;

/** `in the steady phase`; there must be one. */
const whenQuiet = (run: Run): string => `in the ${quietPhases(run).join(' and ')} phase`;

/** Why a run without a quiet phase is not looked at for what only such a phase must not show. */
const neverQuiet = (run: Run): string =>
  `in ${phasesInWords(run)} it is what is measured, and each target has its share of it`;

/** By k6 scenario: a thousandth of all iterations may be every single probe. */
function droppedIterations(run: Run, result: Result): Check {
  const [id, title] = ['dropped-iterations', 'iterations began when they were due'];
  if (quietPhases(run).length === 0) return unchecked(id, title, neverQuiet(run));
  const scenarios = new Set(
    [...selectSeries(result, 'iterations'), ...selectSeries(result, 'dropped_iterations')].map(
      ({ tags }) => tags.scenario ?? '',
    ),
  );
  const when = isQuiet(run) ? '' : ` ${whenQuiet(run)}`;
  let worst = { share: 0, words: `none${when}` };
  for (const scenario of [...scenarios].sort()) {
    const { dropped, due } = iterationsOf(run, result, scenario);
    if (due === 0 || dropped / due <= worst.share) continue;
    worst = {
      share: dropped / due,
      words: `${dropped} of ${plural(due, 'iteration')} of ${scenario || 'the run'}${when} (${percent(dropped / due)}) never began`,
    };
  }
  const flaw =
    worst.share > MISSING_ALLOWED ? `${worst.words}, since every virtual user was waiting for an answer` : null;
  return check(id, title, flaw, worst.words);
}

function iterationsOf(run: Run, result: Result, scenario: string): { dropped: number; due: number } {
  if (isQuiet(run)) {
    const dropped = sumIn(result, 'dropped_iterations', { scenario });
    return { dropped, due: dropped + sumIn(result, 'iterations', { scenario }) };
  }
  const phase = quietPhases(run);
  const dropped = bucketsWithin(run, result, selectSeries(result, 'dropped_iterations', { scenario }), phase).reduce(
    (total, { sum }) => total + sum,
    0,
  );
  return { dropped, due: dropped + sumIn(result, 'iterations', { scenario, phase }) };
}

function vuCeiling(run: Run, result: Result): Check {
  const { plan } = run;
  if (run.segments !== undefined) return vuCeilingOfSegments(run, result);
  const title = 'virtual users to spare';
  if (plan === null) return unchecked('vu-ceiling', title, 'this scenario has no plan to be held against');
  const ceiling = mostVirtualUsers(plan);
  const gauge = selectSeries(result, 'vus');
  const { count, max } = mergeSeries(gauge);
  if (count === 0) return check('vu-ceiling', title, 'k6 did not say how many virtual users were busy', '');
  if (quietPhases(run).length === 0) return unchecked('vu-ceiling', title, neverQuiet(run));
  const looks = bucketsWithin(run, result, gauge, quietPhases(run));
  const [when, most] = isQuiet(run)
    ? ['', max]
    : [` ${whenQuiet(run)}`, Math.max(0, ...looks.map((look) => look.sum / look.count))];
  return check(
    'vu-ceiling',
    title,
    most >= ceiling ? `all ${ceiling} were busy at once${when}: iterations had to wait for one` : null,
    `at most ${most} of ${ceiling} busy at once${when}`,
  );
}

/** Each of several k6 has virtual users of its own, and its iterations wait for one of these. */
function vuCeilingOfSegments(run: Run, result: Result): Check {
  const [id, title] = ['vu-ceiling', 'virtual users to spare'];
  if (quietPhases(run).length === 0) return unchecked(id, title, neverQuiet(run));
  const segments = [...new Set(selectSeries(result, 'vus').map(({ tags }) => tags.segment ?? ''))].sort();
  const found = segments.map((segment) => {
    const gauge = selectSeries(result, 'vus', { segment });
    const looks = isQuiet(run) ? [] : bucketsWithin(run, result, gauge, quietPhases(run));
    const most = isQuiet(run) ? mergeSeries(gauge).max : Math.max(0, ...looks.map((look) => look.sum / look.count));
    return { segment, most, ceiling: mergeSeries(selectSeries(result, 'vus_max', { segment })).max };
  });
  const full = found.find(({ most, ceiling }) => most >= ceiling);
  const flaw =
    full === undefined
      ? null
      : `all ${full.ceiling} of segment ${full.segment} were busy at once ${whenQuiet(run)}: iterations had to wait for one`;
  const words = found.map(({ most, ceiling }) => `${Math.round(most)} of ${ceiling}`).join(', ');
  return found.length === 0
    ? check(id, title, 'k6 did not say how many virtual users were busy', '')
    : check(id, title, flaw, `at most busy at once ${whenQuiet(run)}, segment by segment: ${words}`);
}

function unanswered(run: Run, result: Result): Check {
  if (quietPhases(run).length === 0) return unchecked('unanswered', 'requests were answered', neverQuiet(run));
  const requests = selectSeries(result, 'http_reqs', { phase: quietPhases(run) });
  const total = mergeSeries(requests).sum;
  const without = mergeSeries(requests.filter((series) => !answered(series))).sum;
  const words = `${without} of ${plural(total, 'request')} ${whenQuiet(run)} had no answer`;
  return check(
    'unanswered',
    'requests were answered',
    total > 0 && without / total > MISSING_ALLOWED ? `${words} (${percent(without / total)})` : null,
    words,
  );
}

/** What a load has brought down has not stood it, however well it answered until then. */
function survival({ target: { after }, segments }: Run, result: Result): Check {
  const [id, title] = ['survival', 'the server outlived the load'];
  if (segments === undefined || after !== null) {
    const flaw = after === null ? 'the server did not answer any more after the run' : null;
    return check(id, title, flaw, 'it answered after the run');
  }
  // Where nobody asks it once more when the last of several k6 has ended, the load itself must tell.
  const requests = selectSeries(result, 'http_reqs');
  const silentMs = mergeSeries(requests).lastMs - mergeSeries(requests.filter(answered)).lastMs;
  const flaw = silentMs > SILENCE_ALLOWED_MS ? 'the server did not answer any more at the end of the load' : null;
  return check(id, title, flaw, 'it answered until the end of the load');
}

/** What an earlier run left in the cache makes queries fast that should ask a provider, and shows as hits too many. */
function coldCache({ plan }: Run, result: Result): Check {
  const title = 'what should be cold was not cached';
  const best = plan?.bestHitRate ?? null;
  const { count, last } = mergeSeries(selectSeries(result, 'fiml_cache_hit_rate', { phase: 'steady' }));
  if (best === null || count === 0) return unchecked('cold-cache', title, 'there is no hit rate to compare');
  const words = `${percent(last, 2)} of the reads were hits, and this traffic can reach ${percent(best, 2)}`;
  const flaw =
    last > best + ABOVE_BEST_ALLOWED
      ? `${words}: an earlier run is still in the cache; wait a minute, or restart the server, before the next`
      : null;
  return check('cold-cache', title, flaw, words);
}
