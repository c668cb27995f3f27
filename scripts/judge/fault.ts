import { mergeSeries, selectSeries, sumIn } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Check } from '../result/verdict';
import { plural } from '../text/format';
import { checkOf, type Flaw } from './check';

/** Share of the looks while the fault is there that must show it: how a server answers varies, and the first may come early. */
const SHOWN_AT_LEAST = 0.5;
/** A look that began before the fault may end in it, and a slow answer may be chance: so many may show what is not there. */
const SHOWN_BEFORE_ALLOWED = 0.1;

const check = checkOf('blinding');

/**
 * Whether the fault that a scenario is about was made, was there, and was undone: without it the server was only looked at
 * on a normal day, and every promise about bad ones would pass.
 */
export function faultCheck(run: Run, result: Result | null): Check[] {
  if (run.fault === undefined) return [];
  const title = `the fault was there: ${run.fault.about}`;
  if (result === null) return [check('fault', title, 'nothing tells whether it was there', '')];
  const shown = (phase: string) => mergeSeries(selectSeries(result, 'fiml_fault_shows', { phase }));
  const [before, during] = [shown('before'), shown('fault')];
  const words = `its sign was seen in ${during.nonZero} of ${plural(during.count, 'look')} during it, ${before.nonZero} of ${before.count} before it`;
  return [check('fault', title, flawOf(result, before, during), words)];
}

type Looks = ReturnType<typeof mergeSeries>;

function flawOf(result: Result, before: Looks, during: Looks): Flaw {
  const event = (name: string) => sumIn(result, 'fiml_fault_events', { event: name });
  if (event('on failed') > 0) return 'its driver could not make the fault: nothing was tested';
  if (event('on') === 0) return 'the fault was never made: nothing was tested';
  if (before.nonZero > before.count * SHOWN_BEFORE_ALLOWED) {
    return `its sign was there before the fault, in ${before.nonZero} of ${plural(before.count, 'look')}: the server was broken already`;
  }
  // A server that answers no look at all shows nothing, and is certainly not unaffected: its targets say so.
  if (during.nonZero < during.count * SHOWN_AT_LEAST) {
    return `the fault had no effect: its sign was seen in ${during.nonZero} of ${plural(during.count, 'look')} during it, so that nothing was tested`;
  }
  if (event('off') === 0) return 'the fault was not undone in time: there was no recovery to look at';
  return null;
}
