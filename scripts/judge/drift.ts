import type { Target } from '../../thresholds';
import { ALPHA, BATCHES, type Growth, isDrift, lineEnds, relativeGrowth, trend } from '../drift';
import { Histogram } from '../result/histogram';
import { phaseWindow, type Window } from '../result/phases';
import { answered, selectSeries } from '../result/query';
import type { Bucket, Result, Series } from '../result/result';
import type { Run } from '../result/run';
import { median } from '../statistics';
import { formatBytes, formatLength, percent } from '../text/format';
import { NO_FIGURES, type OverTimeFinding } from './over-time';

/** FIML's own stress test allows its server to grow by less than this, however large it is. */
const MOST_GROWTH_BYTES = 100e6;
/** Of the twelve batches those at either end by which a share's growth is measured: a quarter. */
const QUARTER = BATCHES / 4;
/** Of the twelve parts of half a phase: a busy server's memory cannot be looked at in each. */
const FEWEST_IN_HALF = 8;
/** Parts that count as near to each other lie at most so many apart. */
const NEAR = 3;

/** What one time bucket says. */
interface Moment {
  readonly atMs: number;
  readonly value: number;
}

/** A part of a window, with the median of what was seen in it. */
interface Part {
  readonly place: number;
  readonly value: number;
}

/**
 * Growth of a quantile over a phase, as a share of its beginning.
 *
 * By the quantile of each time bucket, never of all answers so far: a cumulative P95 moves less and less, whatever the server
 * does. A batch is the median of its buckets, so that a pause of the machine is one odd bucket and no trend.
 */
export const latencyDrift =
  (q: number) =>
  (target: Target, run: Run, result: Result): OverTimeFinding => {
    const { metric, selector, limit } = target;
    const series = selectSeries(result, metric, selector).filter(answered);
    const samples = series.reduce((sum, { count }) => sum + count, 0);
    const moments = byBucket(result, series, (buckets) => {
      const histogram = new Histogram();
      for (const bucket of buckets) histogram.addAll(Histogram.fromSparse(bucket.histogram ?? []));
      return histogram.quantile(q);
    });
    return within(run, result, selector, (window) => {
      const batches = inBatches(moments, window, BATCHES);
      if (batches === null) return nothing(tooShort(moments, window, BATCHES));
      const growth = relativeGrowth(batches);
      return {
        figures: { value: growth.share, samples, bound: growth.interval[1] },
        detail: `${signed(growth.share)} % over ${formatLength(lengthOf(window))} ${howSure(growth)}`,
        holds: !isDrift(growth, limit),
      };
    });
  };

/**
 * Growth of the share of failures over a phase, in absolute points: the share of its last quarter less that of its first. A
 * share of nearly nothing has no relative growth, and Theil and Sen's slope is 0 wherever most parts are without a failure:
 * it would not see a server that begins to fail in the last third of an hour. Whether it is more than chance is for Mann and
 * Kendall's test to say, as of latencies.
 */
export function failureDrift({ metric, selector, limit }: Target, run: Run, result: Result): OverTimeFinding {
  const series = selectSeries(result, metric, selector);
  const samples = series.reduce((sum, { count }) => sum + count, 0);
  return within(run, result, selector, (window) => {
    const parts = Array.from({ length: BATCHES }, () => ({ asked: 0, failed: 0 }));
    for (const { buckets = [] } of series) {
      for (const { i, count, nonZero } of buckets) {
        const part = parts[placeOf(middleOf(result, i), window, BATCHES)] as (typeof parts)[number];
        part.asked += count;
        part.failed += nonZero;
      }
    }
    const empty = parts.filter(({ asked }) => asked === 0).length;
    if (empty > 0) return nothing(`too few parts: ${BATCHES - empty} of ${BATCHES} have an answer`);
    const shareOf = (some: typeof parts) =>
      some.reduce((sum, { failed }) => sum + failed, 0) / some.reduce((sum, { asked }) => sum + asked, 0);
    const [first, last] = [shareOf(parts.slice(0, QUARTER)), shareOf(parts.slice(-QUARTER))];
    const { p } = trend(parts.map((part) => shareOf([part])));
    return {
      figures: { value: last - first, samples, bound: null },
      detail: `${percent(first, 2)} in the first quarter of ${formatLength(lengthOf(window))}, ${percent(last, 2)} in its last, ${pInWords(p)}`,
      holds: !isDrift({ share: last - first, p }, limit),
    };
  });
}

/** Growth of the server's memory over a phase, see {@link leakIn}. */
export function leak({ metric, selector, limit }: Target, run: Run, result: Result): OverTimeFinding {
  return within(run, result, selector, (window) =>
    leakIn(readWithin(run, window) ?? toldBy(result, selectSeries(result, metric, selector)), window, limit),
  );
}

/**
 * Growth of memory over a window. A leak grows all the time: what has grown and stays, as caches and heaps do after a start,
 * grows in the first half only.
 *
 * So in either half memory must grow from part to part at the pace that makes the limit over the whole window. A slope whose
 * interval lies above 0 would not do: memory hardly ever falls, and of a server that is well it creeps up for long, as
 * registries fill and garbage waits for its collection. Of 256 stretches of 24 s of healthy Node servers that would have
 * called 52 a leak; by the pace it is none.
 *
 * @param limit share of the memory at the beginning.
 * @returns no value where there are too few looks to tell, with the reason.
 */
export function leakIn({ looks, samples }: Memory, window: Window, limit: number): OverTimeFinding {
  const batches = inBatches(looks, window, BATCHES);
  if (batches === null) return nothing(tooShort(looks, window, BATCHES));
  // Each half is put to the test by itself, in as many parts.
  const parts = filledParts(looks, window, 2 * BATCHES);
  const halves = [parts.filter(({ place }) => place < BATCHES), parts.filter(({ place }) => place >= BATCHES)];
  if (halves.some(({ length }) => length < FEWEST_IN_HALF)) return nothing(tooShort(looks, window, 2 * BATCHES));
  const growth = relativeGrowth(batches);
  const [from, to] = lineEnds(batches);
  const bytes = to - from;
  const paces = halves.map(paceOf);
  const goesOn = paces.every(({ share }) => share >= limit) || paces.every((pace) => pace.bytes >= MOST_GROWTH_BYTES);
  const hasGrown = growth.p < ALPHA && (growth.share >= limit || bytes >= MOST_GROWTH_BYTES);
  const isLeak = hasGrown && goesOn;
  const stopped = hasGrown && !goesOn ? ', and not as fast in both halves: no leak' : '';
  return {
    figures: { value: growth.share, samples, bound: growth.interval[1] },
    detail: `${signed(growth.share)} % over ${formatLength(lengthOf(window))}, from ${formatBytes(from)} to ${formatBytes(to)} ${howSure(growth)}${stopped}`,
    holds: !isLeak,
  };
}

/** What was seen of a process's memory, bytes. */
interface Memory {
  readonly looks: readonly Moment[];
  readonly samples: number;
}

/** What the suite has read from the process itself; null when no process was named. */
function readWithin({ serverMemory }: Run, { startMs, endMs }: Window): Memory | null {
  if (serverMemory === undefined) return null;
  const looks = serverMemory
    .filter(({ atMs }) => atMs >= startMs && atMs < endMs)
    .map(({ atMs, bytes }) => ({ atMs, value: bytes }));
  return { looks, samples: looks.length };
}

/** What the server tells of itself. */
const toldBy = (result: Result, told: Series[]): Memory => ({
  looks: byBucket(result, told, (buckets) => median(buckets.map((one) => one.sum / one.count))),
  samples: told.reduce((sum, { count }) => sum + count, 0),
});

/**
 * What the pace of a half makes of the whole phase: Theil and Sen's slope of near parts only. A collection of garbage is a
 * drop that lies between few of these pairs, and between half of all.
 */
function paceOf(half: readonly Part[]): { readonly share: number; readonly bytes: number } {
  const slope = (scaled: (value: number) => number): number =>
    median(
      half.flatMap((from, at) =>
        half
          .slice(at + 1)
          .filter(({ place }) => place - from.place <= NEAR)
          .map((to) => (scaled(to.value) - scaled(from.value)) / (to.place - from.place)),
      ),
    );
  return { share: Math.expm1(slope(Math.log) * 2 * BATCHES), bytes: slope((value) => value) * 2 * BATCHES };
}

function within(
  run: Run,
  result: Result,
  { phase }: Target['selector'],
  measure: (window: Window) => OverTimeFinding,
): OverTimeFinding {
  const window = typeof phase === 'string' ? phaseWindow(run, result, phase) : null;
  return window === null ? nothing('nothing tells when the phase began and ended') : measure(window);
}

const nothing = (detail: string): OverTimeFinding => ({ figures: NO_FIGURES, detail });

/** One value for each time bucket in which there is any, in turn. */
function byBucket(
  result: Result,
  series: Result['series'],
  measure: (buckets: readonly Bucket[]) => number | null,
): Moment[] {
  const slots = new Map<number, Bucket[]>();
  for (const { buckets = [] } of series) {
    for (const bucket of buckets) slots.set(bucket.i, [...(slots.get(bucket.i) ?? []), bucket]);
  }
  return [...slots]
    .sort(([a], [b]) => a - b)
    .flatMap(([i, buckets]): Moment[] => {
      const value = measure(buckets);
      // What takes no time, or no memory, was not measured, and has no logarithm.
      return value === null || value <= 0 ? [] : [{ atMs: middleOf(result, i), value }];
    });
}

const middleOf = ({ startMs, bucketMs }: Result, i: number): number => startMs + (i + 0.5) * bucketMs;
const lengthOf = ({ startMs, endMs }: Window): number => endMs - startMs;

/** Which of so many equal parts of a window a moment lies in; a bucket that reaches beyond it counts to the part at its edge. */
function placeOf(atMs: number, window: Window, parts: number): number {
  const place = Math.floor(((atMs - window.startMs) / lengthOf(window)) * parts);
  return Math.min(parts - 1, Math.max(0, place));
}

/** The median of each of so many parts of equal length in which there is anything. */
function filledParts(moments: readonly Moment[], window: Window, parts: number): Part[] {
  const values = Array.from({ length: parts }, (): number[] => []);
  for (const { atMs, value } of moments) values[placeOf(atMs, window, parts)]?.push(value);
  return values.flatMap((some, place) => (some.length === 0 ? [] : [{ place, value: median(some) }]));
}

/** The same where there is something in each; null otherwise. */
function inBatches(moments: readonly Moment[], window: Window, parts: number): number[] | null {
  const filled = filledParts(moments, window, parts);
  return filled.length < parts ? null : filled.map(({ value }) => value);
}

const tooShort = (moments: readonly Moment[], window: Window, parts: number): string =>
  `too few parts of ${formatLength(lengthOf(window))}: ${filledParts(moments, window, parts).length} of ${parts} have a value`;

const signed = (share: number): string => `${share < 0 ? '−' : '+'}${(Math.abs(share) * 100).toFixed(1)}`;

/** `(95 % interval +8.1 to +16.0 %, p 0.0003)`. */
const howSure = ({ interval: [low, high], p }: Growth): string =>
  `(95 % interval ${signed(low)} to ${signed(high)} %, ${pInWords(p)})`;

const pInWords = (p: number): string => (p < 0.0001 ? 'p < 0.0001' : `p ${p.toPrecision(2)}`);
