import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import { phasesOf } from '../../../scripts/report/phases';
import type { Evidence } from '../../../scripts/result/evidence';
import { evidence, given, HOT, withRun } from '../../support/evidence';
import { every, evidenceOfMiddle, failedAt, faultSigns, quietUsers, series } from '../../support/planted-fault';
import { chaptersOf, rowsOf, tablesIn } from './markdown-reader';

const broken = evidenceOfMiddle('fault', [
  ...quietUsers('fault'),
  ...faultSigns,
  ...failedAt('fault', 'http', 23, 24, 25),
  ...failedAt('fault', 'data', 26),
  // What the suite sends of itself is no user's request.
  series('http_reqs', { ...HOT, op: 'fill', phase: 'fault', status: '200' }, ...every(0.1, 20, 35, 1)),
  series('http_req_duration', { ...HOT, op: 'fill', phase: 'fault', status: '200' }, ...every(0.1, 20, 35, 900)),
  // A poll is, but takes next to nothing.
  series('http_reqs', { name: 'task-status', op: 'poll', phase: 'fault', status: '200' }, ...every(0.1, 20, 35, 1)),
  series(
    'http_req_duration',
    { name: 'task-status', op: 'poll', phase: 'fault', status: '200' },
    ...every(0.1, 20, 35, 1),
  ),
]);
const markdownOf = (measured: Evidence): string => render(measured, judge(measured)).markdown;
const consoleOf = (measured: Evidence): string => render(measured, judge(measured)).console(false);

describe('the phases of a run', () => {
  test('stand beside each other with users’ requests and their failures by layer', () => {
    const phases = phasesOf(broken.run, given(broken.result));
    expect(phases.map(({ phase, lengthMs, requests, failed }) => [phase, lengthMs, requests, failed])).toEqual([
      ['before', 15_000, 150, 0],
      ['fault', 15_000, 304, 4],
      ['recovery', 30_000, 300, 0],
    ]);
    expect(phases[1]?.layers).toEqual([
      { layer: 'http', count: 3 },
      { layer: 'data', count: 1 },
    ]);
    expect(phases[1]?.perSecond).toBeCloseTo(304 / 15, 6);
    // Neither refills of 900 ms nor polls of 1 ms are among them.
    for (const { p50Ms, p99Ms } of phases) {
      expect(Math.abs(given(p50Ms) - 20)).toBeLessThan(0.2);
      expect(Math.abs(given(p99Ms) - 20)).toBeLessThan(0.2);
    }
  });

  test('that came before the run was cut have the length that they had, and the others none', () => {
    const cut = withRun(
      evidenceOfMiddle(
        'fault',
        quietUsers('fault').filter(({ tags }) => tags.phase !== 'recovery'),
      ),
      ({ k6 }) => ({ k6: { ...k6, endedAtMs: k6.startedAtMs + 36_000 } }),
    );
    const phases = phasesOf(cut.run, given(cut.result));
    expect(phases.map(({ lengthMs }) => Math.round(lengthMs / 1000))).toEqual([15, 15, 0]);
    expect(phases[2]).toMatchObject({ requests: 0, perSecond: null, p50Ms: null });
  });

  test('are no chapter of a run that has but one', () => {
    expect(phasesOf(evidence().run, given(evidence().result))).toEqual([]);
    const chapters = [...chaptersOf(markdownOf(evidence())).keys()];
    expect(chapters).not.toContain('Phases');
    expect(chapters).not.toContain('Time line');
    expect(markdownOf(evidence())).not.toContain('together.');
    expect(consoleOf(evidence())).not.toMatch(/^phase /m);
  });
});

describe('the report of a run with a fault', () => {
  const chapter = (title: string): string => given(chaptersOf(markdownOf(broken)).get(title));

  test('has both chapters between the targets and the cache', () => {
    expect([...chaptersOf(markdownOf(broken)).keys()].slice(1, 5)).toEqual([
      'Targets',
      'Phases',
      'Time line',
      'Cache performance',
    ]);
  });

  test('has a row a phase', () => {
    expect(given(tablesIn(chapter('Phases'))[0])[0]).toEqual([
      'Phase',
      'Length',
      'Requests',
      'Per second',
      'P50',
      'P95',
      'P99',
      'Failed',
    ]);
    const row = given(rowsOf(chapter('Phases')).get('fault'));
    expect(row.slice(0, 3)).toEqual(['15 s', '304', '20.3']);
    expect(row.at(-1)).toBe('4 (1.3 %): http 3, data 1');
    expect(rowsOf(chapter('Phases')).get('before')?.at(-1)).toBe('0');
  });

  test('has the fault’s time line, its times and what was lost', () => {
    const text = chapter('Time line');
    expect(text).toMatch(/^the fault: Redis refuses connections\n/);
    const [head, ...rows] = given(tablesIn(text)[0]);
    expect(head).toEqual(['after the fault was made', 'What happened', '']);
    expect(rows.slice(0, 3)).toEqual([
      ['0.0 s', 'the fault was made', 'by Toxiproxy'],
      ['within 1.8 s', 'its sign was seen', ''],
      ['2.8 s', 'first failed answer, layer http', ''],
    ]);
    expect(text).toContain('- lost in the phase fault: 4 of 304 requests (1.3 %): http 3, data 1\n');
    expect(text).toContain('- lost in the phase recovery: 0 of 300 requests (0.0 %)');
  });

  test('says that its operations are of all phases together', () => {
    expect(chapter('Operations')).toMatch(/\n\nOver the phases before, fault and recovery together\.$/);
  });

  test('says the same on the console', () => {
    const text = consoleOf(broken);
    expect(text).toMatch(/^Over the phases before, fault and recovery together\.$/m);
    expect(text).toMatch(/^phase +length +requests +\/s +P50 +P95 +P99 +failed$/m);
    expect(text).toMatch(/^fault +15 s +304 .*4 \(1\.3 %\): http 3, data 1$/m);
    expect(text).toMatch(/^ *within 1\.8 s +its sign was seen$/m);
    expect(text).toMatch(/^lost in the phase fault: 4 of 304 requests/m);
  });
});

test('what a phase, a driver or a layer is called is shown as text, and as no more', () => {
  const hostile = 'x\u001b[31m | y\n# z';
  const events = faultSigns.map((one) =>
    'driver' in one.tags ? { ...one, tags: { ...one.tags, driver: hostile } } : one,
  );
  const measured = withRun(
    evidenceOfMiddle('fault', [...quietUsers('fault'), ...events, ...failedAt('fault', hostile, 23)]),
    ({ plan }) => ({
      plan: { ...given(plan), phases: [...given(plan).phases, { phase: hostile, startMs: 0, endMs: 1 }] },
    }),
  );
  const text = markdownOf(measured);
  expect(text).not.toContain('\u001b');
  expect([...chaptersOf(text).keys()]).toEqual([...chaptersOf(markdownOf(broken)).keys()]);
  for (const title of ['Phases', 'Time line']) {
    const [head = [], ...rows] = given(tablesIn(given(chaptersOf(text).get(title)))[0]);
    for (const row of rows) expect(row).toHaveLength(head.length);
  }
  expect(consoleOf(measured).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
