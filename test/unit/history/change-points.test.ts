import fc from 'fast-check';
import { type ChangePoint, changePoints, sinceLastConfirmedChange } from '../../../scripts/history/change-points';
import { correlated, measureOf, noisy, normals, observationOf, observationsOf } from './series';

const found = (values: readonly (number | null)[], scale: 'ratio' | 'share' = 'ratio') =>
  changePoints(values, scale).map(({ index, status }) => [index, status]);
const confirmed = (values: readonly number[]) =>
  changePoints(values, 'ratio').filter(({ status }) => status === 'confirmed');

describe('a step', () => {
  const series = noisy(normals(1), 60, 0.02, { 40: 1.1 });

  it('is found where it is, with medians, interval and direction', () => {
    const [change, ...others] = changePoints(series, 'ratio') as [ChangePoint];
    expect(others).toEqual([]);
    expect(change).toMatchObject({ index: 40, runs: 20, direction: 'up', status: 'confirmed' });
    const median = (values: number[]) => {
      const sorted = [...values].sort((a, b) => a - b);
      return ((sorted[sorted.length / 2 - 1] as number) + (sorted[sorted.length / 2] as number)) / 2;
    };
    expect(change.before).toBeCloseTo(median(series.slice(0, 40)), 10);
    expect(change.after).toBeCloseTo(median(series.slice(40)), 10);
    expect(change.change).toBeCloseTo(change.after / change.before - 1, 10);
    expect(change.low).toBeGreaterThan(0.06);
    expect(change.low).toBeLessThan(0.1);
    expect(change.high).toBeGreaterThan(0.1);
    expect(change.high).toBeLessThan(0.14);
  });

  it('downwards is told as such', () => {
    expect(changePoints(noisy(normals(2), 60, 0.02, { 40: 0.9 }), 'ratio')).toMatchObject([
      { index: 40, direction: 'down', status: 'confirmed' },
    ]);
  });

  it('is a candidate from two runs on and confirmed from five, at the same place', () => {
    const states = [40, 41, 42, 43, 44, 45, 46].map((count) => found(series.slice(0, count)));
    expect(states).toEqual([
      [],
      [],
      [[40, 'candidate']],
      [[40, 'candidate']],
      [[40, 'candidate']],
      [[40, 'confirmed']],
      [[40, 'confirmed']],
    ]);
  });

  it.each([2, 3, 4])('that is gone after %i runs went away', (runs) => {
    const bump = noisy(normals(3), 40, 0.01, { 20: 1.15, [20 + runs]: 1 / 1.15 });
    expect(found(bump)).toEqual([[20, 'went away']]);
    expect(changePoints(bump, 'ratio')).toMatchObject([{ runs }]);
    expect(found(bump.slice(0, 20 + runs))).toEqual([[20, 'candidate']]);
  });

  it('that is gone begins and ends where it does, whatever side its neighbours are on', () => {
    const values = noisy(normals(3), 60, 0.01, { 20: 1.15, 23: 1 / 1.15 });
    values[19] = 102;
    values[23] = 102;
    expect(found(values)).toEqual([[20, 'went away']]);
    expect(changePoints(values, 'ratio')).toMatchObject([{ runs: 3 }]);
  });

  it('that lasts longer than that is two changes', () => {
    expect(found(noisy(normals(3), 40, 0.01, { 20: 1.15, 28: 1 / 1.15 }))).toEqual([
      [20, 'confirmed'],
      [28, 'confirmed'],
    ]);
  });

  it('of one run is none, wherever it is', () => {
    for (const at of [0, 1, 10, 28, 29]) {
      const values = noisy(normals(4), 30, 0.02);
      values[at] = 300;
      expect(found(values)).toEqual([]);
    }
  });

  it('has its place in the series as given when values are missing', () => {
    const holes = series.flatMap((value, at) => (at % 10 === 0 ? [null, Number.NaN, value] : [value]));
    expect(found(holes)).toEqual([[50, 'confirmed']]);
    expect(holes[50]).toBe(series[40]);
  });

  it('of less than a per cent is none, however sure', () => {
    expect(found(noisy(normals(5), 60, 0.0001, { 30: 1.009 }))).toEqual([]);
    expect(found(noisy(normals(5), 60, 0.0001, { 30: 1.011 }))).toEqual([[30, 'confirmed']]);
  });

  it('within the spread of the runs is none, however many there are', () => {
    expect(found(noisy(normals(6), 400, 0.05, { 200: 1.05 }))).toEqual([]);
  });

  it('of a series without noise is found', () => {
    const values = (length: number, factor: number) => Array.from({ length }, () => 100 * factor);
    expect(changePoints([...values(8, 1), ...values(6, 1.2)], 'ratio')).toMatchObject([
      { index: 8, before: 100, after: 120, low: expect.closeTo(0.2), high: expect.closeTo(0.2), status: 'confirmed' },
    ]);
  });

  it('of a share is told in points', () => {
    const normal = normals(7);
    const share = (mean: number) => Array.from({ length: 20 }, () => mean * (1 + 0.1 * normal()));
    const [change, ...others] = changePoints([...share(0.004), ...share(0.012)], 'share') as [ChangePoint];
    expect(others).toEqual([]);
    expect(change).toMatchObject({ index: 20, change: expect.closeTo(change.after - change.before, 10) });
    expect(change.low).toBeGreaterThan(0.006);
    expect(change.high).toBeLessThan(0.01);
    expect(found([...share(0.004), ...share(0.0048)], 'share')).toEqual([]);
    expect(found([...Array(20).fill(0), ...share(0.01)], 'share')).toEqual([[20, 'confirmed']]);
    // A ratio scale has no zero.
    expect(found([...Array(20).fill(0), ...share(0.01)])).toEqual([]);
  });
});

describe('whatever the series', () => {
  const length = fc.integer({ min: 0, max: 60 });
  const seed = fc.integer({ min: 1, max: 1e6 });
  /** Quiet enough for the steps to be found, so that there is something to compare. */
  const stepped = fc
    .tuple(seed, fc.integer({ min: 20, max: 60 }), fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 3 }))
    .map(([from, count, at]) => noisy(normals(from), count, 0.02, Object.fromEntries(at.map((step) => [step, 1.12]))));

  it('a larger unit changes nothing', () => {
    fc.assert(
      fc.property(stepped, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (values, factor) => {
        const [one, other] = [values, values.map((value) => value * factor)].map((series) =>
          changePoints(series, 'ratio'),
        );
        expect(other?.map(({ index, status, runs }) => [index, status, runs])).toEqual(
          one?.map(({ index, status, runs }) => [index, status, runs]),
        );
        other?.forEach((change, at) => {
          expect(change.change).toBeCloseTo(one?.[at]?.change as number, 6);
          expect(change.low).toBeCloseTo(one?.[at]?.low as number, 6);
        });
      }),
    );
  });

  it('time backwards mirrors what is confirmed', () => {
    // Steps well within the series are no candidates.
    const within = fc
      .tuple(seed, fc.integer({ min: 12, max: 20 }), fc.integer({ min: 32, max: 40 }))
      .map(([from, one, other]) => noisy(normals(from), 60, 0.01, { [one]: 1.15, [other]: 0.9 }));
    fc.assert(
      fc.property(within, (values) => {
        // Noise of so many series holds a small change here and there.
        const large = (series: readonly number[]) => confirmed(series).filter(({ change }) => Math.abs(change) > 0.05);
        const forwards = large(values);
        const mirrored = [...values].reverse();
        const backwards = large(mirrored);
        // Only the newest runs may be a candidate, and those that are one are no longer part of the level before: noise makes
        // one at an end of 1 series in 10,000.
        fc.pre(![values, mirrored].some((series) => found(series).some(([, status]) => status === 'candidate')));
        expect(forwards).toHaveLength(2);
        expect(backwards.map(({ index }) => values.length - index).reverse()).toEqual(
          forwards.map(({ index }) => index),
        );
        expect(backwards.map(({ before, after }) => [after, before]).reverse()).toEqual(
          forwards.map(({ before, after }) => [before, after]),
        );
      }),
    );
  });

  it('what never varies never changed', () => {
    fc.assert(
      fc.property(length, fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (count, value) => {
        expect(found(Array(count).fill(value))).toEqual([]);
        expect(found(Array(count).fill(Math.min(1, value)), 'share')).toEqual([]);
      }),
    );
  });

  it('nothing throws, and each change makes sense', () => {
    const anything = fc.oneof(
      fc.double(),
      fc.constantFrom(null, Number.NaN, 0, -1, Number.POSITIVE_INFINITY, 1e-300, 1e300),
      fc.double({ min: 1, max: 200, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 60 }),
        fc.constantFrom('ratio' as const, 'share' as const),
        (values, scale) => {
          let last = -1;
          for (const { index, runs, before, after, low, high, change, direction } of changePoints(values, scale)) {
            expect(index).toBeGreaterThan(last);
            expect(runs).toBeGreaterThanOrEqual(2);
            expect(Number.isFinite(values[index])).toBe(true);
            expect(direction).toBe(after > before ? 'up' : 'down');
            expect(low).toBeLessThanOrEqual(change);
            expect(high).toBeGreaterThanOrEqual(change);
            last = index;
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('fewer than seven runs are no series', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { maxLength: 6 }), (values) => {
        expect(found(values)).toEqual([]);
      }),
    );
  });
});

describe('simulated histories', () => {
  const SERIES = 100;
  const rate = (seed: number, test: (normal: () => number) => boolean, series = SERIES) => {
    const normal = normals(seed);
    return Array.from({ length: series }, () => test(normal)).filter(Boolean).length / series;
  };

  it.each([
    ['independent', 12, 0, 0.01],
    ['independent', 60, 0, 0.01],
    ['correlated', 12, 0.5, 0.05],
    ['correlated', 30, 0.5, 0.06],
    ['correlated', 120, 0.5, 0.02],
  ])('of %s noise over %i runs hold hardly ever a change', (_, count, phi, most) => {
    const alarms = rate(11, (normal) => confirmed(noisy(correlated(normal, phi), count, 0.03)).length > 0, 200);
    expect(alarms).toBeLessThanOrEqual(most);
  });

  it('with one run in twenty far off hold hardly ever a change', () => {
    const alarms = rate(13, (normal) => {
      const values = noisy(normal, 60, 0.03).map((value) => (normal() > 1.645 ? value * 1.3 : value));
      return confirmed(values).length > 0;
    });
    expect(alarms).toBeLessThanOrEqual(0.02);
  });

  it.each([
    // Size, standard deviation of a run, and the share that must be found within three runs of where it is.
    [0.03, 0.01, 0.97],
    [0.05, 0.015, 0.97],
    [0.1, 0.03, 0.97],
    [0.2, 0.05, 0.97],
    [0.1, 0.01, 1],
    [0.2, 0.03, 1],
  ])('with a change of %d among runs that vary by %d hold it, and no other', (size, sd, least) => {
    let others = 0;
    const hits = rate(17, (normal) => {
      const changes = confirmed(noisy(normal, 60, sd, { 40: 1 + size }));
      const near = changes.filter(({ index }) => Math.abs(index - 40) <= 3);
      others += changes.length - near.length;
      return near.length === 1;
    });
    expect(hits).toBeGreaterThanOrEqual(least);
    expect(others).toBeLessThanOrEqual(1);
  });

  it('tell of a change of three standard deviations within eight runs, mostly within five', () => {
    const delays = Array.from({ length: SERIES }, (_, seed) => {
      const values = noisy(normals(seed + 100), 60, 0.03, { 40: 1.1 });
      const counts = Array.from({ length: 19 }, (_, at) => 42 + at);
      const first = counts.find((count) => confirmed(values.slice(0, count)).some(({ index }) => index > 36));
      return (first ?? Number.POSITIVE_INFINITY) - 40;
    }).sort((a, b) => a - b);
    expect(delays[SERIES / 2]).toBe(5);
    expect(delays[SERIES * 0.9]).toBeLessThanOrEqual(8);
  });

  it('have the true change within the interval about as often as it says', () => {
    let covered = 0;
    rate(19, (normal) => {
      const [change] = confirmed(noisy(normal, 60, 0.03, { 30: 1.12 }));
      if (change !== undefined && change.low <= 0.12 && change.high >= 0.12) covered++;
      return true;
    });
    expect(covered / SERIES).toBeGreaterThanOrEqual(0.9);
  });
});

describe('runs since the last confirmed change', () => {
  const hours = (runs: ReturnType<typeof sinceLastConfirmedChange>) => runs.map(({ runId }) => Number(runId.slice(4)));
  const range = (from: number, until: number) => Array.from({ length: until - from }, (_, at) => from + at);
  const stepAt = (at: number, seed = 1) => noisy(normals(seed), 30, 0.01, { [at]: 1.2 });

  it('are all when nothing changed, and those from the change on otherwise', () => {
    expect(hours(sinceLastConfirmedChange(observationsOf(noisy(normals(1), 30, 0.02))))).toEqual(range(0, 30));
    expect(hours(sinceLastConfirmedChange(observationsOf(stepAt(20))))).toEqual(range(20, 30));
    expect(sinceLastConfirmedChange([])).toEqual([]);
  });

  it('a candidate does not count', () => {
    expect(hours(sinceLastConfirmedChange(observationsOf(stepAt(27))))).toEqual(range(0, 30));
  });

  it('the latest change of any measure that decides counts, of no other', () => {
    const [one, two, three] = [stepAt(10), stepAt(18, 2), stepAt(24, 3)];
    const runs = range(0, 30).map((hour) =>
      observationOf(hour, {
        measures: [
          measureOf(one[hour] as number, { id: 'one' }),
          measureOf(two[hour] as number, { id: 'two' }),
          measureOf(three[hour] as number, { id: 'three', gating: false }),
        ],
      }),
    );
    expect(hours(sinceLastConfirmedChange(runs))).toEqual(range(18, 30));
  });

  it('runs of other conditions are a series of their own, flawed ones none', () => {
    const runs = observationsOf(stepAt(10)).map((run, hour) => ({
      ...run,
      fingerprint: { k6: hour % 2 === 0 ? 'old' : 'new' },
      flaws: hour === 25 ? ['the generator was exhausted'] : [],
    }));
    // The even ones vary around one level each, since only the odd ones have a step at all.
    const steady = runs.map((run, hour) =>
      hour % 2 === 0 ? { ...run, measures: [measureOf(100 + (hour % 4) / 2)] } : run,
    );
    const left = hours(sinceLastConfirmedChange(steady.reverse()));
    expect(left.filter((hour) => hour % 2 === 0)).toEqual(range(0, 30).filter((hour) => hour % 2 === 0));
    expect(left.filter((hour) => hour % 2 === 1)).toEqual([11, 13, 15, 17, 19, 21, 23, 27, 29]);
  });

  it('a value of too little data is not looked at', () => {
    const values = stepAt(20);
    const runs = observationsOf(values).map((run, hour) =>
      hour < 15 ? run : { ...run, measures: [measureOf(values[hour] as number, { insufficient: 'too few requests' })] },
    );
    expect(hours(sinceLastConfirmedChange(runs))).toEqual(range(0, 30));
  });
});
