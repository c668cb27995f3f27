import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseConfig } from '../../../config';
import { ingestRun } from '../../../scripts/ingest/run';
import { judge } from '../../../scripts/judge';
import { segmentOf } from '../../../scripts/judge/segments';
import { mergeSegments } from '../../../scripts/merge';
import { findSegments } from '../../../scripts/merge/find';
import { performMerge } from '../../../scripts/merge/perform';
import { observe } from '../../../scripts/observe';
import { reproduction } from '../../../scripts/report/reproduction';
import { readEvidence } from '../../../scripts/result/evidence';
import { writeJsonAtomically } from '../../../scripts/result/files';
import { outputOf } from '../../../scripts/result/json-output';
import { runSchema } from '../../../scripts/result/run';
import { summarySchema } from '../../../scripts/result/summary';
import type { Check, Verdict } from '../../../scripts/result/verdict';
import { temporaryFolder } from '../../support/cli';
import { type Left, partOf, writeDivided } from '../../support/divided';
import { evidence, given, healthy, type Plain, withResult } from '../../support/evidence';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder('divided');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PARTS = 4;
/** Made once: most of a test's time would go into it. */
const PARTS_OF_HEALTHY = Array.from({ length: PARTS }, (_, at) => partOf(healthy(), at, PARTS));

const merged = (folders: readonly string[]) => mergeSegments(findSegments(folders), []);

async function judged(left: readonly Left[], segments = PARTS): Promise<Verdict> {
  writeDivided(folder, left, segments);
  return judge(await merged([folder]));
}

const checkOf = ({ checks }: Verdict, id: string): Check => given(checks.find((check) => check.id === id));
const flawsOf = ({ checks }: Verdict): string[] => checks.filter(({ ok }) => !ok).map(({ id }) => id);

/** The healthy parts with one of them changed. */
const withPart = (at: number, change: (part: Left) => Partial<Left>): Left[] =>
  PARTS_OF_HEALTHY.map((part, i) => (i === at ? { ...part, ...change(part) } : part));

const moved = (plains: readonly Plain[], byMs: number, which: (plain: Plain) => boolean = () => true): Plain[] =>
  plains.map((one) =>
    which(one) ? { ...one, points: one.points.map(([atMs, value]) => [atMs + byMs, value] as const) } : one,
  );
const valued = (plains: readonly Plain[], metric: string, value: number): Plain[] =>
  plains.map((one) =>
    one.metric === metric ? { ...one, points: one.points.map(([atMs]) => [atMs, value] as const) } : one,
  );

test('the parts of a healthy run are judged as the whole is', async () => {
  writeDivided(folder, PARTS_OF_HEALTHY);
  const found = await merged([folder]);
  runSchema.parse(found.run);
  summarySchema.parse(found.summary);
  const verdict = judge(found);
  const whole = judge(evidence());
  expect([verdict.verdict, verdict.reasons]).toEqual(['PASS', []]);
  const figures = ({ targets }: Verdict) =>
    targets.map(({ id, verdict: word, samples, value }) => [id, word, samples, value?.toFixed(9)]);
  expect(figures(verdict)).toEqual(figures(whole));
  expect(observe(found, verdict).fingerprint).toMatchObject({ segments: '4' });
});

test('what is missing of a merged run is made by merging again', async () => {
  writeDivided(folder, PARTS_OF_HEALTHY);
  const { run } = await merged([folder]);
  const path = join(folder, 'merged');
  mkdirSync(path);
  writeJsonAtomically(join(path, 'run.json'), run);
  expect(readEvidence(path).resultProblem).toContain('fiml-perf merge makes it');
  expect((await ingestRun(path, run)).resultProblem).toContain('fiml-perf merge reads them');
  expect(reproduction(run)).toContain('# on one machine; this load was shared by 4 k6');
});

test('tags of the operator and of feature flags split no series', async () => {
  const tagged = PARTS_OF_HEALTHY.map((part, at) => ({
    ...part,
    plains: part.plains.map((one) => ({
      ...one,
      tags: { ...one.tags, instance_id: String(at), testrun_name: 'x', 'k6_feature_merge-run-tags': 'true' },
    })),
  }));
  writeDivided(folder, PARTS_OF_HEALTHY);
  writeDivided(join(folder, 'tagged'), tagged);
  const series = async (path: string) =>
    given((await merged([path])).result).series.map(({ metric, tags }) => ({ metric, tags }));
  const plain = await series(join(folder, 'tagged'));
  rmSync(join(folder, 'tagged'), { recursive: true });
  expect(plain).toEqual(await series(folder));
});

test.each<[string, readonly Left[], RegExp]>([
  ['missing', PARTS_OF_HEALTHY.filter((_, at) => at !== 2), /nothing is left of segment 1\/2:3\/4, number 3 of 4/],
  [
    'there twice',
    withPart(2, () => ({ ...given(PARTS_OF_HEALTHY[1]), name: 'pod-3' })),
    /pod-2 and pod-3 are the same segment, 1\/4:1\/2; nothing is left of segment 1\/2:3\/4/,
  ],
  [
    'of another division',
    withPart(0, ({ plains }) => ({
      plains: plains.map((one) => (one.metric === 'fiml_segment' ? { ...one, tags: { segment: '0:1/3' } } : one)),
    })),
    /pod-1 is segment 0:1\/3, which is none of 4/,
  ],
  [
    'of another load',
    withPart(1, ({ plains }) => ({
      plains: plains.map((one) =>
        one.metric === 'fiml_segment'
          ? { ...one, tags: { ...one.tags, PERF_SEED: '7', PERF_TARGET: 'http://other:1', PERF_RATE: '9' } }
          : one,
      ),
    })),
    /pod-2: it is of another load: PERF_TARGET was http:..other:1 instead of http:..fiml.test:8000, PERF_RATE was 9 instead of not set, PERF_SEED was 7 instead of 1/,
  ],
  [
    'cut off',
    withPart(1, () => ({ onDisk: (samples) => samples.subarray(0, -40) })),
    /pod-2: the file of samples is cut off/,
  ],
  ['without samples', withPart(1, () => ({ onDisk: () => Buffer.alloc(0) })), /pod-2: pod-2\/samples.json.gz is empty/],
  ['without end-of-test data', withPart(3, () => ({ summary: null })), /pod-4: k6 wrote no end-of-test data/],
  [
    'not what its k6 counted',
    withPart(3, ({ plains }) => ({
      plains: plains.map((one) => (one.metric === 'http_reqs' ? { ...one, points: one.points.slice(1) } : one)),
    })),
    /pod-4: http_reqs: sum \d+ here, \d+ in k6/,
  ],
  [
    'stopped early',
    withPart(0, ({ summary }) => ({ summary: { ...given(summary), state: { testRunDurationMs: 30_000 } } })),
    /pod-1: its load ended after 35.0 s of 66.0 s/,
  ],
  [
    'without the end of its set-up',
    withPart(0, ({ plains, summary }) => {
      const left = plains.filter(({ metric }) => metric === 'http_reqs');
      const { metrics, state } = given(summary);
      return { plains: left, summary: { state, metrics: { http_reqs: given(metrics.http_reqs) } } };
    }),
    /pod-1: it sent nothing: its set-up did not come to an end/,
  ],
  [
    'of a k6 without a segment',
    withPart(0, ({ plains }) => ({ plains: plains.filter(({ metric }) => metric !== 'fiml_segment') })),
    /pod-1: it does not say which segment it is: k6 ran without --execution-segment/,
  ],
  [
    'of none, beside all that are to be',
    [
      ...PARTS_OF_HEALTHY,
      ...withPart(0, ({ plains }) => ({
        name: 'pod-5',
        plains: plains.map((one) =>
          one.metric === 'fiml_segment' ? { ...one, tags: { ...one.tags, segment: '' } } : one,
        ),
      })).slice(0, 1),
    ],
    /pod-5: it does not say which segment it is/,
  ],
])('a segment that is %s is INVALID by name', async (_, left, flaw) => {
  const verdict = await judged(left);
  expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  expect(checkOf(verdict, 'segments')).toMatchObject({ ok: false, detail: expect.stringMatching(flaw) });
});

describe('segments that a former load left', () => {
  const movedBack = (byMs: number, clockAheadMs: number): Left[] =>
    PARTS_OF_HEALTHY.map((part) => ({
      ...part,
      plains: valued(moved(part.plains, -byMs), 'fiml_segment_clock_offset_ms', clockAheadMs),
    }));

  test('are INVALID, though they are whole and began together', async () => {
    const verdict = await judged(movedBack(3_601_000, 2));
    expect(verdict.verdict).toBe('INVALID');
    expect(checkOf(verdict, 'segments').detail).toContain(
      'pod-4: it is left of a former load: it began 1h before segments.json was written',
    );
  });

  test('are not told by a clock that is behind', async () => {
    expect(checkOf(await judged(movedBack(3_601_000, 3_601_000)), 'segments')).toMatchObject({ ok: true });
  });
});

describe('samples in CSV', () => {
  /** As k6 writes them, in units of so many milliseconds. */
  const csv = (unitMs: number) => (samples: Buffer) => {
    const rows = gunzipSync(samples)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'Point')
      .map(({ metric, data: { time, value, tags } }) => {
        const pairs = Object.entries(tags).map(([name, text]) => `${name}=${text}`);
        return `${metric},${Math.floor(Date.parse(time) / unitMs)},${value},"${pairs.join('&')}"\n`;
      });
    return Buffer.from(`metric_name,timestamp,metric_value,extra_tags\n${rows.join('')}`);
  };
  /** Loads begin at no whole second. */
  const written = (unitMs: number) =>
    judged(PARTS_OF_HEALTHY.map((part) => ({ ...part, plains: moved(part.plains, 7), onDisk: csv(unitMs) })));

  test('of microseconds are as good as JSON', async () => {
    expect(await written(0.001)).toMatchObject({ verdict: 'PASS' });
  });

  test('of whole seconds do not tell whether all began together', async () => {
    const verdict = await written(1000);
    expect(verdict.verdict).toBe('INVALID');
    expect(checkOf(verdict, 'segments').detail).toContain('pod-1: its samples tell whole seconds');
  });
});

test('a folder in which a k6 left nothing is a segment that is missing', async () => {
  writeDivided(
    folder,
    withPart(1, () => ({})).filter(({ name }) => name !== 'pod-2'),
    PARTS,
  );
  mkdirSync(join(folder, 'pod-2'));
  mkdirSync(join(folder, 'lost+found'));
  const { detail } = checkOf(judge(await merged([folder])), 'segments');
  expect(detail).toBe('pod-2: it left no samples; nothing is left of segment 1/4:1/2, number 2 of 4');
});

describe('a segment that began later', () => {
  const began = (byMs: number) =>
    withPart(2, ({ plains }) => ({ plains: moved(plains, byMs, ({ metric }) => metric !== 'iterations') }));

  test('than is allowed is INVALID by name', async () => {
    const verdict = await judged(began(1200));
    expect(verdict.verdict).toBe('INVALID');
    expect(checkOf(verdict, 'segments-start').detail).toBe(
      "pod-3 began 1.20 s after pod-1 by the server's clock, and 1.00 s are allowed",
    );
  });

  test('within what is allowed is not', async () => {
    expect(await judged(began(900))).toMatchObject({ verdict: 'PASS' });
  });

  test('by its own clock only, which is as far ahead, is not', async () => {
    const left = withPart(2, ({ plains }) => ({
      plains: valued(moved(plains, 900_000), 'fiml_segment_clock_offset_ms', 2 - 900_000),
    }));
    const verdict = await judged(left);
    expect(checkOf(verdict, 'segments-start')).toMatchObject({
      ok: true,
      detail: "within 0.00 s by the server's clock",
    });
  });

  test('is held against the clocks of the machines where the server tells no time', async () => {
    const left = began(3000).map((part) => ({
      ...part,
      plains: part.plains.filter(({ metric }) => !metric.startsWith('fiml_segment_clock')),
    }));
    const verdict = await judged(left.map((part) => ({ ...part, summary: partSummary(part) })));
    expect(checkOf(verdict, 'segments-start').detail).toContain('3.00 s after pod-1 by their own clocks');
    expect(checkOf(verdict, 'segments-clocks')).toMatchObject({ unchecked: true });
  });

  const partSummary = ({ summary }: Left) => {
    const { metrics, state } = given(summary);
    const kept = Object.entries(metrics).filter(([metric]) => !metric.startsWith('fiml_segment_clock'));
    return { state, metrics: Object.fromEntries(kept) };
  };
});

describe('clocks that differ by more than a time bucket', () => {
  const apart = withPart(1, ({ plains }) => ({
    plains: valued(moved(plains, 4000), 'fiml_segment_clock_offset_ms', 2 - 4000),
  }));

  test('are told, and spoil no target of the whole', async () => {
    const verdict = await judged(apart);
    expect(verdict.verdict).toBe('PASS');
    expect(flawsOf(verdict)).toEqual(['segments-clocks']);
    expect(checkOf(verdict, 'segments-clocks').detail).toMatch(
      /^pod-2 and pod-4 are 4000.0 ms apart, give or take 2.0 ms/,
    );
  });

  test('spoil what is said of one moment and another', async () => {
    const run = writeDivided(folder, apart);
    const found = await merged([folder]);
    const drift = { ...given(run.targets[0]), id: 'p95-drift', statistic: 'p95-drift' as const, limit: 9 };
    const row = (measured: typeof found) =>
      given(judge({ ...measured, run: { ...measured.run, targets: [drift] } }).targets[0]);
    expect(row(found)).toMatchObject({ verdict: 'INVALID', reason: expect.stringContaining('4000.0 ms apart') });
    const bucketsAreLong = withResult(found, () => ({ bucketMs: 10_000 }));
    expect(row(bucketsAreLong as typeof found).reason).not.toContain('apart');
  });
});

describe('iterations that threw', () => {
  const THROWN = 'time="x" level=error msg="TypeError: no my-secret" scenario=traffic source=stacktrace\n';

  test('are counted over all logs, without secrets', async () => {
    writeDivided(
      folder,
      withPart(1, () => ({ log: THROWN + THROWN })),
    );
    const { run } = await mergeSegments(findSegments([folder]), ['my-secret']);
    expect(run.k6).toMatchObject({ thrownIterations: 2, firstThrown: 'TypeError: no ***' });
  });

  test.each<[string, string | null, string]>([
    ['is missing', null, 'there is no such file'],
    ['is of messages alone', 'TypeError: x\n\tat traffic (load.ts:70)\n', 'it is in a form that does not tell'],
  ])('may be there where a log %s: INVALID by name', async (_, log, why) => {
    const verdict = await judged(withPart(1, () => ({ log })));
    expect(verdict.verdict).toBe('INVALID');
    expect(checkOf(verdict, 'segments').detail).toContain(
      `pod-2: its k6.log does not say whether iterations threw: ${why}`,
    );
  });
});

test('a segment whose virtual users were all busy is found, though the others had some to spare', async () => {
  const verdict = await judged(withPart(2, ({ plains }) => ({ plains: valued(plains, 'vus', 30) })));
  expect(verdict.verdict).toBe('INVALID');
  expect(checkOf(verdict, 'vu-ceiling').detail).toMatch(/^all 30 of segment 1\/2:3\/4 were busy at once/);
});

test('a server that died before the end did not outlive the load', async () => {
  const died = (plains: readonly Plain[]): Plain[] => {
    const one = given(plains.find(({ metric, tags }) => metric === 'http_reqs' && tags.op === 'probe'));
    return [...plains, { ...one, tags: { ...one.tags, status: '0' }, points: [[LATE_MS, 1]] }];
  };
  const LATE_MS = Date.parse('2026-11-24T10:01:30Z');
  const verdict = await judged(PARTS_OF_HEALTHY.map((part) => ({ ...part, plains: died(part.plains) })));
  expect(checkOf(verdict, 'survival')).toMatchObject({ ok: false });
});

describe('folders', () => {
  test('may come from several machines, and be named one by one', async () => {
    writeDivided(folder, PARTS_OF_HEALTHY.slice(0, 2), PARTS);
    const other = join(folder, '.other');
    writeDivided(other, PARTS_OF_HEALTHY.slice(2), PARTS);
    const { run } = await merged([folder, join(other, 'pod-3'), join(other, 'pod-4')]);
    expect(given(run.segments).parts.map(({ name }) => name)).toEqual(['pod-1', 'pod-2', 'pod-3', 'pod-4']);
    expect(judge(await merged([folder, other])).verdict).toBe('PASS');
  });

  test.each<[string, () => string[], RegExp]>([
    ['that is not there', () => [join(folder, 'none')], /none: there is no such folder/],
    ['without segments.json', () => [join(folder, 'pod-1')], /there is no segments.json in/],
    ['given twice', () => [folder, join(folder, 'pod-2')], /pod-2 is given twice/],
    ['of another load', () => [folder, join(folder, '.other')], /are of two loads/],
    ['of a run', () => [folder, join(folder, '.run')], /\.run is a run, and nothing is merged into it/],
    ['of no segment', () => [join(folder, '.empty')], /nothing is left to be merged/],
  ])('one %s is an error for the user', async (_, given, message) => {
    writeDivided(folder, PARTS_OF_HEALTHY.slice(0, 2), PARTS);
    writeDivided(join(folder, '.other'), [], 3);
    writeDivided(join(folder, '.empty'), [], PARTS);
    mkdirSync(join(folder, '.run'));
    writeFileSync(join(folder, '.run', 'run.json'), '{}');
    await expect((async () => merged(given()))()).rejects.toThrow(message);
  });

  test('in which the run itself lies are merged again as they were at first', async () => {
    writeDivided(folder, PARTS_OF_HEALTHY);
    const { run, summary } = await merged([folder]);
    writeJsonAtomically(join(folder, 'run.json'), run);
    writeJsonAtomically(join(folder, 'summary.json'), summary);
    expect((await merged([folder])).run).toEqual(run);
  });

  test('of segments are no place for the run', async () => {
    writeDivided(folder, PARTS_OF_HEALTHY.slice(0, 2));
    const request = { folders: [folder], config: parseConfig({}), witness: null, failOn: [], ci: false };
    const output = outputOf(undefined, [], false);
    await expect(performMerge({ ...request, output, out: join(folder, 'pod-2') })).rejects.toThrow(
      /pod-2 is the folder of a segment/,
    );
    expect(readdirSync(join(folder, 'pod-2')).sort()).toEqual(['k6.log', 'samples.json.gz', 'summary.json']);
  });

  test('hold a description that is held to its form', async () => {
    writeFileSync(join(folder, 'segments.json'), '{"schema":"fiml-perf/segments","version":2}');
    expect(() => findSegments([folder])).toThrow(/segments.json: the description of a divided load/);
    writeDivided(folder, [], PARTS);
    const path = join(folder, 'segments.json');
    const described = JSON.parse(readFileSync(path, 'utf8'));
    for (const changed of [{ plan: null }, { segments: 1 }, { id: '../other' }]) {
      writeJsonAtomically(path, { ...described, ...changed });
      expect(() => findSegments([folder])).toThrow(
        new RegExp(`does not have the expected form:\\n {2}${Object.keys(changed)}: `),
      );
    }
  });
});

test('segments are named as k6 names them', () => {
  expect([segmentOf(0, 4), segmentOf(1, 4), segmentOf(2, 6), segmentOf(2, 3)]).toEqual([
    '0:1/4',
    '1/4:1/2',
    '1/3:1/2',
    '2/3:1',
  ]);
});
