import { faultCheck } from '../../../scripts/judge/fault';
import { given, type Plain } from '../../support/evidence';
import { every, evidenceOfMiddle, faultSigns, quietUsers, series } from '../../support/planted-fault';

const on = series('fiml_fault_events', { event: 'on', fault: 'redis-down', driver: 'toxiproxy' }, [20.2, 1]);
const off = series('fiml_fault_events', { event: 'off', fault: 'redis-down', driver: 'toxiproxy' }, [35.1, 1]);
const shows = (before: number, during: number): Plain[] => [
  series('fiml_fault_shows', { phase: 'before' }, ...every(0.5, 5, 20, before)),
  series('fiml_fault_shows', { phase: 'fault' }, ...every(0.5, 20, 35, during)),
];

function checkOf(signs: readonly Plain[], slowerMs?: number) {
  const plains = [...quietUsers('fault'), ...signs];
  const { run, result } = evidenceOfMiddle('fault', plains);
  const fault = { ...given(run.fault), ...(slowerMs === undefined ? {} : { slowerMs }) };
  return faultCheck({ ...run, fault }, result)[0];
}

test('a run that breaks nothing has no such check', () => {
  const { run, result } = evidenceOfMiddle('spike', quietUsers('spike'));
  expect(faultCheck(run, result)).toEqual([]);
});

test('a fault whose sign was seen holds, also when it was not seen at once', () => {
  expect(checkOf(faultSigns)).toMatchObject({ kind: 'blinding', ok: true });
});

test.each([
  ['was never made', [off, ...shows(0, 1)], /never made: nothing was tested/],
  [
    'could not be made',
    [series('fiml_fault_events', { event: 'on failed', fault: 'x', driver: 'hook' }, [20, 1]), off, ...shows(0, 1)],
    /its driver could not make the fault/,
  ],
  ['had no effect', [on, off, ...shows(0, 0)], /had no effect: its sign was seen in 0 of 30 looks during it/],
  [
    'was there before',
    [on, off, ...shows(1, 1)],
    /was there before the fault, in 30 of 30 looks: the server was broken/,
  ],
  ['was not undone', [on, ...shows(0, 1)], /was not undone in time/],
])('a fault that %s has tested nothing', (_, signs, words) => {
  expect(checkOf(signs)).toMatchObject({ kind: 'blinding', ok: false, detail: expect.stringMatching(words) });
});

test('without a single sample nothing tells whether it was there', () => {
  const { run } = evidenceOfMiddle('fault', quietUsers('fault'));
  expect(faultCheck(run, null)[0]).toMatchObject({ ok: false });
});

test('a server that crashed after the first look was not left alone, and one that lives was', () => {
  const one = series('fiml_fault_shows', { phase: 'fault' }, ...every(0.5, 20, 20.5, 0));
  const { run, result } = evidenceOfMiddle('fault', [...quietUsers('fault'), on, off, ...shows(0, 0).slice(0, 1), one]);
  const gone = { ...run, target: { ...run.target, after: null } };
  expect([gone, run].map((each) => faultCheck(each, result)[0]?.ok)).toEqual([true, false]);
});

test('a server that answers no look at all is no server that the fault left alone', () => {
  expect(checkOf([on, off, series('fiml_fault_shows', { phase: 'before' }, ...every(0.5, 5, 20, 0))])?.ok).toBe(true);
});

describe('a sign that is a matter of how much longer a look takes', () => {
  const looks = (beforeMs: number, duringMs: number): Plain[] => [
    on,
    off,
    series('fiml_fault_look_duration', { phase: 'before' }, ...every(0.5, 5, 20, beforeMs)),
    series('fiml_fault_look_duration', { phase: 'fault' }, ...every(0.5, 20, 35, duringMs)),
  ];

  test('counts from what looks took before, on a machine however busy', () => {
    expect(checkOf(looks(2, 14), 8)?.ok).toBe(true);
    expect(checkOf(looks(60, 75), 8)?.ok).toBe(true);
  });

  test('is not there when they took as long before', () => {
    expect(checkOf(looks(60, 62), 8)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/had no effect: a look took 6\d\.\d ms during it and \d+\.\d ms before it/),
    });
  });
});
