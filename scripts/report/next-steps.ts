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
  // The first flaw brings others with it: a starved generator sends too little, and of samples that are cut off there are too few.
  const flaw = checks.find(({ ok }) => !ok);
  if (flaw !== undefined) {
    steps.push(`${REMEDIES[flaw.id] ?? `See that this does not happen again (${flaw.detail})`}, then run it again.`);
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
  if (verdict === 'PASS' && run.profile === 'smoke' && run.scenario === 'load') {
    steps.push(`A minute is a first look: the guide's load is npx fiml-perf run load --profile load${target}`);
  }
  if (verdict === 'PASS' && run.fault !== undefined) {
    steps.push(
      `Keep it so: run this fault with every change of what it is about, and the other faults, too (npx fiml-perf list shows them).`,
    );
  }
  if (verdict === 'PASS' && run.plan?.steps !== undefined) {
    steps.push(
      `Take three quarters of the capacity for daily load, and look whether the server holds it for an hour: npx fiml-perf run load --profile endurance${target}`,
    );
  }
  return steps;
}

/** What to do about each flaw of a measurement, by its check. */
const REMEDIES: Readonly<Record<string, string>> = {
  'k6-end':
    'Read the end of k6.log, in the folder of the run, for why k6 did not end by itself, and remove that reason',
  segments: 'Look into the log of each segment that is named, and make the load again in a fresh folder',
  'segments-start':
    'See that every k6 has made its virtual users, and has CPU to spare, before all are released at once',
  'segments-clocks': 'Let the machines of all segments follow one time server',
  'iterations-threw': 'Mend what the script throws (k6.log has the line of each)',
  'generator-cpu':
    'Give the load generator more CPU: a machine of its own, fewer neighbours, a lower PERF_RATE, or PERF_RECORD=csv',
  'break-cpu':
    'Give the load generator more CPU, or a machine of its own: it must have some to spare where the server breaks',
  samples: 'See in k6.log why samples are missing (a full disk cuts their file off)',
  agreement: 'See in k6.log why samples are missing (a full disk cuts their file off)',
  length: 'Let the run end by itself, on a machine that does not sleep',
  server: 'Keep one version of the server running from the beginning to the end',
  fault: 'See that the fault can be made and undone (npx fiml-perf doctor tells what is missing)',
  clock: 'Keep the clock from being set during a run',
  'dropped-iterations': 'Lower PERF_RATE to what the server carries out: every virtual user was waiting for an answer',
  'vu-ceiling': 'Lower PERF_RATE to what the server carries out: every virtual user was waiting for an answer',
  unanswered: 'Look in the server’s log for why it did not answer, or lower PERF_RATE until it does',
  survival: 'Look in the server’s log for why it went down, and start it again',
  'cold-cache': 'Wait a minute until the cache has forgotten the run before, or restart the server',
};

/** Targets that the scenario `targets` measures on their own. */
const ISOLATED: readonly string[] = SECTIONS.map(({ target }) => target);
