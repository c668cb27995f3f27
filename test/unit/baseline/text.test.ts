import { pool, type Saved } from '../../../scripts/baseline';
import { spreadOf } from '../../../scripts/baseline/spread';
import { savedText, shownText } from '../../../scripts/baseline/text';
import type { Observation } from '../../../scripts/result/observation';
import { observation } from '../../support/observations';

const NOW = new Date('2026-11-24T12:00:00Z');
const of = (runs: readonly Observation[]) => pool('load.smoke', runs, NOW).baseline;
const saved = (runs: readonly Observation[], changes: Partial<Saved> = {}): Saved => ({
  ...pool('load.smoke', runs, NOW),
  path: 'baselines/load.smoke.json',
  replaced: null,
  ...changes,
});
const priced = (...values: number[]) => values.map((priceMs, at) => observation(at, { priceMs }));

test('the spread is the standard deviation between the runs, and only of what decides', () => {
  const rows = spreadOf(of(priced(100, 110, 121)));
  expect(rows.map(({ title }) => title)).toEqual([
    'Price queries, P95',
    'Time to a DSL result, P50',
    'All requests, share of failures',
  ]);
  expect(rows[0]?.mean).toBeCloseTo(110, 9);
  expect(rows[0]?.sd).toBeCloseTo(Math.log(1.1), 9);
  expect(rows[1]?.sd).toBeCloseTo(0, 9);
});

test('the spread of a share is in points', () => {
  const [, , failures] = spreadOf(of([0.01, 0.02, 0.03].map((share, at) => observation(at, { failures: share }))));
  expect(failures?.sd).toBeGreaterThan(0.009);
  expect(failures?.sd).toBeLessThan(0.012);
});

test('more runs, and runs that lie closer together, find smaller changes', () => {
  const findsFrom = (...values: number[]) => spreadOf(of(priced(...values)))[0]?.findsFrom ?? Number.NaN;
  expect(findsFrom(100, 101, 100)).toBeLessThan(findsFrom(100, 101));
  expect(findsFrom(100, 101, 100, 101, 100)).toBeLessThan(findsFrom(100, 110, 100, 110, 100));
  expect(findsFrom(100)).toBeGreaterThan(0.1);
});

test('a single run has no spread, and what it lacks has no figures', () => {
  const [run] = priced(100);
  expect(spreadOf(of([run as Observation]))[0]).toMatchObject({ sd: null, mean: expect.closeTo(100, 9) });
  const measures = (run as Observation).measures.map((measure) => ({ ...measure, insufficient: 'too few' }));
  const rows = spreadOf(of([{ ...(run as Observation), measures }, ...priced(100, 101).slice(1)]));
  expect(rows[0]).toMatchObject({ mean: null, sd: null, findsFrom: null });
});

test('saving tells of what, what was left out, what it replaces, and that few runs are few', () => {
  const runs = priced(100, 110);
  const text = savedText(saved([...runs, observation(2, {}, { verdict: 'FAIL' })], { replaced: of(priced(90)) }));
  expect(text).toMatch(
    /^saved baselines\/load\.smoke\.json: 2 runs of commit 01234567 on http:\/\/fiml\.test:8000, FIML 0\.4\.1\n/,
  );
  expect(text).toContain('in place of that of 2026-11-24T12:00:00.000Z: 1 run of commit 01234567');
  expect(text).toContain('  run-2 is left out: its own verdict is FAIL\n');
  expect(text).toMatch(/\nPrice queries, P95 +105 ms +6\.7 % +\d+\.\d %\n/);
  expect(text).toContain('warning: 2 runs cannot tell how far runs lie apart: make at least 3, better 5');
  expect(savedText(saved(priced(100, 110, 105)))).not.toContain('warning');
});

test('showing tells identity, conditions, spread and age', () => {
  const changed = { identity: { ...observation(1).identity, commit: 'fedcba9876543210', dirty: true } };
  const baseline = of([observation(0), observation(1, {}, changed), observation(2)]);
  const newestEndedMs = observation(2).endedAtMs;
  const show = (ageMs: number) => shownText('x.json', baseline, new Date(newestEndedMs + ageMs));
  const text = show(3 * 3600_000);
  expect(text).toMatch(/^load\.smoke: 3 runs of commit 01234567 and fedcba98 with changes on http/);
  expect(text).toContain('x.json, saved 2026-11-24T12:00:00.000Z; its newest run is 3 hours old');
  expect(text).toMatch(/\nrun-1 +2026-11-24T10:02:00\.000Z +fedcba98 with changes +PASS +http/);
  expect(text).toMatch(/\nPERF_RATE +50\n/);
  expect(text).toMatch(/\nPrice queries, P95 +100 ms +0\.0 % /);
  expect(text).not.toContain('warning');
  expect(show(14 * 24 * 3600_000)).not.toContain('warning');
  expect(show(15 * 24 * 3600_000)).toMatch(/warning: the baseline is 15 days old, and the machine may have changed/);
});

test('names from outside are shown and not obeyed', () => {
  const hostile = '\u001b[31m\u202ered\n';
  const run = observation(0, {}, { runId: hostile, fingerprint: { [hostile]: hostile }, verdict: hostile });
  const named = {
    ...run,
    identity: { ...run.identity, commit: hostile, target: hostile, targetVersion: hostile },
    measures: run.measures.map((measure) => ({ ...measure, title: `${hostile} ${measure.id}` })),
  };
  for (const text of [savedText(saved([named])), shownText('x.json', of([named]), NOW)]) {
    expect(text).toContain('[31mred');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
  }
});
