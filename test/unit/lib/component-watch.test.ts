import type { Scrape } from '../../../lib/scrape';

const written: { metric: string; value: number; tags: Record<string, string> }[] = [];
class Metric {
  constructor(readonly metric: string) {}
  // As k6's own: it knows its metric by itself.
  readonly add = (value: number, tags: Record<string, string>): void => {
    written.push({ metric: this.metric, value, tags });
  };
}
// What k6 has built in; nothing of that name can be installed.
jest.mock('k6/metrics', () => ({ Counter: Metric, Gauge: Metric, Rate: Metric, Trend: Metric }), { virtual: true });

/** As `lib/` says; types of k6's own modules do not resolve under Node. */
interface CounterWatch {
  observe(now: Scrape, last: Scrape | null, phase: string): void;
  giveUp(reason: string, phase: string): void;
}
const { coldWatch, l1ReadsWatch } =
  jest.requireActual<Record<'coldWatch' | 'l1ReadsWatch', () => CounterWatch>>('../../../lib/component-watch');

const look = (changes: Partial<Scrape>): Scrape => ({
  atMs: 0,
  hits: 0,
  misses: 0,
  rssBytes: null,
  cpuS: null,
  startTimeS: 1,
  l1Reads: null,
  ...changes,
});
const reads = (fast: number, slow: number): Partial<Scrape> => ({
  l1Reads: [
    { leS: 0.001, count: fast },
    { leS: 0.1, count: fast + slow },
    { leS: Number.POSITIVE_INFINITY, count: fast + slow },
  ],
});

/** Shows a watch one look after the other, all of one process. */
function show(watch: CounterWatch, ...looks: readonly Partial<Scrape>[]): void {
  let last: Scrape | null = look({});
  for (const changes of looks) {
    const now = look(changes);
    watch.observe(now, last, 'steady');
    last = now;
  }
}

const of = (metric: string) => written.filter((sample) => sample.metric === metric);

beforeEach(() => {
  written.length = 0;
});

describe('the reads of L1', () => {
  test('are those since the steady phase’s first look, counted by the guard', () => {
    show(l1ReadsWatch(), reads(1000, 1000), reads(1003, 1000), reads(1003, 1001));
    expect(of('fiml_l1_get_duration').map(({ value }) => value)).toEqual([1 / 6, 0.5, 5 / 6, 50.5]);
    expect(of('fiml_observations').map(({ value, tags }) => [value, tags])).toEqual([
      [3, { series: 'l1', phase: 'steady' }],
      [1, { series: 'l1', phase: 'steady' }],
    ]);
    expect(of('fiml_unmeasurable')).toEqual([]);
  });

  test('begin anew with another process, and with counters that went back', () => {
    const watch = l1ReadsWatch();
    show(watch, reads(10, 0), reads(4, 0), reads(6, 0));
    watch.observe(look(reads(100, 0)), null, 'steady');
    watch.observe(look(reads(101, 0)), look(reads(100, 0)), 'steady');
    expect(of('fiml_observations').map(({ value }) => value)).toEqual([2, 1]);
  });

  test('cannot be had without the histogram or of several workers, which is said once', () => {
    show(l1ReadsWatch(), {}, {});
    const behindSeveral = l1ReadsWatch();
    behindSeveral.giveUp('several workers behind one address', 'warmup');
    show(behindSeveral, reads(10, 0), reads(20, 0));
    expect(of('fiml_unmeasurable').map(({ tags }) => [tags.series, tags.reason])).toEqual([
      ['component-l1', 'no histogram of its cache reads'],
      ['component-l1', 'several workers behind one address'],
    ]);
    expect(of('fiml_l1_get_duration')).toEqual([]);
  });
});

describe('what should be cold', () => {
  const said = () => of('fiml_unmeasurable').map(({ tags }) => tags.series);

  test('is, while next to nothing is found in the cache', () => {
    show(coldWatch(), { hits: 500, misses: 9 }, { hits: 500, misses: 70 }, { hits: 501, misses: 73 });
    show(coldWatch(), { hits: 0, misses: 0 }, { hits: 2, misses: 200 });
    // A single one may be anybody's.
    show(coldWatch(), { hits: 0, misses: 0 }, { hits: 1, misses: 4 });
    expect(said()).toEqual([]);
  });

  test('is not when symbols are found there: said once, against the provider', () => {
    show(coldWatch(), { hits: 500, misses: 9 }, { hits: 504, misses: 60 }, { hits: 520, misses: 70 });
    expect(said()).toEqual(['component-provider']);
  });

  test('cannot be told from the counters of another process', () => {
    const watch = coldWatch();
    watch.observe(look({ hits: 5, misses: 5 }), null, 'steady');
    watch.observe(look({ hits: 900, misses: 5 }), null, 'steady');
    watch.observe(look({ hits: null, misses: null }), null, 'steady');
    expect(said()).toEqual([]);
  });
});
