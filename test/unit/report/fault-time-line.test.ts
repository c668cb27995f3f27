import { type Moment, type TimeLine, timeLineOf } from '../../../scripts/report/fault-time-line';
import type { Evidence } from '../../../scripts/result/evidence';
import { evidence, given, HOT, type Plain, withRun } from '../../support/evidence';
import { every, evidenceOfMiddle, failedAt, faultSigns, quietUsers, series } from '../../support/planted-fault';

const lineOf = ({ run, result }: Evidence): TimeLine => given(timeLineOf(run, given(result)));
const faultLine = (...plains: readonly Plain[]) =>
  lineOf(evidenceOfMiddle('fault', [...quietUsers('fault'), ...faultSigns, ...plains]));
const momentOf = ({ moments }: TimeLine, what: string): Moment => given(moments.find((one) => one.what === what));
const without = (plains: readonly Plain[], metric: string, tags: Record<string, string> = {}) =>
  plains.filter((one) => one.metric !== metric || Object.entries(tags).some(([tag, value]) => one.tags[tag] !== value));
const event = (name: string, atS: number) =>
  series('fiml_fault_events', { event: name, fault: 'redis-down', driver: 'toxiproxy' }, [atS, 1]);

describe('the time line of a fault', () => {
  test('has what happened in its order, in seconds after the fault was made', () => {
    const { of, moments } = faultLine(...failedAt('fault', 'http', 23.7, 24.7));
    expect(of).toBe('fault');
    expect(moments.map(({ what }) => what)).toEqual([
      'the fault was made',
      'its sign was seen',
      'first failed answer, layer http',
      'it was undone',
      'the level before was back',
      'its sign was gone',
    ]);
    const times = moments.map(({ atS }) => given(atS));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(moments[0]).toMatchObject({ atS: 0, within: false, detail: 'by Toxiproxy' });
  });

  test('is exact where a sample is the first of its series', () => {
    const line = faultLine(...failedAt('fault', 'http', 23.7));
    expect(momentOf(line, 'first failed answer, layer http').atS).toBeCloseTo(3.5, 6);
    expect(momentOf(line, 'first failed answer, layer http').within).toBe(false);
    expect(momentOf(line, 'it was undone').atS).toBeCloseTo(14.9, 6);
  });

  test('says within which time a look was the first to show it, or not to any more', () => {
    const line = faultLine();
    // Of the looks at 21.0 and 21.5 s, in one time bucket, the second shows it.
    expect(momentOf(line, 'its sign was seen')).toMatchObject({ within: true });
    expect(momentOf(line, 'its sign was seen').atS).toBeCloseTo(22 - 20.2, 6);
    // The last look that shows it is at 35.5 s.
    expect(momentOf(line, 'its sign was gone')).toMatchObject({ within: true });
    expect(momentOf(line, 'its sign was gone').atS).toBeCloseTo(37 - 20.2, 6);
  });

  test('takes nothing before the fault for a part of it, and says what had failed before', () => {
    const line = faultLine(...failedAt('before', 'http', 10, 11, 12), ...failedAt('fault', 'http', 30.2));
    expect(momentOf(line, 'first failed answer, layer http')).toMatchObject({
      detail: '3 answers had failed so before it, too',
    });
    expect(momentOf(line, 'first failed answer, layer http').atS).toBeCloseTo(10, 6);
  });

  test('counts what was asked before the fault and failed in it as failed in it', () => {
    const moment = momentOf(
      faultLine(...failedAt('before', 'transport', 26.2)),
      'first failed answer, layer transport',
    );
    expect(moment).toMatchObject({ within: false, detail: '' });
    expect(moment.atS).toBeCloseTo(6, 6);
    const late = momentOf(
      faultLine(...failedAt('before', 'transport', 10, 26.3)),
      'first failed answer, layer transport',
    );
    expect(late).toMatchObject({ within: true, detail: '1 answer had failed so before it, too' });
    expect(late.atS).toBeCloseTo(6.1, 6);
  });

  test('has the first failure of each layer, and none of the suite’s own requests', () => {
    const own = series('fiml_failures', { ...HOT, op: 'fill', phase: 'fault', layer: 'inner' }, [21, 1]);
    const line = faultLine(own, ...failedAt('fault', 'data', 22.2), ...failedAt('fault', 'transport', 25.2, 26));
    expect(line.moments.filter(({ what }) => what.startsWith('first failed')).map(({ what }) => what)).toEqual([
      'first failed answer, layer data',
      'first failed answer, layer transport',
    ]);
  });

  test('ends with what did not happen, and why', () => {
    const quiet = [...without(faultSigns, 'fiml_fault_shows'), series('fiml_fault_shows', { phase: 'fault' }, [30, 0])];
    const { moments } = lineOf(evidenceOfMiddle('fault', [...quietUsers('fault'), ...quiet]));
    expect(moments.filter(({ atS }) => atS === null).map(({ what, detail }) => `${what}: ${detail}`)).toEqual([
      'its sign was seen: no look showed it',
      'first failed answer: no answer failed',
      'its sign was gone: every later look still showed it',
    ]);
  });

  test('says that it was not undone, and whether anybody tried', () => {
    const made = without(faultSigns, 'fiml_fault_events', { event: 'off' });
    const undone = (...plains: Plain[]) =>
      lineOf(evidenceOfMiddle('fault', [...quietUsers('fault'), ...made, ...plains])).moments.filter(
        ({ what }) => what === 'it was undone' || what === 'its sign was gone',
      );
    expect(undone()).toMatchObject([{ what: 'it was undone', atS: null, detail: 'not while the load went on' }]);
    expect(undone(event('off failed', 35))).toMatchObject([{ atS: null, detail: 'its driver could not undo it' }]);
  });

  test('has the level back when the judge has it, or why not', () => {
    expect(momentOf(faultLine(), 'the level before was back')).toMatchObject({
      within: true,
      detail: 'at most 1.0 s into the recovery',
    });
    expect(momentOf(faultLine(), 'the level before was back').atS).toBeCloseTo(35 + 1 - 20.2, 6);
    const ill = faultLine(...failedAt('recovery', 'http', ...every(0.5, 35.05, 65, 1).map(([atS]) => atS)));
    expect(momentOf(ill, 'the level before was back')).toMatchObject({
      atS: null,
      detail: expect.stringMatching(/^not back /),
    });
    const unasked = withRun(evidenceOfMiddle('fault', [...quietUsers('fault'), ...faultSigns]), () => ({
      targets: [],
    }));
    expect(lineOf(unasked).moments.map(({ what }) => what)).not.toContain('the level before was back');
  });

  test('tells what users lost in it and after it, by layer, against how much they asked', () => {
    const { lost } = faultLine(
      ...failedAt('before', 'http', 10),
      ...failedAt('fault', 'http', 21, 22, 23),
      ...failedAt('fault', 'data', 24),
      ...failedAt('recovery', 'data', 36),
      series('dropped_iterations', { scenario: 'traffic' }, ...every(0.1, 10, 12, 1), ...every(0.1, 25, 27, 1)),
    );
    expect(lost).toEqual([
      {
        phase: 'fault',
        asked: 154,
        failed: 4,
        layers: [
          { layer: 'http', count: 3 },
          { layer: 'data', count: 1 },
        ],
        neverBegan: 20,
      },
      { phase: 'recovery', asked: 301, failed: 1, layers: [{ layer: 'data', count: 1 }], neverBegan: 0 },
    ]);
  });

  test('is not there when the fault was never made', () => {
    const made = without(faultSigns, 'fiml_fault_events', { event: 'on' });
    const { run, result } = evidenceOfMiddle('fault', [...quietUsers('fault'), ...made, event('on failed', 20)]);
    expect(timeLineOf(run, given(result))).toBeNull();
  });
});

describe('the time line of a spike', () => {
  const spikeLine = (...plains: readonly Plain[]) =>
    lineOf(evidenceOfMiddle('spike', [...quietUsers('spike'), ...plains]));

  test('begins with the spike, and has failures, its end and the level', () => {
    const line = spikeLine(...failedAt('spike', 'transport', 27));
    expect(line.of).toBe('spike');
    expect(line.moments.map(({ what }) => what)).toEqual([
      'the spike began',
      'first failed answer, layer transport',
      'it was over',
      'the level before was back',
    ]);
    expect(line.moments.map(({ atS }) => Math.round(given(atS)))).toEqual([0, 7, 15, 16]);
    expect(line.lost.map(({ phase, failed }) => [phase, failed])).toEqual([
      ['spike', 1],
      ['recovery', 0],
    ]);
  });

  test('says that no answer failed', () => {
    expect(momentOf(spikeLine(), 'first failed answer')).toMatchObject({ atS: null, detail: 'no answer failed' });
  });
});

test('a run without a fault or a spike has no time line', () => {
  const { run, result } = evidence();
  expect(timeLineOf(run, given(result))).toBeNull();
});
