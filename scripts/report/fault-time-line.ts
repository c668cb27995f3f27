import { recovery } from '../judge/recovery';
import { judgedPhases, phaseWindow } from '../result/phases';
import { mergeSeries, selectSeries } from '../result/query';
import type { Bucket, Result, Series } from '../result/result';
import type { Run } from '../result/run';
import { formatValue, plural } from '../text/format';
import { type Layers, phasesOf, USERS } from './phases';

/** What a fault, or a spike, did in the order in which it did it. */
export interface TimeLine {
  readonly of: 'fault' | 'spike';
  /** When it was made, or began, epoch ms. */
  readonly beganMs: number;
  /** In time order; what did not happen comes last. */
  readonly moments: readonly Moment[];
  /** What users asked for in vain, in the phase itself and in its recovery. */
  readonly lost: readonly Lost[];
}

export interface Moment {
  readonly what: string;
  /** Seconds after the fault was made, or the spike began. Null: it did not happen, and `detail` says so. */
  readonly atS: number | null;
  /** Whether it may have happened earlier: samples are kept by time bucket, of which only the first one's time is exact. */
  readonly within: boolean;
  readonly detail: string;
}

export interface Lost {
  readonly phase: string;
  readonly asked: number;
  readonly failed: number;
  readonly layers: Layers;
  /** Iterations that were due and found no virtual user free, about: k6 tells but their time. */
  readonly neverBegan: number;
}

/** When something was, epoch ms. */
interface Instant {
  readonly atMs: number;
  readonly within: boolean;
}

const FAULT_MADE = 'the fault was made';
const FAULT_UNDONE = 'it was undone';
const SPIKE_BEGAN = 'the spike began';
const SPIKE_OVER = 'it was over';
const LEVEL_BACK = 'the level before was back';

/** What a plot marks of a time line, in the few words for which it has room. */
export const MARKS: ReadonlyMap<string, string> = new Map([
  [FAULT_MADE, 'fault made'],
  [FAULT_UNDONE, 'undone'],
  [SPIKE_BEGAN, 'spike'],
  [SPIKE_OVER, 'over'],
  [LEVEL_BACK, 'level back'],
]);

/** Null for a run without either, and where nothing tells when it began. */
export function timeLineOf(run: Run, result: Result): TimeLine | null {
  const of = run.fault !== undefined ? 'fault' : judgedPhases(run).includes('spike') ? 'spike' : null;
  if (of === null) return null;
  const beganMs = of === 'fault' ? eventMs(result, 'on') : (phaseWindow(run, result, 'spike')?.startMs ?? null);
  if (beganMs === null) return null;
  const moment = (what: string, instant: Instant | null, otherwise: string, detail = ''): Moment => ({
    what,
    atS: instant === null ? null : (instant.atMs - beganMs) / 1000,
    within: instant?.within ?? false,
    detail: instant === null ? otherwise : detail,
  });
  const exact = (atMs: number | null): Instant | null => (atMs === null ? null : { atMs, within: false });

  const moments =
    of === 'fault'
      ? [
          moment(FAULT_MADE, exact(beganMs), '', `by ${driverOf(result)}`),
          moment('its sign was seen', firstLook(result, beganMs, shows), 'no look showed it'),
          ...failures(result, beganMs, moment),
          moment(FAULT_UNDONE, exact(eventMs(result, 'off')), notUndone(result)),
          ...signGone(result, moment),
          ...levelBack(run, result, moment),
        ]
      : [
          moment(SPIKE_BEGAN, exact(beganMs), ''),
          ...failures(result, beganMs, moment),
          moment(SPIKE_OVER, exact(phaseWindow(run, result, 'recovery')?.startMs ?? null), 'it has no recovery'),
          ...levelBack(run, result, moment),
        ];
  return { of, beganMs, moments: inOrder(moments), lost: lostOf(run, result, [of, 'recovery']) };
}

type MomentOf = (what: string, instant: Instant | null, otherwise: string, detail?: string) => Moment;

const inOrder = (moments: readonly Moment[]): Moment[] =>
  [...moments].sort((a, b) => (a.atS ?? Number.MAX_VALUE) - (b.atS ?? Number.MAX_VALUE));

function eventMs(result: Result, event: string): number | null {
  const { count, firstMs } = mergeSeries(selectSeries(result, 'fiml_fault_events', { event }));
  return count === 0 ? null : firstMs;
}

const DRIVERS: Readonly<Record<string, string>> = {
  toxiproxy: 'Toxiproxy',
  control: "the server's control port",
  hook: 'a hook of fiml-perf run',
  load: "the scenario's own users",
};

function driverOf(result: Result): string {
  const driver = selectSeries(result, 'fiml_fault_events', { event: 'on' })[0]?.tags.driver ?? '';
  return DRIVERS[driver] ?? driver;
}

const notUndone = (result: Result): string =>
  eventMs(result, 'off failed') === null ? 'not while the load went on' : 'its driver could not undo it';

type Wanted = (bucket: Pick<Bucket, 'count' | 'nonZero'>) => boolean;
const shows: Wanted = ({ nonZero }) => nonZero > 0;
const showsNot: Wanted = ({ count, nonZero }) => count > nonZero;

const firstLook = (result: Result, afterMs: number, wanted: Wanted): Instant | null =>
  first(result, selectSeries(result, 'fiml_fault_shows'), afterMs, wanted);

function signGone(result: Result, moment: MomentOf): Moment[] {
  const undoneMs = eventMs(result, 'off');
  if (undoneMs === null) return [];
  return [moment('its sign was gone', firstLook(result, undoneMs, showsNot), 'every later look still showed it')];
}

/** The first failure in each layer: how long users had noticed nothing. */
function failures(result: Result, afterMs: number, moment: MomentOf): Moment[] {
  const failed = selectSeries(result, 'fiml_failures', USERS);
  const layers = [...new Set(failed.map(({ tags }) => tags.layer ?? 'unknown'))].sort();
  const found = layers.flatMap((layer) => {
    const ofLayer = failed.filter(({ tags }) => (tags.layer ?? 'unknown') === layer);
    const instant = first(result, ofLayer, afterMs, shows);
    if (instant === null) return [];
    // By time: what was asked before a fault may fail in it.
    const before = ofLayer
      .flatMap(({ buckets = [] }) => buckets.filter(({ i }) => startOf(result, i + 1) <= afterMs))
      .reduce((total, { sum }) => total + sum, 0);
    const detail = before === 0 ? '' : `${plural(before, 'answer')} had failed so before it, too`;
    return [moment(`first failed answer, layer ${layer}`, instant, '', detail)];
  });
  return found.length > 0 ? found : [moment('first failed answer', null, 'no answer failed')];
}

/**
 * The first sample after a moment that is as wanted. Exact where it is a series' first one; otherwise its bucket's end, and
 * of a bucket that had begun before the moment nothing is known.
 */
function first(result: Result, series: readonly Series[], afterMs: number, wanted: Wanted): Instant | null {
  const found = series.flatMap((one): Instant[] => {
    const buckets = [...(one.buckets ?? [])].sort((a, b) => a.i - b.i);
    const isLater = one.firstMs >= afterMs;
    const bucket = buckets.find(({ i, ...figures }) => (isLater || startOf(result, i) >= afterMs) && wanted(figures));
    if (bucket === undefined) return [];
    const allAlike = !(shows(bucket) && showsNot(bucket));
    if (isLater && allAlike && bucket === buckets[0]) return [{ atMs: one.firstMs, within: false }];
    return [{ atMs: Math.min(startOf(result, bucket.i + 1), one.lastMs), within: true }];
  });
  return found.sort((a, b) => a.atMs - b.atMs)[0] ?? null;
}

const startOf = ({ startMs, bucketMs }: Result, i: number): number => startMs + i * bucketMs;

/** As the judge has it; none where no target asks for it. */
function levelBack(run: Run, result: Result, moment: MomentOf): Moment[] {
  const target = run.targets.find(({ statistic }) => statistic === 'recovery');
  const window = phaseWindow(run, result, 'recovery');
  if (target === undefined || window === null) return [];
  const { figures, detail } = recovery(target, run, result);
  const isBack = figures.value !== null && detail === null;
  const intoMs = (figures.value ?? 0) * 1000;
  return [
    moment(
      LEVEL_BACK,
      isBack ? { atMs: window.startMs + intoMs, within: true } : null,
      detail ?? 'not known',
      `at most ${formatValue(intoMs / 1000, 's')} into the recovery`,
    ),
  ];
}

function lostOf(run: Run, result: Result, phases: readonly string[]): Lost[] {
  const dropped = selectSeries(result, 'dropped_iterations').flatMap(({ buckets = [] }) => buckets);
  return phasesOf(run, result)
    .filter(({ phase }) => phases.includes(phase))
    .map(({ phase, requests, failed, layers }) => {
      const window = phaseWindow(run, result, phase);
      const isIn = ({ i }: Bucket) => {
        const middleMs = startOf(result, i) + result.bucketMs / 2;
        return window !== null && middleMs >= window.startMs && middleMs < window.endMs;
      };
      return {
        phase,
        asked: requests,
        failed,
        layers,
        neverBegan: dropped.filter(isIn).reduce((total, { sum }) => total + sum, 0),
      };
    });
}
