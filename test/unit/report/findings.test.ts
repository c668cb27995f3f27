import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import { findingsOf } from '../../../scripts/report/findings';
import { reportOf } from '../../../scripts/report/model';
import type { Evidence } from '../../../scripts/result/evidence';
import {
  around,
  evidence,
  evidenceOf,
  given,
  healthy,
  type Numbers,
  targetsNamed,
  times,
  withResult,
  withRun,
} from '../../support/evidence';
import { chaptersOf } from './markdown-reader';

const reportFor = (measured: Evidence) => reportOf(measured, judge(measured));
const bottlenecksIn = (measured: Evidence) => reportFor(measured).findings.filter(({ kind }) => kind === 'bottleneck');
const namesIn = (measured: Evidence) => bottlenecksIn(measured).map(({ what }) => what);
const chapterOf = (measured: Evidence, title: string): string =>
  given(chaptersOf(render(measured, judge(measured)).markdown).get(title));

const busyGenerator = (measured: Evidence): Evidence =>
  withRun(measured, ({ generator }) => ({
    generator: { ...generator, samples: generator.samples.map((sample) => ({ ...sample, share: 0.97 })) },
  }));

const SLOW_CACHED: Partial<Numbers> = { hotMs: around(400, 700) };
const lost = (count: number): Partial<Numbers> => ({ tasks: [...times(60, true), ...times(count, false)] });

const PLANTED: readonly [what: string, measured: Evidence, figures: RegExp, says: RegExp][] = [
  ['The load generator', busyGenerator(evidence()), /60 of 60 judged seconds/, /Run k6 on a machine of its own/],
  [
    "The server's CPU",
    evidence({ ...SLOW_CACHED, serverCores: 0.97 }),
    /the server used 0\.97 cores, and a FIML/,
    /Profile the server process/,
  ],
  [
    'The cache',
    evidence({ hits: 7999, misses: 2001 }),
    /^79\.99 % of 10000 reads were hits, must be above 80 %; this traffic could have reached 92\.0 %$/,
    /Redis/,
  ],
  [
    'The provider',
    evidence({ providerOk: [...times(300, true), ...times(20, false)] }),
    /^93\.75 % of the answers that need a provider name one, must be above 99 %$/,
    /Look at the providers/,
  ],
  [
    'The provider',
    evidence({ coldMs: around(3000, 160), hotMs: around(20, 20_000) }),
    /^P95 of search-quick that must ask a provider is 3\d{3} ms, must be below 2000 ms, while cached ones take 23\.\d ms$/,
    /rate limits, time-outs, fallbacks/,
  ],
  [
    'FK-DSL execution',
    evidence({ taskMs: around(1500, 60) }),
    /^P95 time to a DSL result is 1\d{3} ms, must be below 1000 ms$/,
    /steps/,
  ],
  ['FK-DSL execution', evidence(lost(6)), /^Task completion rate is 90\.91 %, must be above 95 %$/, /tasks are lost/],
];

describe('a bottleneck is named by its figures, and no other beside it', () => {
  test.each(PLANTED)('%s', (what, measured, figures, says) => {
    const findings = bottlenecksIn(measured);
    expect(findings.map((one) => one.what)).toEqual([what]);
    expect(findings[0]?.evidence).toMatch(figures);
    expect(findings[0]?.recommendation).toMatch(says);
    expect(chapterOf(measured, 'Bottlenecks')).toMatch(new RegExp(`^- \\*\\*${what}\\*\\*: `));
  });

  test.each(PLANTED)('the recommendation that follows from %s cites the figures', (what, measured, figures) => {
    const [finding] = bottlenecksIn(measured);
    const text = chapterOf(measured, 'Recommendations');
    expect(text).toContain(`*Because: ${what}: `);
    expect(given(finding).evidence).toMatch(figures);
    expect(text).toMatch(/\d/);
    expect(text).not.toContain('None.');
  });

  test('in a clean run there is none, and nothing is recommended', () => {
    expect(reportFor(evidence()).findings).toEqual([]);
    expect(chapterOf(evidence(), 'Bottlenecks')).toBe(
      'None stands out. Sound by their figures: the load generator, the server’s CPU, the cache, the provider, FK-DSL execution.',
    );
    expect(chapterOf(evidence(), 'Recommendations')).toBe('None.');
  });
});

describe('without its figures none is named', () => {
  test('a busy server that answers in time is a well used one', () => {
    expect(namesIn(evidence({ serverCores: 0.99 }))).toEqual([]);
    expect(namesIn(evidence({ serverCores: 0.99, dropped: 30 }))).toEqual(["The server's CPU"]);
  });

  test('a slow server with time to spare, or of which nothing is known, is not short of CPU', () => {
    expect(namesIn(evidence({ ...SLOW_CACHED, serverCores: 0.89 }))).toEqual([]);
    expect(namesIn(evidence({ ...SLOW_CACHED, serverCores: 0.91 }))).toEqual(["The server's CPU"]);
    const plains = healthy(SLOW_CACHED).filter(({ metric }) => metric !== 'fiml_server_cpu_share');
    expect(namesIn(evidenceOf(plains))).toEqual([]);
  });

  test('a hit rate that cannot be read accuses no cache', () => {
    const plains = healthy({ hits: 10, misses: 90 }).filter(({ metric }) => metric !== 'fiml_cache_hit_rate');
    expect(namesIn(evidenceOf(plains))).toEqual([]);
  });

  test('cold queries that are as slow as cached ones accuse no provider', () => {
    expect(namesIn(evidence({ ...SLOW_CACHED, coldMs: around(3000, 160) }))).not.toContain('The provider');
    expect(namesIn(evidence({ coldMs: around(3000, 160) }, 'p95-cold'))).toEqual([]);
  });

  test('DSL queries that are as slow as all the rest accuse no DSL', () => {
    expect(namesIn(evidence({ ...SLOW_CACHED, taskMs: around(1500, 60) }))).not.toContain('FK-DSL execution');
    expect(namesIn(evidence({ taskMs: around(1500, 60) }, 'p95-dsl'))).toEqual([]);
  });

  test('a run that says nothing about the server accuses none of its parts', () => {
    const everything = {
      ...SLOW_CACHED,
      hits: 10,
      misses: 90,
      serverCores: 0.99,
      ...lost(30),
      taskMs: around(3000, 60),
    };
    expect(namesIn(evidence(everything)).length).toBeGreaterThan(1);
    expect(reportFor(busyGenerator(evidence(everything))).findings.map(({ what }) => what)).toEqual([
      'The load generator',
    ]);
    const cut = withResult(evidence(everything), ({ source }) => ({ source: { ...source, truncated: true } }));
    expect(reportFor(cut).findings).toEqual([]);
    expect(chapterOf(cut, 'Bottlenecks')).toBe('None is named: this run says nothing about the server.');
    expect(chapterOf(cut, 'Recommendations')).toBe('None.');
  });
});

describe('a miss that no bottleneck explains', () => {
  test('is said as such, with its figures and where to look', () => {
    const slow = evidence(SLOW_CACHED, 'p95-cached');
    expect(chapterOf(slow, 'Bottlenecks')).toBe(
      'None stands out. Sound by their figures: the load generator, the server’s CPU, the cache. ' +
        'Not measured in this run: the provider, FK-DSL execution.',
    );
    expect(chapterOf(slow, 'Recommendations')).toBe(
      '- Look at what these requests share, since the server used only 0.40 cores: network, proxy, a blocked event loop; ' +
        'fiml-perf run targets measures them apart. *Because: P95 latency, cached queries: 480 ms, must be below 200 ms.*',
    );
  });

  test('of a share sends to the failures', () => {
    const down = evidence({ probes: [...times(600, true), ...times(60, false)] });
    expect(chapterOf(down, 'Recommendations')).toBe(
      '- Read the failures by layer (chapter Errors by layer), and the server’s log for the same minutes. *Because: Uptime: 90.91 %, must be above 99.5 %.*',
    );
  });

  test('is not said twice when a bottleneck explains it', () => {
    const whats = (measured: Evidence) => reportFor(measured).findings.map(({ what }) => what);
    expect(whats(evidence({ hits: 10, misses: 90 }))).toEqual(['The cache']);
    expect(whats(evidence({ hits: 10, misses: 90, probes: times(660, false) }))).toEqual(['The cache', 'Uptime']);
    expect(whats(evidence({ ...SLOW_CACHED, serverCores: 0.97 }))).toEqual(["The server's CPU"]);
  });
});

test('every finding cites a number', () => {
  for (const [, measured] of PLANTED) {
    for (const { evidence: figures } of reportFor(measured).findings) expect(figures).toMatch(/\d/);
  }
});

test('findings need nothing but the verdict when there are no figures', () => {
  const verdict = judge({ ...evidence(), result: null });
  const { operations, cache, server, breakpoint, run } = reportFor({ ...evidence(), result: null });
  expect(findingsOf({ verdict, operations, cache, server, breakpoint, run })).toEqual([]);
});

describe('the next steps', () => {
  const stepsOf = (measured: Evidence) => reportFor(measured).nextSteps;

  test('of a pass under the first profile are the guide’s load, of any other none', () => {
    expect(stepsOf(evidence())).toEqual([expect.stringContaining('npx fiml-perf run load --profile load')]);
    const load = withRun(evidence(), () => ({ profile: 'load' }));
    expect(stepsOf(load)).toEqual([]);
    expect(chapterOf(load, 'Next steps')).toBe('None.');
  });

  test('of a miss measure on their own what can be, and repeat', () => {
    const missed = evidence({ ...SLOW_CACHED, hits: 10, misses: 90, taskMs: around(3000, 60) });
    expect(stepsOf(missed)).toEqual([
      'Measure what was missed on its own: npx fiml-perf run targets --only p95-cached,cache-hit-rate --target http://fiml.test:8000',
      expect.stringMatching(/^Change one thing at a time, and run the same command after each change/),
    ]);
    const already = withRun(missed, () => ({ scenario: 'targets' }));
    expect(stepsOf(already)).toEqual([expect.stringMatching(/^Change one thing at a time/)]);
  });

  test('of too few samples say how much longer it takes', () => {
    expect(stepsOf(evidence({ coldMs: times(20, 10), probes: times(299, true) }))).toEqual([
      'Give every target its samples: a steady phase (PERF_DURATION) or a rate (PERF_RATE) at least 3 times what it was.',
    ]);
  });

  test('of what was not measured at all do not ask for more of it', () => {
    expect(stepsOf(evidence({ coldMs: [] }))).toEqual([]);
    expect(stepsOf({ ...evidence(), result: null, resultProblem: 'k6 wrote nothing' })).toEqual([
      'See in k6.log why samples are missing (a full disk cuts their file off), then run it again.',
    ]);
  });

  test('of a target that cannot be measured here say what it would take', () => {
    const plains = healthy().filter(({ metric }) => metric !== 'fiml_cache_hit_rate');
    expect(stepsOf(evidenceOf(plains, targetsNamed('cache-hit-rate', 'uptime')))).toEqual([
      expect.stringMatching(/^To measure "Cache hit rate": not measurable on this target\. Needs one server process/),
    ]);
  });

  test('of a spoiled measurement begin with it', () => {
    expect(stepsOf(evidence({ dropped: 40, ...SLOW_CACHED }))[0]).toMatch(
      /^Lower PERF_RATE to what the server carries out/,
    );
    expect(stepsOf(withRun(evidence({ ...SLOW_CACHED }), () => ({ notes: ['x'] })))[0]).toMatch(/^Measure what/);
  });
});
