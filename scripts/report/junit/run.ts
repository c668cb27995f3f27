import type { Run } from '../../result/run';
import type { Check, TargetRow, Verdict } from '../../result/verdict';
import { targetView } from '../view';
import { type Case, outcomeOf, type Suite, verdictCase } from './suite';

/** A run as a suite: its verdict, a case for each target, and one for each check of the measurement. */
export function suiteOfRun(name: string, run: Run, verdict: Verdict, headline: string): Suite {
  const { identity, target, k6 } = run;
  return {
    name,
    startedAtMs: k6.startedAtMs,
    durationS: (k6.endedAtMs - k6.startedAtMs) / 1000,
    properties: [
      ['run', run.id],
      ['target', target.kind === 'embedded' ? 'the embedded server' : target.url],
      ['FIML', target.before?.version ?? 'unknown'],
      ['suite', identity.suiteVersion],
      ['commit', identity.commit ?? 'unknown'],
      ['k6', identity.k6Version],
      ['machine', `${identity.host.cpus} × ${identity.host.cpuModel}, ${identity.host.os}`],
    ],
    cases: [
      verdictCase({ ...verdict, headline }),
      ...verdict.targets.map(targetCase),
      // A note is about no property of the measurement that could fail to hold.
      ...verdict.checks.filter(({ kind }) => kind !== 'note').map(checkCase),
    ],
  };
}

function targetCase(row: TargetRow): Case {
  const { title, value, limit, bound, reason } = targetView(row);
  const why = reason === '' ? [] : [reason];
  const figures = `${value}, must be ${limit}; 95 % bound ${bound}; ${row.samples} samples, ${row.minimumSamples} needed`;
  return {
    group: 'targets',
    name: title,
    outcome: outcomeOf(row.verdict),
    detail: [`${row.verdict}: ${figures}`, ...why].join('; '),
  };
}

const checkCase = ({ title, ok, unchecked, kind, detail }: Check): Case => ({
  group: 'checks',
  name: title,
  outcome: ok ? (unchecked ? 'skipped' : 'passed') : 'error',
  detail: ok ? detail : `${kind}: ${detail}`,
});
