import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import type { Evidence } from '../../../scripts/result/evidence';
import type { Target } from '../../../thresholds';
import { COLD, evidence, evidenceOf, failing, given, healthy, times, withRun } from '../../support/evidence';
import { chaptersOf, rowsOf, tablesIn } from './markdown-reader';

const markdownOf = (measured: Evidence): string => render(measured, judge(measured)).markdown;
const consoleOf = (measured: Evidence, colors = false): string => render(measured, judge(measured)).console(colors);
const chapterOf = (measured: Evidence, title: string): string => given(chaptersOf(markdownOf(measured)).get(title));

const good = evidence();
/** Cached queries are slow, cold ones fail in two layers, probes do not all succeed. */
const bad = evidenceOf([
  ...healthy({ hotMs: times(700, 250), probes: [...times(650, true), ...times(10, false)] }),
  ...failing({ count: 30, tags: COLD, layer: 'data', reason: 'no data', status: '200', ms: 300 }),
  ...failing({ count: 10, tags: COLD, layer: 'http', reason: 'status 503', status: '503', ms: 5 }),
]);

describe('the report', () => {
  test('has the guide’s chapters in the guide’s order, then the measurement’s own', () => {
    for (const measured of [good, bad]) {
      expect([...chaptersOf(markdownOf(measured)).keys()]).toEqual([
        'Executive summary',
        'Targets',
        'Cache performance',
        'Operations',
        'Slowest operations',
        'Errors by layer',
        'Bottlenecks',
        'Recommendations',
        'Next steps',
        'Measurement',
        'Identity',
        'How to reproduce',
      ]);
    }
  });

  test('begins with the verdict, the run and its target', () => {
    expect(markdownOf(good)).toMatch(
      /^# Performance report: PASS\n\nload, profile smoke, 1m 6s on http:\/\/fiml\.test:8000, FIML 0\.4\.1 \(test\)\n/,
    );
  });

  test('sums up a good run in one sentence and a bad one by its reasons', () => {
    expect(chapterOf(good, 'Executive summary')).toBe(
      '**PASS**: all 11 required targets hold.\n\n2490 requests in the steady phase, 41.5 a second, 0 failed, 0 iterations dropped.',
    );
    const summary = chapterOf(bad, 'Executive summary');
    expect(summary).toMatch(/^\*\*FAIL\*\*: 3 of 11 required targets missed, 2 cannot be judged\.\n/);
    expect(summary).toContain('- P95 latency, cached queries: 250 ms, must be below 200 ms\n');
    expect(summary).toContain('40 failures by layer: data 30 (75 %), http 10 (25 %)');
    expect(summary).toMatch(/2520 requests in the steady phase, 42\.0 a second, 40 failed/);
  });

  test('counts a single required target without pretending there were many', () => {
    expect(chapterOf(evidence({}, 'p95-cached'), 'Executive summary')).toContain('the only required target holds.');
    expect(chapterOf(evidence({ hotMs: [300] }, 'p95-cached'), 'Executive summary')).toContain(
      '1 of 1 required target missed',
    );
  });

  test('sums up what is neither good nor bad', () => {
    const summary = (measured: Evidence) => chapterOf(measured, 'Executive summary').split('\n')[0];
    const noNarrative = evidenceOf(healthy().filter(({ metric }) => metric !== 'fiml_narrative_duration'));
    expect(summary(noNarrative)).toBe(
      '**WARN**: all 11 required targets hold, an optional one does not or cannot be judged.',
    );
    expect(summary(evidence({ coldMs: times(5, 10) }))).toBe('**INVALID**: 1 of 11 required targets cannot be judged.');
    expect(summary(withRun(good, () => ({ targets: [] })))).toBe(
      '**INVALID**: nothing was required, so nothing was proven.',
    );
  });

  test('has each target’s limit beside its value, with bound, margin and samples', () => {
    const rows = rowsOf(chapterOf(good, 'Targets'));
    expect(rows.size).toBe(12);
    expect(rows.get('Cache hit rate')).toEqual(['PASS', '90.00 %', 'above 80 %', '88.33 %', '+12 %', '1000 (14)']);
    expect(rows.get('Uptime')).toEqual(['PASS', '100.00 %', 'above 99.5 %', '99.59 %', '+1 %', '660 (598)']);
    expect(rowsOf(chapterOf(bad, 'Targets')).get('P95 latency, cached queries')).toEqual([
      'FAIL',
      '250 ms',
      'below 200 ms',
      '250 ms',
      '−25 %',
      '700 (59)',
    ]);
  });

  test('says beside a target why its verdict is not the comparison', () => {
    expect(
      rowsOf(chapterOf(evidence({ coldMs: times(5, 10) }), 'Targets')).get('P95 latency, cold fetch from a provider'),
    ).toEqual([
      'INVALID: too few samples: 5, and below 2000 ms takes 59',
      '10.0 ms',
      'below 2000 ms',
      '–',
      '–',
      '5 (59)',
    ]);
  });

  test('has P50, P95, P99, throughput and failures of every operation, the slowest first', () => {
    const text = chapterOf(bad, 'Operations');
    expect(given(tablesIn(text)[0])[0]).toEqual(['Operation', 'Requests', 'Per second', 'P50', 'P95', 'P99', 'Failed']);
    const rows = rowsOf(text);
    expect([...rows.keys()].slice(0, 2)).toEqual(['search-standard · analysis', 'dsl-sync · dsl']);
    expect(rows.get('search-quick · price · hot')).toEqual(['700', '11.7', '250 ms', '250 ms', '250 ms', '0']);
    expect(rows.get('search-quick · price · cold')?.slice(0, 2)).toEqual(['200', '3.3']);
    expect(rows.get('search-quick · price · cold')?.at(-1)).toBe('40 (20.0 %)');
  });

  test('has each percentile in its column', () => {
    const spread = evidence({ hotMs: [...times(500, 10), ...times(180, 50), ...times(20, 150)] });
    const [, , ...percentiles] = given(rowsOf(chapterOf(spread, 'Operations')).get('search-quick · price · hot'));
    expect(percentiles.map(Number.parseFloat).map(Math.round)).toEqual([10, 50, 150, 0]);
  });

  test('takes no time of what was never answered', () => {
    const silent = evidenceOf([...healthy({ hotMs: [] }), ...failing({ count: 10 })]);
    expect(rowsOf(chapterOf(silent, 'Operations')).get('search-quick · price · hot')).toEqual([
      '10',
      '0.2',
      '–',
      '–',
      '–',
      '10 (100.0 %)',
    ]);
  });

  test('names the five slowest, with the share above the guide’s second', () => {
    const slow = evidence({ analysisMs: [...times(120, 800), ...times(40, 1500)] });
    const rows = rowsOf(chapterOf(slow, 'Slowest operations'));
    expect(rows.size).toBe(5);
    expect(rows.get('search-standard · analysis')).toEqual([expect.stringMatching(/^1(49|50)\d ms$/), '25.00 %']);
    expect(rows.get('search-quick · price · hot')?.[1]).toBe('0.00 %');
  });

  test('divides by the length of the phase, not of k6’s run', () => {
    const rows = rowsOf(chapterOf(good, 'Operations'));
    expect(rows.get('search-quick · probe')?.slice(0, 2)).toEqual(['660', '11.0']);
    const halved = withRun(good, ({ plan }) => ({
      plan: {
        ...given(plan),
        phases: [
          { phase: 'steady', startMs: 0, endMs: 10_000 },
          { phase: 'warmup', startMs: 10_000, endMs: 30_000 },
          { phase: 'steady', startMs: 30_000, endMs: 50_000 },
        ],
      },
    }));
    expect(rowsOf(chapterOf(halved, 'Operations')).get('search-quick · probe')?.[1]).toBe('22.0');
    const unplanned = withRun(good, () => ({ plan: null }));
    expect(rowsOf(chapterOf(unplanned, 'Operations')).get('search-quick · probe')?.[1]).toBe('11.0');
  });

  test('has the cache’s hit rate, what could be reached, and latencies of hits and misses', () => {
    const text = chapterOf(good, 'Cache performance');
    expect(text).toMatch(/^Hit rate: 90\.00 % of 1000 reads; at best 92\.0 % with this traffic\.\n/);
    expect(text).toMatch(/^- search-quick · price · hot: P50 20\.\d ms, P95 23\.\d ms$/m);
    expect(text).toMatch(/^- search-quick · price · cold: P50 299 ms, P95 360 ms$/m);
  });

  test('says why there is no hit rate', () => {
    const without = (...ids: string[]) =>
      evidenceOf(healthy().filter(({ metric }) => metric !== 'fiml_cache_hit_rate')).run.targets.filter(
        ({ id }) => ids.length === 0 || ids.includes(id),
      ) as Target[];
    const plains = healthy().filter(({ metric }) => metric !== 'fiml_cache_hit_rate');
    expect(chapterOf(evidenceOf(plains), 'Cache performance')).toMatch(
      /^Hit rate: not measurable on this target\. Needs one/,
    );
    expect(chapterOf(evidenceOf(plains, without('p95-cached')), 'Cache performance')).toMatch(
      /^Hit rate: this run did not look at it\./,
    );
  });

  test('splits failures by layer, operation and reason', () => {
    expect(given(tablesIn(chapterOf(bad, 'Errors by layer'))[0])).toEqual([
      ['Layer', 'Operation', 'Reason', 'Count', 'Share'],
      ['data', 'search-quick', 'no data', '30', '75.0 %'],
      ['http', 'search-quick', 'status 503', '10', '25.0 %'],
    ]);
    expect(chapterOf(good, 'Errors by layer')).toBe('No failed request was recorded in the judged phases.');
  });

  test('shows every check with what was seen, and notes as notes', () => {
    const spoiled = withRun(evidence({ dropped: 30 }), ({ k6 }) => ({
      k6: { ...k6, thrownIterations: 2, firstThrown: 'Error: x' },
      notes: ['the disk was slow'],
    }));
    const rows = rowsOf(chapterOf(spoiled, 'Measurement'));
    expect(rows.get('no iteration threw')).toEqual(['blinding', '2 iterations threw; the first: Error: x']);
    expect(rows.get('iterations began when they were due')?.[0]).toBe('flattering');
    expect(rows.get('k6 ended by itself')).toEqual(['holds', 'exit code 0']);
    expect(rows.get('note')).toEqual(['note', 'the disk was slow']);
    const marks = [...rowsOf(chapterOf(good, 'Measurement')).values()].map(([mark]) => mark);
    expect(new Set(marks)).toEqual(new Set(['holds']));
    expect(marks).toHaveLength(judge(good).checks.length);
  });

  test('says what it was measured on', () => {
    const rows = rowsOf(chapterOf(good, 'Identity'));
    const cell = (name: string) => rows.get(name)?.[0];
    expect(cell('run')).toContain(good.run.id);
    expect(cell('target')).toBe('http://fiml.test:8000, FIML 0.4.1 (test)');
    expect(cell('suite')).toBe('0.1.0, commit 0123456789abcdef0123456789abcdef01234567');
    expect(cell('k6')).toBe('2.2.0');
    expect(cell('machine')).toBe('4 × Some Processor, 8.0 GiB, Linux 6.1');
    expect(cell('generator')).toBe('used or waited for 25 % of its CPU on average, at most 25 %');
    expect(cell('server process')).toMatch(
      /^0\.40 CPU cores, 90 MB resident at the start of the steady phase, 90 MB at the end, as it told and by their trend$/,
    );
    expect(cell('options')).toBe('PERF_TARGET=http://fiml.test:8000 (command line)');
    expect(cell('series')).toBeUndefined();
  });

  test('says that the tree had changes, that the server was the embedded one, that series were left out', () => {
    const odd = withRun(good, ({ identity, target }) => ({
      identity: { ...identity, dirty: true },
      target: { ...target, kind: 'embedded' },
      options: {},
    }));
    const overflow = { tagSets: 7, samples: 70, cap: 5000 };
    const result = given(odd.result);
    const rows = rowsOf(
      chapterOf({ ...odd, result: { ...result, source: { ...result.source, overflow } } }, 'Identity'),
    );
    expect(rows.get('suite')?.[0]).toMatch(/ with changes$/);
    expect(rows.get('target')?.[0]).toBe('the embedded server, FIML 0.4.1 (test)');
    expect(rows.get('options')?.[0]).toBe('all defaults');
    expect(rows.get('series')?.[0]).toBe(
      '70 samples in 7 further sets of tags were counted and not kept; the first 5000 were',
    );
  });
});

describe('the text at the end of a run', () => {
  const cells = (text: string, start: string) =>
    given(text.split('\n').find((line) => line.startsWith(start)))
      .trim()
      .split(/\s{2,}/);

  test('has the verdict and its reasons first', () => {
    expect(consoleOf(good).split('\n').slice(0, 3)).toEqual([
      '',
      'PASS  load, profile smoke, 1m 6s on http://fiml.test:8000, FIML 0.4.1 (test): all 11 required targets hold',
      '',
    ]);
    const lines = consoleOf(bad).split('\n');
    expect(lines[1]).toMatch(/^FAIL {2}.*: 3 of 11 required targets missed, 2 cannot be judged$/);
    expect(lines.slice(2, 5)).toEqual([
      '  - P95 latency, cached queries: 250 ms, must be below 200 ms',
      '  - Error rate, all five layers: 1.59 %, must be below 1 %; 40 failures by layer: data 30 (75 %), http 10 (25 %)',
      '  - Uptime: 98.48 %, must be above 99.5 %',
    ]);
  });

  test('has every target’s limit beside its value, with bound, margin and samples', () => {
    const text = consoleOf(bad);
    expect(cells(text, 'target')).toEqual([
      'target',
      'verdict',
      'value',
      'limit',
      '95 % bound',
      'margin',
      'samples (needed)',
    ]);
    expect(cells(text, 'P95 latency, cached')).toEqual([
      'P95 latency, cached queries',
      'FAIL',
      '250 ms',
      'below 200 ms',
      '250 ms',
      '−25 %',
      '700 (59)',
    ]);
    for (const { title } of bad.run.targets) expect(text).toContain(`\n${title}`);
  });

  test('has percentiles, throughput and failures of every operation, and the totals', () => {
    const text = consoleOf(bad);
    expect(cells(text, 'operation')).toEqual(['operation', 'requests', '/s', 'P50', 'P95', 'P99', 'failed']);
    expect(cells(text, 'search-quick · price · hot')).toEqual([
      'search-quick · price · hot',
      '700',
      '11.7',
      '250 ms',
      '250 ms',
      '250 ms',
      '0',
    ]);
    expect(text).toContain('\n2520 requests in the steady phase, 42.0 a second, 40 failed, 0 iterations dropped\n');
    expect(text).toContain('\ncache hit rate: 90.00 % of 1000 reads; at best 92.0 % with this traffic\n');
  });

  test('says that all checks hold only where they do', () => {
    expect(consoleOf(good)).toContain('measurement: all 13 checks hold');
    expect(consoleOf(evidence({ dropped: 30 }))).not.toContain('checks hold');
    const noted = withRun(good, () => ({ notes: ['the disk was slow'] }));
    expect(consoleOf(noted)).toContain('measurement: all 13 checks hold\nnote: the disk was slow\n');
  });

  test('names a bottleneck with its figures', () => {
    expect(consoleOf(evidence({ hits: 700, misses: 300 }))).toMatch(/^bottleneck: The cache: 70\.00 % of 1000 reads/m);
    expect(consoleOf(good)).not.toContain('bottleneck');
  });

  test('cuts long names in their middle, between characters', () => {
    const name = `search-${'🚀'.repeat(80)}-quick`;
    const text = consoleOf(evidenceOf([...healthy(), ...failing({ count: 1, tags: { name, op: 'price' } })]));
    const line = given(text.split('\n').find((one) => one.startsWith('search-🚀')));
    expect(line).toMatch(/^search-🚀+…🚀+-quick · price /u);
    expect(line).not.toMatch(/\p{Cs}/u);
    expect([...given(line.split('  ')[0])]).toHaveLength(48);
  });

  test('is plain where colours are not wanted, and says the same where they are', () => {
    const esc = '\u001b';
    expect(consoleOf(bad)).not.toContain(esc);
    const colored = consoleOf(bad, true);
    expect(colored).toContain(`${esc}[31mFAIL${esc}[39m`);
    expect(colored).toContain(`${esc}[32mPASS${esc}[39m`);
    expect(colored.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '')).toBe(consoleOf(bad));
  });

  test('without a single request says so', () => {
    const nothing = { ...evidenceOf([]), result: null, resultProblem: 'k6 wrote no samples.json.gz' };
    const text = consoleOf(nothing);
    expect(text).toContain('no operations');
    expect(text).toContain('0 requests in the steady phase, 0 failed');
    expect(chapterOf(nothing, 'Operations')).toBe('No request of the judged phases was recorded.');
    expect(chapterOf(nothing, 'Slowest operations')).toBe('No request of the judged phases was recorded.');
  });
});
