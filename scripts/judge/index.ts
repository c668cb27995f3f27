import { isStop } from '../../thresholds';
import { EXIT_FAIL, EXIT_INVALID, EXIT_OK } from '../exit-codes';
import type { Evidence } from '../result/evidence';
import { failureCounts, failuresByLayer } from '../result/failures';
import type { Result } from '../result/result';
import {
  type Check,
  type TargetRow,
  VERDICT_VERSION,
  VERDICTS,
  type Verdict,
  type VerdictWord,
} from '../result/verdict';
import { formatBeside, formatClaim, percent, plural } from '../text/format';
import { blindingChecks } from './blinding';
import { flatteringChecks } from './flattering';
import { judgeTarget } from './rows';
import { clocksCheck } from './segments';

export { leakIn } from './drift';

const EXIT_CODES: Readonly<Record<VerdictWord, number>> = {
  FAIL: EXIT_FAIL,
  REGRESSED: EXIT_FAIL,
  INVALID: EXIT_INVALID,
  INCONCLUSIVE: EXIT_OK,
  WARN: EXIT_OK,
  'NO BASELINE': EXIT_OK,
  PASS: EXIT_OK,
};

/**
 * Says whether the server meets its targets, or why this run cannot tell.
 *
 * Every target and every check of the measurement has its own line; the run's verdict is the worst of them. A run in which
 * nothing was required, or nothing measured, is INVALID: a pass means that something was proven.
 *
 * @param failOn verdicts that shall end with exit code 1 though they do not by themselves.
 */
export function judge(evidence: Evidence, failOn: readonly VerdictWord[] = []): Verdict {
  const { run, result } = evidence;
  const blinding = blindingChecks(evidence);
  const flattering = result === null ? [] : flatteringChecks(run, result);
  const clocks = clocksCheck(run, result);
  const flaws = { blinding: firstFlaw(blinding), flattering: firstFlaw(flattering), overTime: firstFlaw(clocks) };
  const targets = run.targets.map((target) => judgeTarget(target, evidence, flaws));

  const words = targets.flatMap(({ verdict }) => (verdict === 'INFO' ? [] : [verdict]));
  if (!targets.some(({ severity }) => severity === 'fail')) words.push('INVALID');
  const verdict = VERDICTS.find((word) => words.includes(word as TargetRow['verdict'] & VerdictWord)) ?? 'INVALID';
  return {
    schema: 'fiml-perf/verdict',
    version: VERDICT_VERSION,
    runId: run.id,
    verdict,
    exitCode: EXIT_CODES[verdict] === EXIT_OK && failOn.includes(verdict) ? EXIT_FAIL : EXIT_CODES[verdict],
    reasons: reasonsOf(targets, [...blinding, ...flattering, ...clocks], result),
    targets,
    checks: [...blinding, ...flattering, ...clocks, ...[...run.notes, ...stricterK6(evidence, verdict)].map(asNote)],
  };
}

const FLAW_MEANS: Readonly<Record<Check['kind'], string>> = {
  blinding: 'this run cannot be judged',
  flattering: 'a pass would prove nothing',
  note: 'note',
};

const firstFlaw = (checks: readonly Check[]): string | null => checks.find(({ ok }) => !ok)?.detail ?? null;

const asNote = (note: string): Check => ({ id: 'note', title: 'note', kind: 'note', ok: true, detail: note });

/** A target of several operations is one to the judge, and one for each operation to k6: what k6 misses, this may pass. */
function stricterK6({ summary }: Evidence, verdict: VerdictWord): string[] {
  if (EXIT_CODES[verdict] !== EXIT_OK || summary === null) return [];
  const crossed = Object.entries(summary.metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.keys(thresholds).flatMap((expression) =>
      thresholds[expression]?.ok || isStop(name, expression) ? [] : [`${name} ${expression}`],
    ),
  );
  return crossed.length === 0
    ? []
    : [`k6 takes each part of a target by itself, and would have failed this run: ${crossed.sort().join(', ')}`];
}

/** Worst first. What all rows owe to one flaw is said once, as the flaw's own sentence. */
function reasonsOf(targets: readonly TargetRow[], checks: readonly Check[], result: Result | null): string[] {
  const flaws = checks.filter(({ ok }) => !ok);
  const sentence = (row: TargetRow): string => {
    const claim = formatClaim(row.operator, row.limit, row.unit);
    if (row.reason !== null) {
      // A miss without its limit beside it tells nobody how far it is from what was asked.
      const limit =
        row.verdict === 'FAIL' && row.value !== null && !row.reason.includes(claim) ? `; must be ${claim}` : '';
      return `${row.title}: ${row.reason}${limit}`;
    }
    const value = row.value === null ? 'not measured' : formatBeside(row.value, row.limit, row.unit);
    return `${row.title}: ${value}, must be ${claim}${layersOf(row, result)}`;
  };
  const rows = (word: TargetRow['verdict']) =>
    targets
      .filter(({ verdict, reason }) => verdict === word && !flaws.some(({ detail }) => detail === reason))
      .map(sentence);
  const nothingRequired = targets.some(({ severity }) => severity === 'fail') ? [] : ['no target was required to hold'];
  return [
    ...rows('FAIL'),
    ...flaws.map(({ kind, detail }) => `${FLAW_MEANS[kind]}: ${detail}`),
    ...rows('INVALID'),
    ...nothingRequired,
    ...rows('WARN'),
  ];
}

/** For a rate of failures, which layers they are in: a status check alone would have seen one of them. */
function layersOf(row: TargetRow, result: Result | null): string {
  if (row.metric !== 'fiml_failed' || result === null) return '';
  const layers = failuresByLayer(failureCounts(result, row.selector));
  if (layers.length === 0) return '';
  const total = layers.reduce((sum, { count }) => sum + count, 0);
  const parts = layers.map(({ layer, count }) => `${layer} ${count} (${percent(count / total, 0)})`);
  return `; ${plural(total, 'failure')} by layer: ${parts.join(', ')}`;
}
