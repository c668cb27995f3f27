import { SECTIONS } from '../../profiles';
import type { Run } from '../result/run';
import type { Verdict } from '../result/verdict';
import { isBlinded } from './blinded';
import { quoted } from './reproduction';

/** What to do with this verdict, as commands where there is one. */
export function nextSteps(judged: Verdict, run: Run): string[] {
  const { verdict, targets, checks } = judged;
  const steps: string[] = [];
  // Pasted without it, a command would measure the embedded server.
  const target = run.target.kind === 'url' ? ` --target ${quoted(run.target.url)}` : '';
  if (checks.some(({ kind, ok }) => kind !== 'note' && !ok)) {
    steps.push('Put right what spoiled the measurement (first among the reasons), then run it again.');
  }
  const missedIds = targets.filter((row) => row.verdict === 'FAIL').map(({ id }) => id);
  const isolated = missedIds.filter((id) => ISOLATED.includes(id));
  if (isolated.length > 0 && run.scenario !== 'targets') {
    steps.push(`Measure what was missed on its own: npx fiml-perf run targets --only ${isolated.join(',')}${target}`);
  }
  if (missedIds.length > 0) {
    steps.push('Change one thing at a time, and run the same command after each change (see How to reproduce).');
  }
  // Where nothing was measured at all, more of the same would be nothing again.
  const thin = targets.filter(
    ({ verdict: word, samples, minimumSamples }) =>
      !isBlinded(judged) && word === 'INVALID' && samples > 0 && samples < minimumSamples,
  );
  if (thin.length > 0) {
    const factor = Math.max(...thin.map((row) => row.minimumSamples / row.samples));
    steps.push(
      `Give every target its samples: a steady phase (PERF_DURATION) or a rate (PERF_RATE) at least ${Math.ceil(factor * 10) / 10} times what it was.`,
    );
  }
  // Of a run that says nothing it is not known either what could be measured.
  const unmeasurable = isBlinded(judged) ? [] : targets.filter(({ measurable }) => !measurable);
  for (const { title, reason } of unmeasurable) steps.push(`To measure "${title}": ${reason ?? 'see the target'}`);
  if (verdict === 'PASS' && run.profile === 'smoke') {
    steps.push(`A minute is a first look: the guide's load is npx fiml-perf run load --profile load${target}`);
  }
  return steps;
}

/** Targets that the scenario `targets` measures on their own. */
const ISOLATED: readonly string[] = SECTIONS.map(({ target }) => target);
