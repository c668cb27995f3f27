import { mergeSeries, quantile, selectSeries, sumIn } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Check } from '../result/verdict';
import { formatValue, plural } from '../text/format';
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
  const { slowerMs } = run.fault;
  const sign = slowerMs === undefined ? seenIn(result, run.target.after === null) : slowerBy(result, slowerMs);
  return [check('fault', title, switchFlaw(result) ?? sign.flaw, sign.words)];
}

/** What became of the driver's own doing. */
function switchFlaw(result: Result): Flaw {
  const event = (name: string) => sumIn(result, 'fiml_fault_events', { event: name });
  if (event('on failed') > 0) return 'its driver could not make the fault: nothing was tested';
  if (event('on') === 0) return 'the fault was never made: nothing was tested';
  return event('off') === 0 ? 'the fault was not undone in time: there was no recovery to look at' : null;
}

interface Sign {
  readonly flaw: Flaw;
  readonly words: string;
}

/** A sign that a look shows or does not. */
function seenIn(result: Result, isGone: boolean): Sign {
  const shown = (phase: string) => mergeSeries(selectSeries(result, 'fiml_fault_shows', { phase }));
  const [before, during] = [shown('before'), shown('fault')];
  const words = `its sign was seen in ${during.nonZero} of ${plural(during.count, 'look')} during it, ${before.nonZero} of ${before.count} before it`;
  if (before.nonZero > before.count * SHOWN_BEFORE_ALLOWED) {
    return {
      words,
      flaw: `its sign was there before the fault, in ${before.nonZero} of ${plural(before.count, 'look')}: the server was broken already`,
    };
  }
  // A server that answers no look, or none after the first since it is gone, shows nothing, and is certainly not unaffected:
  // its targets say so.
  const seen = during.nonZero >= (during.count - (isGone ? 1 : 0)) * SHOWN_AT_LEAST;
  return { words, flaw: seen ? null : `the fault had no effect: ${words}, so that nothing was tested` };
}

/** Looks that take longer: than before, since a busy machine makes all of them take some time. */
function slowerBy(result: Result, slowerMs: number): Sign {
  const looks = (phase: string) => mergeSeries(selectSeries(result, 'fiml_fault_look_duration', { phase }));
  const [before, during] = [quantile(looks('before'), 0.5), quantile(looks('fault'), 0.5)];
  if (during === null) return { flaw: null, words: 'no look was answered during it' };
  const words = `a look took ${formatValue(during, 'ms')} during it and ${before === null ? 'nobody knows how long' : formatValue(before, 'ms')} before it`;
  const seen = before !== null && during - before >= slowerMs;
  return { words, flaw: seen ? null : `the fault had no effect: ${words}, so that nothing was tested` };
}
