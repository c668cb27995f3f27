import { BREAK_STEPS, isJudged } from '../../profiles';
import { CPU_CEILING } from '../../thresholds';
import { judgedPhases, loadBeganMs, phasesInWords, phaseWindow, type Window } from '../result/phases';
import { mergeSeries, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Check } from '../result/verdict';
import { formatBeside, percent } from '../text/format';
import { breakpointOf } from './breakpoint';
import { checkOf, type Flaw, uncheckedOf } from './check';

/** Share of the steady phase's seconds in which k6 itself may use more: a P95 is blind to no more than that. */
const CPU_BUSY_ALLOWED = 0.05;
/**
 * Share of its CPU for which k6 may wait while the targets break, when it is more than it used: beside a server on the same
 * two cores it waits for a sixth. One that waited for twice that has seen a quiet server break (with 16 processes in line).
 */
const STARVED = 1 / 3;
/** In a shorter steady phase there may be no look at k6's CPU, which is taken every second. */
const UNSEEN_ALLOWED_MS = 3000;

/** Looks at k6's CPU from which on a phase's average is more than a single burst. */
const FEWEST_LOOKS = 5;

const check = checkOf('blinding');

type Phases = NonNullable<Run['plan']>['phases'];
/**
 * Whether k6 had the CPU that it needed in the steady phase: second by second by what it used itself, and on the whole by
 * what it used and waited for, since beside a busy neighbour a starved generator's own use looks harmless. A neighbour's
 * single bursts are no reason: every machine has them.
 */
export function generatorCheck(run: Run, result: Result | null): Check {
  const { generator } = run;
  const steady = judgedWindow(run, result);
  const phases = phasesInWords(run);
  const samples = generator.samples.filter(({ atMs }) => atMs >= steady.startMs && atMs <= steady.endMs);
  const busy = samples.filter(({ share }) => share > CPU_CEILING).length;
  const { demand: meanDemand, phases: when } = worstDemand(run, result, { samples, phases });
  const [id, title] = ['generator-cpu', 'k6 had enough CPU'];
  const verdict = (flaw: Flaw, fine = '') => check(id, title, flaw, fine);
  const unchecked = (why: string) => uncheckedOf('blinding')(id, title, why);
  if (generator.samples.length === 0) {
    return unchecked(
      run.segments === undefined ? 'this system does not tell' : "nobody looked at the CPU of the segments' k6",
    );
  }
  if (samples.length === 0) {
    if (steady.endMs - steady.startMs > UNSEEN_ALLOWED_MS) return verdict(`k6's CPU was not looked at in ${phases}`);
    return unchecked(`there was nothing to look at in ${phases}, or it was too short`);
  }
  const ceiling = percent(CPU_CEILING, 0);
  if (busy > samples.length * CPU_BUSY_ALLOWED) {
    return verdict(
      `k6 used more than ${ceiling} of its CPU in ${busy} of ${samples.length} judged seconds: the generator was the limit`,
    );
  }
  const shown =
    percent(meanDemand, 0) === ceiling ? formatBeside(meanDemand, CPU_CEILING, 'share') : percent(meanDemand, 0);
  const demand = `k6 used or waited for ${shown} of its CPU on average in ${when}`;
  return meanDemand > CPU_CEILING
    ? verdict(`${demand}, more than ${ceiling}: other processes on this machine starved the generator`)
    : verdict(null, demand);
}

type Samples = Run['generator']['samples'];

function demandOf(samples: Samples): number {
  const demanded = samples.reduce((sum, { share, waiting }) => sum + share + (waiting ?? 0), 0);
  // The shares are thousandths, of which a sum is not exact.
  return Number((demanded / samples.length).toFixed(6));
}

/** What was used and waited for on the whole, or in the phase that was worst if that was too much: rest hides a spike. */
function worstDemand(
  run: Run,
  result: Result | null,
  whole: { readonly samples: Samples; readonly phases: string },
): { readonly demand: number; readonly phases: string } {
  const demands = judgedPhases(run).flatMap((phase) => {
    const window = result === null ? null : phaseWindow(run, result, phase);
    const samples = run.generator.samples.filter(
      ({ atMs }) => window !== null && atMs >= window.startMs && atMs <= window.endMs,
    );
    return samples.length < FEWEST_LOOKS ? [] : [{ demand: demandOf(samples), phases: `the ${phase} phase` }];
  });
  const worst = demands.sort((a, b) => b.demand - a.demand)[0];
  const onTheWhole = { demand: demandOf(whole.samples), phases: whole.phases };
  return worst !== undefined && worst.demand > CPU_CEILING && onTheWhole.demand <= CPU_CEILING ? worst : onTheWhole;
}

/**
 * Whether k6 had the CPU that it needed in the very steps that are taken for the break: over a whole run they are too short
 * to be noticed, and a generator that cannot keep up looks just like a server that cannot.
 *
 * @returns no check for a run whose load does not rise, or in which nothing broke.
 */
export function breakCpuCheck(run: Run, result: Result | null): Check[] {
  const found = result === null ? null : breakpointOf(run, result);
  if (found === null || found.first === null) return [];
  const steps = found.steps.slice(found.first, found.first + BREAK_STEPS);
  const demands = steps.map((step) => ({ ratePerS: step.ratePerS, ...meanOf(run, step) }));
  const worst = demands.reduce((one, other) => (other.used + other.waited > one.used + one.waited ? other : one));
  const flawed = demands.find(({ used, waited }) => used + waited > CPU_CEILING || (waited > STARVED && waited > used));
  const { ratePerS, used, waited } = flawed ?? worst;
  const words = `k6 used ${percent(used, 0)} of its CPU and waited for ${percent(waited, 0)} at ${ratePerS}/s, where the targets break`;
  const flaw = flawed === undefined ? null : `${words}: the generator may be what broke`;
  return [check('break-cpu', 'k6 had enough CPU where the targets break', flaw, words)];
}

/** Means of the looks at k6's CPU in a stretch of time; of one without a look, none. */
function meanOf({ generator }: Run, { startMs, endMs }: Window): { readonly used: number; readonly waited: number } {
  const samples = generator.samples.filter(({ atMs }) => atMs >= startMs && atMs <= endMs);
  const mean = (of: (sample: (typeof samples)[number]) => number) =>
    samples.length === 0 ? 0 : samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  return { used: mean(({ share }) => share), waited: mean(({ waiting }) => waiting ?? 0) };
}

/** When the judged phases were, epoch ms: by its answers, and by the plan, since a generator without CPU writes none. */
function judgedWindow(run: Run, result: Result | null): Window {
  const seen = mergeSeries(result === null ? [] : selectSeries(result, 'http_reqs', { phase: judgedPhases(run) }));
  const beganMs = result === null ? null : loadBeganMs(run, result);
  if (run.plan === null || beganMs === null) return { startMs: seen.firstMs, endMs: seen.lastMs };
  const planned = plannedJudged(run.plan.phases);
  return { startMs: beganMs + planned.startMs, endMs: Math.max(beganMs + planned.endMs, seen.lastMs) };
}

/** From the start of the first judged phase to the end of the last, ms after the load began. */
export function plannedJudged(phases: Phases): Window {
  const judged = phases.filter(({ phase }) => isJudged(phase));
  return { startMs: judged[0]?.startMs ?? 0, endMs: judged.at(-1)?.endMs ?? 0 };
}
