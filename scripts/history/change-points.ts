import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { inTime, type Measure, type Observation, type Scale } from '../result/observation';
import { changeFrom, isOnScale, transformed } from '../result/scale';
import { mean, median, quantile, squares } from '../statistics';
import { byConditions, saysSomething } from './conditions';
import { partition } from './partition';
import { robustSd, winsorised } from './robust';

/**
 * - `confirmed`: at least five runs are at the new level.
 * - `candidate`: two to four so far.
 * - `went away`: two to five were, and the next were at the old level again.
 */
export type ChangeStatus = 'confirmed' | 'candidate' | 'went away';

/** A place in a series where its level changed. */
export interface ChangePoint {
  /** Of the first value at the new level, in the series as it was given. */
  readonly index: number;
  /** Values at the new level: up to the next change or, for one that went away, up to the return. */
  readonly runs: number;
  /** Medians, in the measure's unit. */
  readonly before: number;
  readonly after: number;
  /** Relative (0.1 = 10 % more), or for shares the difference of the two; with its 95 % interval. */
  readonly change: number;
  readonly low: number;
  readonly high: number;
  readonly direction: 'up' | 'down';
  readonly status: ChangeStatus;
}

/** Runs between two changes at least; as many confirm the last one. Fewer would let two odd runs be a level. */
export const CONFIRMED_FROM = 5;
/** One odd run is no change; two in a row may be. */
export const CANDIDATE_FROM = 2;
/** Values on either side of the one that is looked at, to tell what is odd: what is shorter than half the window is. */
const HALF_WINDOW = 5;
const OUTLIER_DEVIATIONS = 3;
/** Twice what the information criterion takes: that one assumes independent normal runs, and cuts real series to pieces. */
const PENALTY = 3;
const MOST_CORRELATION = 0.8;
/** On either scale; no measurement is that exact. */
const ROUNDING = 1e-9;
const MOST_P = 1e-4;
/** In standard deviations of a run: what is less cannot be seen in the plot either. */
const LEAST_JUMP = 1.5;
const LEAST_RELATIVE_CHANGE = 0.01;
const LEAST_SHARE_CHANGE = 0.001;
const CONFIDENCE = 0.95;
/** Distance of the 10th from the 90th percentile of a normal distribution, in standard deviations. */
const TENTHS_TO_SD = 2.563;
/** Standard error of a median, as a multiple of a mean's (normal distribution, many values; somewhat less with few). */
const MEDIAN_TO_MEAN_ERROR = Math.sqrt(Math.PI / 2);

/**
 * Where the level of a series changed for good, or may be about to.
 *
 * A robust penalised segmentation (on the scale on which differences add up) with a filter by significance and size:
 *
 * 1. Values far from their neighbours are brought nearer.
 * 2. The noise is taken from the differences of neighbours, which a step hardly touches.
 * 3. The series is cut where the squared error with a penalty of 2cσ² ln n a cut is least, c = 3, pieces of 5 or more.
 * 4. What the pieces leave is looked at for correlation from run to run, such as drift. It makes chance look like levels, so
 *    the cut is made again with the penalty, and judged with the variance, multiplied by (1 + ρ)/(1 − ρ).
 * 5. Cuts are given up, the least sure first, until each has p < 10⁻⁴ (pooled t), a jump of 1.5 standard deviations of a run,
 *    and 1 % (shares: 0.1 percentage points).
 *
 * The last piece alone may be as short as two runs: this is how a change is seen before five runs confirm it, at the place
 * where it is and not where five runs would put it. It must pass the same filter, and each of its runs must lie nearer to the
 * new level than to the old one, or a single odd run beside a usual one would be a candidate. What was a candidate and went
 * away is no piece of its own any more; it is looked for within the pieces, by the same filter against what was known then.
 *
 * @param values in time order, in the measure's unit; null, NaN and (on a ratio scale) 0 or less count as not measured.
 * @returns in time order. Found from 7 values on; n²/2 steps.
 */
export function changePoints(values: readonly (number | null)[], scale: Scale): ChangePoint[] {
  const measured = values.flatMap((value, index) => (isOnScale(value, scale) ? [{ index, value }] : []));
  const series = seriesOf(
    measured.map(({ value }) => value),
    scale,
  );
  const starts = pieceStarts(series);
  const bounds = [0, ...starts, measured.length];
  const found = starts.map((start, at): Found => {
    const [from, until] = [bounds[at] as number, bounds[at + 2] as number];
    return { from, start, until, status: until - start < CONFIRMED_FROM ? 'candidate' : 'confirmed' };
  });
  for (let at = 0; at + 1 < bounds.length; at++) {
    found.push(...wentAway(series, bounds[at] as number, bounds[at + 1] as number));
  }
  return found
    .sort((a, b) => a.start - b.start)
    .map((one) => ({ ...described(series, one), index: measured[one.start]?.index as number }));
}

/**
 * The runs since the last confirmed change of any measure that decides, in time order; of each set of conditions by itself.
 * Runs from before it tell nothing of what the server is like now.
 */
export function sinceLastConfirmedChange(observations: readonly Observation[]): Observation[] {
  return byConditions(observations.filter(saysSomething))
    .flatMap((runs) => {
      const gating = runs.at(-1)?.measures.filter((measure) => measure.gating) ?? [];
      const begins = gating.map((measure) => {
        const points = changePoints(valuesOf(runs, measure), measure.scale);
        return points.filter(({ status }) => status === 'confirmed').at(-1)?.index ?? 0;
      });
      return runs.slice(Math.max(0, ...begins));
    })
    .sort(inTime);
}

/** What each run says of a measure; null where it says nothing, or has too little of it to say anything. */
export const valuesOf = (runs: readonly Observation[], { id }: Pick<Measure, 'id'>): (number | null)[] =>
  runs.map(({ measures }) => {
    const found = measures.find((measure) => measure.id === id);
    return found === undefined || found.insufficient !== null ? null : found.value;
  });

/** A series on the scale on which differences add up, with what steps 1 to 4 find. */
interface Series {
  readonly values: readonly number[];
  readonly y: readonly number[];
  /** Without outliers. */
  readonly calm: readonly number[];
  /** How often the variance of a mean is that of independent runs. */
  readonly inflation: number;
  readonly penalty: number;
  readonly scale: Scale;
}

/** Values from `start` to `until` against those from `from` to `start`. */
interface Stretch {
  readonly from: number;
  readonly start: number;
  readonly until: number;
}

interface Found extends Stretch {
  readonly status: ChangeStatus;
}

function seriesOf(values: readonly number[], scale: Scale): Series {
  const y = values.map((value) => transformed(value, scale));
  const calm = winsorised(y, HALF_WINDOW, OUTLIER_DEVIATIONS);
  const noise = robustSd(y.slice(1).map((value, at) => value - (y[at] as number))) / Math.SQRT2;
  const penaltyOf = (sd: number) => 2 * PENALTY * sd ** 2 * Math.log(Math.max(2, y.length));
  const starts = partition(calm, penaltyOf(noise), CONFIRMED_FROM, CANDIDATE_FROM);
  const pieces = [0, ...starts].map((start, at) => calm.slice(start, starts[at] ?? calm.length));
  const left = pieces.map((piece) => {
    const level = mean(piece);
    return piece.map((value) => value - level);
  });
  const rho = Math.min(MOST_CORRELATION, Math.max(0, correlation(left)));
  const inflation = (1 + rho) / (1 - rho);
  const penalty = penaltyOf(Math.max(noise, robustSd(left.flat()))) * inflation;
  return { values, y, calm, inflation, penalty, scale };
}

/** Of neighbours within the same piece. */
function correlation(pieces: readonly (readonly number[])[]): number {
  const count = pieces.reduce((sum, piece) => sum + piece.length, 0);
  let products = 0;
  let power = 0;
  for (const piece of pieces) {
    piece.forEach((value, at) => {
      power += value ** 2;
      products += value * (piece[at - 1] ?? 0);
    });
  }
  // What rounding leaves of a series without noise is no noise, and would seem to be correlated.
  return power < count * ROUNDING ** 2 ? 0 : products / power;
}

/** Step 5: the cut without those that are not sure or not large enough. */
function pieceStarts(series: Series): number[] {
  const { calm, penalty } = series;
  let starts = partition(calm, penalty, CONFIRMED_FROM, CANDIDATE_FROM);
  for (;;) {
    const bounds = [0, ...starts, calm.length];
    const judged = starts.map((start, at) => ({
      start,
      ...tested(series, { from: bounds[at] as number, start, until: bounds[at + 2] as number }),
    }));
    const worst = judged.filter(({ holds }) => !holds).sort((a, b) => b.p - a.p || a.jump - b.jump)[0];
    if (worst === undefined) return starts;
    starts = starts.filter((start) => start !== worst.start);
  }
}

interface Tested {
  readonly holds: boolean;
  /** Two-sided. */
  readonly p: number;
  /** In standard deviations of a run. */
  readonly jump: number;
}

function tested(series: Series, stretch: Stretch): Tested {
  const { from, start, until } = stretch;
  const { y, values, scale } = series;
  const means = meanDifference(series, stretch);
  const p = pOf(means);
  const [before, after] = [y.slice(from, start), y.slice(start, until)];
  const [was, is] = [median(before), median(after)];
  const left = [...before.map((value) => value - was), ...after.map((value) => value - is)];
  const tenths = (quantile(left, 0.9) - quantile(left, 0.1)) / TENTHS_TO_SD;
  const spread = Math.max(Math.sqrt(means.variance), robustSd(left), tenths);
  const jump = spread === 0 ? Number.POSITIVE_INFINITY : Math.abs(is - was) / spread;
  const size =
    scale === 'ratio'
      ? Math.expm1(Math.abs(is - was)) >= LEAST_RELATIVE_CHANGE
      : Math.abs(median(values.slice(start, until)) - median(values.slice(from, start))) >= LEAST_SHARE_CHANGE;
  const isShort = until - start < CONFIRMED_FROM;
  const together = !isShort || after.every((value) => Math.abs(value - is) < Math.abs(value - was));
  return { holds: p < MOST_P && jump >= LEAST_JUMP && size && together, p, jump };
}

interface MeanDifference {
  readonly difference: number;
  readonly standardError: number;
  readonly df: number;
  /** Of a run. */
  readonly variance: number;
}

/** Two-sided. */
function pOf({ difference, standardError, df }: MeanDifference): number {
  // So few runs, and so correlated, that nothing is left to judge by.
  if (df <= 0 || difference === 0) return 1;
  return standardError === 0 ? 0 : 2 * tCdf(-Math.abs(difference) / standardError, df);
}

/** Both sides of a cut without their outliers, the variance inflated for correlation. */
function meanDifference({ calm, inflation }: Series, { from, start, until }: Stretch): MeanDifference {
  const [before, after] = [calm.slice(from, start), calm.slice(start, until)];
  const count = until - from;
  const variance = count > 2 ? (squares(before) + squares(after)) / (count - 2) : 0;
  return {
    difference: mean(after) - mean(before),
    variance,
    standardError: Math.sqrt(variance * inflation * (1 / before.length + 1 / after.length)),
    df: count / inflation - 2,
  };
}

/**
 * Candidates of old: within a piece, two to five runs in a row far from its level on the same side, that would have passed
 * the filter had they been the newest. (Longer ones are pieces of their own, shorter ones odd runs.)
 */
function wentAway(series: Series, from: number, until: number): Found[] {
  const { y, calm } = series;
  const piece = y.slice(from, until);
  if (piece.length === 0) return [];
  const level = median(piece);
  const far = LEAST_JUMP * robustSd(piece);
  const sides = piece.map((value) => (Math.abs(value - level) < far ? 0 : Math.sign(value - level)));
  const found: Found[] = [];
  for (let start = from; start < until; ) {
    const side = sides[start - from];
    let end = start + 1;
    while (sides[end - from] === side) end++;
    const stretch = { from, ...trimmed(y, level, start, end) };
    const runs = stretch.until - stretch.start;
    const isShort = runs >= CANDIDATE_FROM && runs <= HALF_WINDOW;
    if (side !== 0 && isShort && stretch.until < until && stretch.start - from >= CONFIRMED_FROM) {
      // As it was then: the newest values are not yet among others that make them odd.
      const then = { ...series, calm: [...calm.slice(0, stretch.start), ...y.slice(stretch.start, stretch.until)] };
      if (tested(then, stretch).holds) found.push({ ...stretch, status: 'went away' });
    }
    start = end;
  }
  return found;
}

/** Without values at either end that happen to be on the same side, and yet lie nearer to the old level. */
function trimmed(y: readonly number[], level: number, start: number, until: number): Pick<Stretch, 'start' | 'until'> {
  const middle = median(y.slice(start, until));
  const isOfOld = (at: number) => Math.abs((y[at] as number) - level) < Math.abs((y[at] as number) - middle);
  let [first, end] = [start, until];
  while (end - first > 1 && isOfOld(first)) first++;
  while (end - first > 1 && isOfOld(end - 1)) end--;
  return { start: first, until: end };
}

function described(series: Series, found: Found): Omit<ChangePoint, 'index'> {
  const { from, start, until, status } = found;
  const { scale, values } = series;
  const [before, after] = [median(values.slice(from, start)), median(values.slice(start, until))];
  const difference = transformed(after, scale) - transformed(before, scale);
  const { standardError, df } = meanDifference(series, found);
  const reach = tQuantile(1 - (1 - CONFIDENCE) / 2, df) * standardError * MEDIAN_TO_MEAN_ERROR;
  const changeOf = (by: number) => changeFrom(transformed(before, scale), by, scale);
  return {
    runs: until - start,
    before,
    after,
    change: changeOf(difference),
    low: changeOf(difference - reach),
    high: changeOf(difference + reach),
    direction: difference > 0 ? 'up' : 'down',
    status,
  };
}
