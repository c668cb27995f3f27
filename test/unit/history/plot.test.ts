import { plot } from '../../../scripts/history/plot';
import { historyView } from '../../../scripts/history/trend';
import type { HistoryNote } from '../../../scripts/result/history';
import type { Observation } from '../../../scripts/result/observation';
import { FIRST_MS, HOUR_MS, measureOf, noisy, normals, observationOf, observationsOf } from './series';

const note = (hour: number, text: string): HistoryNote => ({
  schema: 'fiml-perf/history-note',
  version: 1,
  atMs: FIRST_MS + hour * HOUR_MS,
  text,
});

const draw = (observations: readonly Observation[], notes: readonly HistoryNote[] = []): string =>
  plot(historyView('load.smoke', { observations, notes, problems: [] }, null));

const WORSE = '#c0392b';
const BETTER = '#1e8449';
/** Vertical lines of a colour, with how each is drawn. */
const verticals = (svg: string, color: string) =>
  [...svg.matchAll(/<path d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+"[^>]*>/g)].filter(
    ([path, from, to]) => from === to && path.includes(`stroke="${color}"`),
  );
const texts = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

it('draws a panel for each measure, with title, unit and dates', () => {
  const measures = (hour: number) => [
    measureOf(100 + hour),
    measureOf(0.01, { id: 'failures', title: 'Failures', unit: 'share', scale: 'share' }),
  ];
  const svg = draw([0, 1, 2].map((hour) => observationOf(hour * 24, { measures: measures(hour) })));
  expect(texts(svg)).toEqual(
    expect.arrayContaining([
      'load.smoke: 3 runs, 2026-11-24 to 2026-11-26',
      'Price, P95 (ms)',
      'Failures (%)',
      '2026-11-24',
      '2026-11-25',
      '2026-11-26',
    ]),
  );
  expect(texts(svg).some((text) => / ms$/.test(text ?? ''))).toBe(true);
  expect(texts(svg).some((text) => /\d %$/.test(text ?? ''))).toBe(true);
});

it('marks what is confirmed by a solid line and a candidate by a dashed one, red where it is worse', () => {
  const values = noisy(normals(1), 40, 0.005, { 10: 1.1, 20: 0.8, 37: 1.2 });
  const svg = draw(observationsOf(values));
  const [confirmed, candidate] = verticals(svg, WORSE).map(([path]) => path) as [string, string];
  expect(confirmed).not.toContain('stroke-dasharray');
  expect(candidate).toContain('stroke-dasharray');
  expect(verticals(svg, BETTER)).toHaveLength(1);
  expect(texts(svg)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^\+\d+\.\d %$/), expect.stringMatching(/^−\d+\.\d %$/)]),
  );
  // For throughput the same is the other way round.
  const throughput = draw(observationsOf(values, { worse: 'lower' }));
  expect([verticals(throughput, WORSE).length, verticals(throughput, BETTER).length]).toEqual([1, 2]);
});

it('writes no label of a change over another: they stand at two heights, and what has no room is left out', () => {
  const steps = Object.fromEntries([...Array(10).keys()].map((at) => [(at + 1) * 8, at % 2 === 0 ? 1.2 : 1 / 1.2]));
  const labelsOf = (svg: string) =>
    [...svg.matchAll(/<text [^>]*translate\(([\d.]+) ([\d.]+)\)"[^>]*>[+−][\d.]+ %<\/text>/g)].map(
      ([, x, y]) => [Number(x), Number(y)] as const,
    );
  const few = labelsOf(draw(observationsOf(noisy(normals(1), 88, 0.001, steps))));
  expect(few).toHaveLength(10);
  const crowded = Object.fromEntries([...Array(40).keys()].map((at) => [(at + 1) * 6, at % 2 === 0 ? 1.2 : 1 / 1.2]));
  const many = labelsOf(draw(observationsOf(noisy(normals(1), 246, 0.001, crowded))));
  expect(many.length).toBeGreaterThan(20);
  expect(many.length).toBeLessThan(40);
  expect(new Set(many.map(([, y]) => y)).size).toBe(2);
  for (const labels of [few, many])
    labels.forEach(([x, y], at) => {
      const near = labels.filter(
        ([otherX, otherY], other) => other !== at && otherY === y && Math.abs(otherX - x) < 60,
      );
      expect(near).toEqual([]);
    });
});

it('numbers notes and lists them, those at one place together', () => {
  const svg = draw(observationsOf(noisy(normals(1), 30, 0.01)), [
    note(-5, 'before all'),
    note(9.2, 'pool raised'),
    note(9.4, 'and more'),
    note(500, 'after all'),
  ]);
  expect(texts(svg)).toEqual(expect.arrayContaining(['1', '2–3', '4']));
  expect(texts(svg).filter((text) => /^\d {3}2026/.test(text ?? ''))).toEqual([
    expect.stringMatching(/^1 {3}2026-11-24 05:00 {3}before all$/),
    expect.stringMatching(/pool raised$/),
    expect.stringMatching(/and more$/),
    expect.stringMatching(/after all$/),
  ]);
});

it('lets nothing from outside become part of the drawing', () => {
  const hostile = '</text><script>alert(1)</script><text>&"\u0007';
  const svg = draw(observationsOf([1, 2, 3], { title: hostile }), [note(1, hostile), note(2, 'x'.repeat(5000))]);
  expect(svg).not.toContain('<script');
  expect(svg).not.toContain('\u0007');
  expect(texts(svg).every((text) => (text ?? '').length < 400)).toBe(true);
});

it('draws whatever there is', () => {
  for (const runs of [[], observationsOf([100]), observationsOf([null, null]), observationsOf([5, 5, null, 5])]) {
    const svg = draw(runs, [note(1, 'x')]);
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  }
});

it('draws hundreds of runs as one element for each measure', () => {
  const svg = draw(observationsOf(noisy(normals(1), 800, 0.03)));
  expect(svg.length).toBeLessThan(150_000);
});
